"""One supervised process, tried with small real ones."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from devkit import process as module
from devkit.process import Process


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start again at once."""
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.01)


def python(tmp_path: Path, code: str) -> Process:
    return Process("worker", [sys.executable, "-c", code], dict(os.environ), tmp_path / "worker.log")


def group_lives(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


async def eventually(question: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not question():
            await asyncio.sleep(0.02)


@pytest.mark.slow
def test_killed_process_is_started_again_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario() -> None:
        worker = python(tmp_path, "import time; print('up', flush=True); time.sleep(60)")
        keeping = asyncio.create_task(worker.keep_running())
        await eventually(lambda: worker.log.exists() and worker.log.read_text() == "up\n")
        os.kill(worker.pid or 0, signal.SIGKILL)

        await eventually(lambda: worker.log.read_text() == "up\nup\n")

        await worker.stop()
        await keeping

    asyncio.run(scenario())

    assert "worker ended (signal 9): starting it again" in capsys.readouterr().out


@pytest.mark.slow
def test_stop_ends_what_the_process_started_too(tmp_path: Path) -> None:
    async def scenario() -> int:
        child = (
            "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
        )
        worker = python(tmp_path, f"print('up', flush=True); {child}")
        keeping = asyncio.create_task(worker.keep_running())
        await eventually(lambda: worker.log.exists() and worker.log.read_text())
        group = worker.pid or 0

        await worker.stop()

        await keeping
        return group

    group = asyncio.run(scenario())

    asyncio.run(eventually(lambda: not group_lives(group)))


@pytest.mark.slow
def test_troubles_reach_the_terminal_and_a_flood_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario() -> None:
        worker = python(tmp_path, "print('[info ] fine\\n' + '[error    ] disk full\\n' * 50, flush=True)")
        keeping = asyncio.create_task(worker.keep_running())
        await eventually(lambda: worker.starts > 1)
        await worker.stop()
        await keeping

    asyncio.run(scenario())

    said = capsys.readouterr().out
    assert said.count("disk full") == module.SHOWN_TROUBLES
    assert f"more of this in {tmp_path / 'worker.log'}" in said
    assert "fine" not in said
