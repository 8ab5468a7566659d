"""A complete product of its own, as `make run` starts it, for journeys and for tests of the processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from devkit.layout import ROOT
from devkit.ports import free_port

START_SECONDS = 120
STOP_SECONDS = 10
# Nothing of the suite's own settings may reach the product.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")


@dataclass(frozen=True, slots=True)
class Product:
    """A product that answers: where its pages and its stand-in provider are, and the folder of its data."""

    url: str
    sandbox_url: str
    var: Path
    supervisor: subprocess.Popen[str]
    output: Path

    def processes(self) -> list[int]:
        """The numbers of its processes, each the leader of a process group."""
        return [int(pid) for pid in json.loads((self.var / "processes.json").read_text())]

    def stop(self) -> float:
        """End it as Ctrl-C does; returns the seconds that took."""
        started = time.monotonic()
        self.supervisor.send_signal(signal.SIGTERM)
        self.supervisor.wait(STOP_SECONDS)
        return time.monotonic() - started


def inherited_environment() -> dict[str, str]:
    """What every process needs of the suite's own environment."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ}


@contextmanager
def running_product(var: Path, **variables: str) -> Iterator[Product]:
    """Start everything on free ports with its data in `var`, wait until it is ready; stop it afterwards."""
    port, sandbox_port = free_port(), free_port()
    output = var.parent / f"{var.name}.log"
    supervisor = start_supervisor(var, output, PORT=str(port), SANDBOX_PORT=str(sandbox_port), **variables)
    urls = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}"
    product = Product(*urls, var=var, supervisor=supervisor, output=output)
    try:
        wait_for_line(supervisor, output, f"Ready: {product.url}")
        yield product
    finally:
        with suppress(ProcessLookupError):
            product.stop()


def start_supervisor(var: Path, output: Path, **variables: str) -> subprocess.Popen[str]:
    """Start `make run`'s program; what it prints goes to the file `output`."""
    env = inherited_environment() | {"VAR_DIR": str(var), "PYTHONPATH": str(ROOT)} | variables
    with output.open("w") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "devkit.run"],
            cwd=ROOT,
            env=env,
            text=True,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def wait_for_line(supervisor: subprocess.Popen[str], output: Path, line: str) -> None:
    """Return once the line was printed; fail with everything printed when it does not come."""
    deadline = time.monotonic() + START_SECONDS
    while line not in (printed := output.read_text()):
        if supervisor.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"{line!r} was not printed:\n{printed}")
        time.sleep(0.1)
