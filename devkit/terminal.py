"""What the person at the terminal sees: one short line per step, and a sign of life during long ones."""

import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

HEARTBEAT_SECONDS = 5.0
KEPT_LINES = 25

_writing = threading.Lock()


class StepFailed(Exception):
    """A step ended badly; the message is a sentence for the person at the terminal, and perhaps output."""


def say(text: str) -> None:
    """Print one whole line, also when several threads speak."""
    with _writing:
        print(text, flush=True)


def complain(text: str) -> None:
    """Print one whole line on standard error."""
    with _writing:
        print(text, file=sys.stderr, flush=True)


class Step:
    """Announces a step, says every few seconds that it is still going on, and how long it took.

    Use as a context manager; `count` items out of `total` appear in the signs of life. Nothing is printed on
    failure: the exception says more.
    """

    def __init__(self, title: str, total: int = 0) -> None:
        self.title, self.total, self.count = title, total, 0
        self._started = 0.0
        self._over = threading.Event()
        self._heart = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> "Step":
        self._started = time.monotonic()
        self._heart.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self._over.set()
        self._heart.join()
        if kind is None:
            say(f"  {self.title} … done {self._seconds():.0f} s")

    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def _beat(self) -> None:
        while not self._over.wait(HEARTBEAT_SECONDS):
            progress = f" ({min(self.count, self.total)} of {self.total})" if self.total else ""
            say(f"  {self.title} … {self._seconds():.0f} s{progress}")


def run_step(
    title: str,
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    counted: str = "",
    total: int = 0,
) -> str:
    """Run a command as a step and return its output; lines that begin with `counted` are its progress.

    Raises StepFailed with the last lines of output when the command cannot start or fails.
    """
    kept: deque[str] = deque(maxlen=KEPT_LINES)
    with Step(title, total) as step:
        try:
            process = subprocess.Popen(
                command, cwd=cwd, env=env, text=True, errors="replace",
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
        except OSError as error:
            raise StepFailed(f"{title} failed: {error}") from error
        with process:
            for line in process.stdout or ():
                kept.append(line.rstrip())
                step.count += bool(counted) and line.startswith(counted)
        if process.returncode:
            raise StepFailed("\n".join([f"{title} failed:", *kept]))
    return "\n".join(kept)
