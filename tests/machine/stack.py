"""The product's processes around one database, smaller than `make run`: the tests start, hurt and replace each."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import requests
from celery import Celery
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from devkit.environment import development_defaults
from devkit.ports import free_port
from devkit.stack import Valkey
from tests.calendarsync.stand_in import Sandbox, running_sandbox
from tests.machine.processes import Process, command_of, eventually
from tests.product import inherited_environment

# Short, so that a test of an expired lease is short; a page of these tests takes a small part of it.
LEASE_SECONDS = 2
TICK_SECONDS = 0.25
EVERY_QUEUE = "live,write-back,maintenance,backfill"


@dataclass(slots=True)
class Stack:
    """Where everything is, and how to start more of it."""

    folder: Path
    env: dict[str, str]
    sandbox: Sandbox
    broker: "Broker"
    running: list[Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the product's pages are once `start_web` was called."""
        return f"http://127.0.0.1:{self.env['PORT']}"

    def start(self, name: str, command: list[str], **variables: str) -> Process:
        """Start a command with the product's environment."""
        process = Process(name, command, self.env | variables, self.folder)
        self.running.append(process)
        return process

    def start_worker(
        self, name: str, queues: str = EVERY_QUEUE, *, app: str = "carerix_calendar", **variables: str
    ) -> Process:
        """A worker as the Procfile has it."""
        return self.start(name, worker_command(self.env, name, queues, app), **variables)

    def start_doomed(self, halt_at: str, queues: str, *, name: str = "doomed", **variables: str) -> Process:
        """A worker that halts where "module function call|return" says."""
        command = worker_command(self.env, name, queues, "tests.machine.doomed")
        return self.start(name, command, HALT_AT=halt_at, **variables)

    def start_beat(self, name: str = "beat") -> Process:
        """A schedule as the Procfile has it, but in a hurry; each has a memory of its own."""
        env = self.env | {"VAR_DIR": str(self.folder / name)}
        (self.folder / name).mkdir(exist_ok=True)
        return self.start(name, command_of("beat", env, {"-A": "tests.machine.hurried"}))

    def start_ticking_beat(self) -> None:
        """A schedule whose first tick, which has every calendar looked at, has been taken by a worker."""
        self.broker.forget("*schedule-ticks")
        self.start_beat()
        eventually(lambda: self.broker.knows("*schedule-ticks"), "the schedule ticks")

    def start_web(self) -> Process:
        """The web process of the Procfile, answering."""
        process = self.start("web", command_of("web", self.env))
        eventually(lambda: _answers(f"{self.url}/health/"), f"the web answers; see {process.log}")
        return process

    def send(self, task: str, *arguments: int, queue: str = "live") -> None:
        """Put a task on a queue, as the schedule or another process would."""
        self.broker.celery.send_task(f"calendarsync.tasks.{task}", arguments, queue=queue, retry=False)

    def tick(self) -> None:
        """What beat does every five seconds; a broker that is away gets none."""
        with suppress(OperationalError, RedisError):
            self.send("enqueue_due_lanes")

    def tick_until(self, question: Callable[[], bool], about: str) -> None:
        """Let the schedule tick, faster than in life, until the answer is true."""
        last = 0.0

        def asked() -> bool:
            nonlocal last
            if time.monotonic() - last > TICK_SECONDS:
                last = time.monotonic()
                self.tick()
            return question()

        eventually(asked, about)

    def end(self, *processes: Process) -> None:
        """Kill these."""
        for process in processes:
            process.kill()
            self.running.remove(process)


def worker_command(env: Mapping[str, str], name: str, queues: str, app: str) -> list[str]:
    """The worker of the Procfile under another name, for other queues; `app` as `celery -A` takes it."""
    return command_of("worker-live", env, {"-A": app, "-n": f"{name}@%h", "-Q": queues})


