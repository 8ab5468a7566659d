"""A process of the product, started for a test, hurt by it, and gone with it."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from string import Template

from devkit.layout import ROOT
from devkit.stack import procfile_commands

PATIENCE_SECONDS = 60


def eventually(question: Callable[[], object], about: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Return once the answer is true; fail after a time that only a fault exceeds."""
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {about}"
        time.sleep(0.05)


class Process:
    """A running command; its output is in `log`. It ends with this process, however that ends."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str], folder: Path) -> None:
        self.log = folder / f"{name}.log"
        self._is_halted = False
        tethered = [sys.executable, "-m", "devkit.tether", str(os.getpid()), *command]
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                tethered,
                cwd=ROOT,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it and to all it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """kill -9; returns when it is gone."""
        self.signal(signal.SIGKILL)
        self._process.wait(10)

    def terminate(self) -> float:
        """Ask it to end as a deploy does; returns the seconds that took. Fails when it does not end."""
        started = time.monotonic()
        self.signal(signal.SIGTERM)
        self._process.wait(PATIENCE_SECONDS)
        return time.monotonic() - started

    def wait_until_halted(self) -> None:
        """Until it stopped itself; fails when it ends or never gets there."""
        eventually(lambda: self.is_halted or not self.runs, f"it halts; see {self.log}")
        assert self.runs, self.log.read_text(errors="replace")[-2000:]

    @property
    def is_halted(self) -> bool:
        """Whether it stands still, as after SIGSTOP."""
        with suppress(ChildProcessError):
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            self._is_halted |= pid != 0 and os.WIFSTOPPED(status)
        return self._is_halted and self.runs

    def resume(self) -> None:
        """Let it go on where it halted."""
        self._is_halted = False
        self.signal(signal.SIGCONT)


def command_of(name: str, env: Mapping[str, str], options: Mapping[str, str] | None = None) -> list[str]:
    """A command of the Procfile with its variables filled in, and other values for some of its options."""
    line = procfile_commands((ROOT / "Procfile").read_text())[name]
    words = [Template(word).substitute(env) for word in shlex.split(line)]
    for option, value in (options or {}).items():
        words[words.index(option) + 1] = value
    return words
