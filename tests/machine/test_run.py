"""`make run` with real processes: what happens to them when something ends, on purpose or not."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devkit.ports import free_port
from tests.product import Product, running_product, start_supervisor, wait_for_line

pytestmark = pytest.mark.machine


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product that the tests may hurt as long as it recovers."""
    with running_product(tmp_path_factory.mktemp("machine") / "var") as running:
        yield running


def test_killed_worker_is_started_again(product: Product) -> None:
    worker = _pid_of(product, "-n live@")

    os.kill(worker, signal.SIGKILL)

    wait_for_line(product.supervisor, product.output, "worker-live ended (signal 9): starting it again")
    _eventually(lambda: _is_running(product, "-n live@"))


def test_second_run_in_the_same_folder_says_so(product: Product, tmp_path: Path) -> None:
    output = tmp_path / "second.log"

    second = start_supervisor(product.var, output, PORT=str(free_port()))

    assert second.wait(10) == 1
    assert output.read_text() == f"Already running in this folder, at {product.url}.\n"
    assert product.supervisor.poll() is None


def test_terminated_run_leaves_nothing_within_five_seconds(tmp_path: Path) -> None:
    with running_product(tmp_path / "var") as product:
        processes = product.processes()

        seconds = product.stop()

    assert seconds < 5
    assert not [pid for pid in processes if _group_lives(pid)]


def test_killed_run_leaves_nothing(tmp_path: Path) -> None:
    with running_product(tmp_path / "var") as product:
        processes = product.processes()

        product.supervisor.kill()

        _eventually(lambda: not [pid for pid in processes if _group_lives(pid)])


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_taken_port_is_said_in_one_sentence(name: str, tmp_path: Path) -> None:
    ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        output = tmp_path / "run.log"

        run = start_supervisor(tmp_path / "var", output, **ports | {name: str(taken)})

        assert run.wait(10) == 1
    assert output.read_text() == (
        f"Port {taken} cannot be used (Address already in use): choose another with {name}=….\n"
    )


def _pid_of(product: Product, words: str) -> int:
    """The process of this product whose command line has these words; fails when there is none."""
    answer = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True)
    for line in answer.stdout.splitlines()[1:]:
        pid, parent, command = line.split(None, 2)
        if int(parent) == product.supervisor.pid and words in command and "devkit.tether" not in command:
            return int(pid)
    raise LookupError(f"{words} is not running:\n{answer.stdout}")


def _is_running(product: Product, words: str) -> bool:
    try:
        return _pid_of(product, words) > 0
    except LookupError:
        return False


def _group_lives(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


def _eventually(question: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