def _answers(url: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(url, timeout=2).ok
    return False


class Broker:
    """A Valkey of our own, with nothing on disk: one that comes back has forgotten everything."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        valkey = Valkey(env, folder)
        self._command = [*valkey.process.command, "--appendonly", "no"]
        self._env, self._folder, self.url = env, folder, valkey.url
        self.celery = Celery(broker=self.url.replace("unix://", "redis+socket://"), set_as_current=False)
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = Process("valkey", self._command, self._env, self._folder)
        eventually(self._answers, "the broker answers")

    def kill(self) -> None:
        """kill -9; everything in it is lost."""
        self._process.kill()

    def waiting(self, *queues: str) -> int:
        """How many messages wait on these queues, or were taken from any and not acknowledged."""
        with Redis.from_url(self.url) as client:
            return int(client.hlen("unacked")) + sum(int(client.llen(queue)) for queue in queues)

    def knows(self, keys: str) -> bool:
        """Whether anything is kept under a key of this form."""
        with Redis.from_url(self.url) as client:
            return bool(client.keys(keys))

    def forget(self, keys: str) -> None:
        """Drop what is kept under keys of this form."""
        with Redis.from_url(self.url) as client:
            client.delete("", *client.keys(keys))

    def forget_the_dead(self) -> None:
        """Drop what killed workers held, so that no later test finds it again; runs again if it does not."""
        if not self._process.runs:
            self.start()
        with Redis.from_url(self.url) as client:
            client.delete("unacked", "unacked_index", *client.keys("doomed*"))

    def _answers(self) -> bool:
        with suppress(RedisError), Redis.from_url(self.url) as client:
            return bool(client.ping())
        return False


@contextmanager
def running_stack(folder: Path, **variables: str) -> Iterator[Stack]:
    """Sandbox, broker and an empty database, which this process shares through Django; no worker yet."""
    with _own_database(folder) as database, running_sandbox() as sandbox:
        env = _environment(folder, SANDBOX_URL=sandbox.url, **database, **variables)
        broker = Broker(env, folder)
        env["REDIS_URL"] = broker.url
        stack = Stack(folder, env, sandbox, broker)
        try:
            yield stack
        finally:
            stack.end(*stack.running)
            broker.kill()


def _environment(folder: Path, **variables: str) -> dict[str, str]:
    chosen = {
        "PORT": str(free_port()),
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_ENCRYPTION_KEYS": ",".join(settings.FIELD_ENCRYPTION_KEYS),
        "SYNC_LEASE_SECONDS": str(LEASE_SECONDS),
        "HTTP_CONNECT_TIMEOUT": "1",
        "HTTP_READ_TIMEOUT": "3",
    }
    # Without push, which opens channels whenever it sees fit; a test about push gives its workers the address.
    return development_defaults(inherited_environment() | chosen | variables, folder) | {"WEBHOOK_URL": ""}


@contextmanager
def _own_database(folder: Path) -> Iterator[dict[str, str]]:
    """An empty database for processes and this process alike; yields what tells the processes where it is."""
    usual: dict[str, Any] = connection.settings_dict
    former = usual["NAME"]
    connection.close()
    with _on_postgresql() if connection.vendor == "postgresql" else _in_a_file(folder) as (name, variables):
        usual["NAME"] = name
        try:
            call_command("migrate", interactive=False, verbosity=0)
            yield variables
        finally:
            connection.close()
            usual["NAME"] = former


@contextmanager
def _in_a_file(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    # where the product looks for it by itself
    yield str(folder / "db.sqlite3"), {}


@contextmanager
def _on_postgresql() -> Iterator[tuple[str, dict[str, str]]]:
    url, name = os.environ["TEST_DATABASE_URL"], f"kill_{os.getpid()}"
    # The database that is named may not be there; the suite makes its own beside it.
    usual = f"{url.rpartition('/')[0]}/postgres"
    with closing(psycopg2.connect(usual)) as server, server.cursor() as cursor:
        server.autocommit = True
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield name, {"DATABASE_URL": f"{url.rpartition('/')[0]}/{name}"}
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
