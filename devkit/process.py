"""One long-running process: started, watched, started again when it dies, stopped with all it started."""

import asyncio
import os
import re
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from devkit.layout import ROOT
from devkit.terminal import say

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0
STABLE_AFTER_SECONDS = 30.0
STOP_SECONDS = 3.0
SHOWN_TROUBLES = 5
SHOWN_PER_SECONDS = 10.0
# A level as our own logs, in either format, and uvicorn write it.
TROUBLE = re.compile(
    rb"\[(?:warning|error|critical) *\]|\"level\": ?\"(?:warning|error|critical)|^(?:ERROR|CRITICAL):"
)


class Process:
    """A command kept running until `stop`; its output goes to a log file, troubles to the terminal too."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        self.name, self.command, self.env, self.log = name, command, env, log
        self.starts = 0
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._shown: list[float] = []

    @property
    def pid(self) -> int | None:
        """Number of the process while it runs; it leads a process group of its own."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process and running else None

    async def keep_running(self) -> None:
        """Start the command, and again after a growing pause whenever it ends."""
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping:
            started = time.monotonic()
            status = await self._run_once()
            if self._stopping:
                return
            if time.monotonic() - started > STABLE_AFTER_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            say(f"  {self.name} ended ({_explain(status)}): starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def stop(self) -> None:
        """Ask the process group to end, and end it by force when it takes too long."""
        self._stopping = True
        self._signal(signal.SIGTERM)
        if self._process:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        self._signal(signal.SIGKILL)

    async def _run_once(self) -> int:
        tethered = [sys.executable, "-m", "devkit.tether", str(os.getpid()), *self.command]
        self._process = await asyncio.create_subprocess_exec(
            *tethered,
            cwd=ROOT,
            env=self.env,
            start_new_session=True,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
        )
        self.starts += 1
        if self._process.stdout:
            await self._keep_output(self._process.stdout)
        return await self._process.wait()

    async def _keep_output(self, output: asyncio.StreamReader) -> None:
        with self.log.open("ab", buffering=0) as log:
            while chunk := await output.read(65536):
                log.write(chunk)
                for line in chunk.splitlines():
                    if TROUBLE.search(line) and self._may_show():
                        say(f"  {self.name} | {line.decode(errors='replace').strip()[:300]}")

    def _may_show(self) -> bool:
        now = time.monotonic()
        self._shown = [shown for shown in self._shown if now - shown < SHOWN_PER_SECONDS]
        self._shown.append(now)
        if len(self._shown) == SHOWN_TROUBLES + 1:
            say(f"  {self.name} | … more of this in {self.log}")
        return not self._stopping and len(self._shown) <= SHOWN_TROUBLES

    def _signal(self, number: signal.Signals) -> None:
        # the group outlives its leader, so it is signalled also when the leader has ended
        if self._process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def _explain(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"
