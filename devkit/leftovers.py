"""One `make run` per data folder, and nothing left of one that ended badly."""

import fcntl
import json
import os
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from devkit.terminal import StepFailed


@contextmanager
def sole_run(var: Path, url: str) -> Iterator[None]:
    """Hold the data folder. Raises StepFailed with a sentence while another run holds it."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise StepFailed(f"Already running in this folder, at {lock.read().strip()}.") from None
        lock.truncate(0)
        lock.write(url)
        lock.flush()
        yield


def remember_processes(path: Path, pids: Iterable[int]) -> None:
    """Note which processes run now, each with its start time, as a number may be given out again."""
    path.write_text(json.dumps({str(pid): _started(pid) for pid in pids}))


def end_leftovers(path: Path) -> None:
    """End the process groups that an earlier run noted and that are still the same processes."""
    with suppress(FileNotFoundError, json.JSONDecodeError):
        for pid, started in json.loads(path.read_text()).items():
            if started and _started(int(pid)) == started:
                with suppress(ProcessLookupError):
                    os.killpg(int(pid), signal.SIGKILL)
    path.unlink(missing_ok=True)


def _started(pid: int) -> str:
    try:
        answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return answer.stdout.strip()
