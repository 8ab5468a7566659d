"""The whole product for one benchmark: its own folder, database, broker and provider, on free ports.

Everything that was started ends when the stage is left, however it is left.
"""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2
from psycopg2 import sql

from benchmarks.provider import Provider
from devkit.environment import development_defaults
from devkit.layout import ROOT
from devkit.ports import free_port
from devkit.process import Process
from devkit.readiness import Question, answers_http, answers_on_socket, until, workers_answer
from devkit.services import USUAL_DATABASE
from devkit.stack import Valkey, make_process, product_processes

START_SECONDS = 90.0
STOP_SECONDS = 5.0
# Nothing of the caller's own settings may reach the product.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "TEST_DATABASE_URL")
SANDBOX = "python -m sandbox --port $SANDBOX_PORT"
WORKERS = ("worker-live", "worker-backfill")


class CouldNotMeasure(Exception):
    """Something did not start or did not come; the text says what."""


class Stage:
    """What one benchmark works with; nothing runs before `open` or `start_workers` asks for it."""

    def __init__(self, env: dict[str, str], var: Path, ending: ExitStack) -> None:
        self._broker = Valkey(env, var)
        self.env, self.var = env | {"REDIS_URL": self._broker.url}, var
        self.url = f"http://127.0.0.1:{env['PORT']}"
        self.provider = Provider(env["SANDBOX_URL"])
        self._ending = ending
        # Where the folder's path is too long for a socket, the broker has a short one beside it.
        ending.callback(shutil.rmtree, self._broker.socket.parent, ignore_errors=True)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def open(self) -> None:
        """Start everything as `make run` does, with an empty database and a provider without mailboxes."""
        _make_tables()
        self._start(self._broker.process)
        self._start(make_process("sandbox", SANDBOX, self.env, self.var))
        self._await(answers_on_socket(self._broker.socket), answers_http(self.provider.url))
        self.provider.control("reset", demo=False)
        for process in product_processes(self.env, self.var):
            self._start(process)
        self._await(answers_http(f"{self.url}/health/"), self._workers_are_up())

    def start_workers(self) -> None:
        """Start the workers again after `stop`."""
        for process in product_processes(self.env, self.var):
            if process.name in WORKERS:
                self._start(process)
        self._await(self._workers_are_up())

    def stop(self, *names: str) -> None:
        """End these processes as an operator would."""
        for name in names:
            _end(self._running.pop(name))

    def pid(self, name: str) -> int:
        """The number of a running process."""
        return self._running[name].pid

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float = 120.0) -> None:
        """Return once `condition` holds. Raises CouldNotMeasure."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise CouldNotMeasure(f"{what}: not within {seconds:g} s. {self._last_words()}")
            time.sleep(0.01)

    def _start(self, process: Process) -> None:
        process.log.parent.mkdir(exist_ok=True)
        tethered = [sys.executable, "-m", "devkit.tether", str(os.getpid()), *process.command]
        with process.log.open("ab") as log:
            started = subprocess.Popen(
                tethered,
                cwd=ROOT,
                env=dict(process.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running[process.name] = started
        self._ending.callback(_end, started)

    def _await(self, *questions: Question) -> None:
        async def all_answer() -> None:
            async with asyncio.timeout(START_SECONDS):
                await asyncio.gather(*(until(question) for question in questions))

        try:
            asyncio.run(all_answer())
        except TimeoutError:
            raise CouldNotMeasure(f"The product did not start. {self._last_words()}") from None

    def _workers_are_up(self) -> Question:
        return workers_answer(self.env["REDIS_URL"], {"live", "backfill"})

    def _last_words(self) -> str:
        logs = sorted((self.var / "log").glob("*.log"))
        tails = {log.stem: log.read_text(errors="replace").splitlines()[-3:] for log in logs}
        return "\n".join(f"{name}: {line}" for name, tail in tails.items() for line in tail)


@contextmanager
def on_stage(database: str) -> Iterator[Stage]:
    """A stage on "sqlite" or "postgresql"; this process becomes one of the product's, on the same database."""
    with ExitStack() as ending:
        var = Path(ending.enter_context(TemporaryDirectory(prefix="benchmark-")))
        env = _environment(var)
        if database == "postgresql":
            env["DATABASE_URL"] = ending.enter_context(own_database(os.environ.get("TEST_DATABASE_URL")))
        stage = Stage(env, var, ending)
        _become_the_product(stage.env)
        ending.callback(_close_database)
        yield stage


@contextmanager
def own_database(server: str | None) -> Iterator[str]:
    """The address of a new PostgreSQL database beside the given or the usual one; dropped afterwards."""
    base = (server or USUAL_DATABASE).rpartition("/")[0]
    name = f"bench_{os.getpid()}_{secrets.token_hex(4)}"
    try:
        _administrate(base, "CREATE DATABASE {}", name)
    except psycopg2.OperationalError as error:
        raise CouldNotMeasure(f"There is no PostgreSQL to use: {error}") from error
    try:
        yield f"{base}/{name}"
    finally:
        _administrate(base, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _administrate(base: str, statement: str, name: str) -> None:
    connection = psycopg2.connect(f"{base}/postgres", connect_timeout=3)
    try:
        connection.autocommit = True  # databases are not made within transactions
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(sql.Identifier(name)))
    finally:
        connection.close()


def _environment(var: Path) -> dict[str, str]:
    port, sandbox_port = free_port(), free_port()
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    chosen: Mapping[str, str] = inherited | {
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "SANDBOX_URL": f"http://127.0.0.1:{sandbox_port}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{var / 'db.sqlite3'}",
        "LOG_LEVEL": "WARNING",
    }
    return development_defaults(chosen, var)


def _become_the_product(env: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(env)
    import django

    django.setup()


def _make_tables() -> None:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def _close_database() -> None:
    from django.db import connections

    connections.close_all()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ask the process group to end, and end it by force when it takes too long."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
