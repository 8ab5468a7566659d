"""One run per folder, and what an unclean end leaves."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.leftovers import end_leftovers, remember_processes, sole_run
from devkit.terminal import StepFailed


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that leads a group and does nothing."""
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(command, start_new_session=True) as process:
        yield process
        process.kill()


def test_second_run_is_told_where_the_first_one_is(tmp_path: Path) -> None:
    with (
        sole_run(tmp_path, "http://127.0.0.1:8000"),
        pytest.raises(StepFailed, match=r"Already running .* at http://127\.0\.0\.1:8000\."),
        sole_run(tmp_path, "http://127.0.0.1:8001"),
    ):
        pass


def test_next_run_may_start_after_the_first_has_ended(tmp_path: Path) -> None:
    with sole_run(tmp_path, "http://127.0.0.1:8000"):
        pass

    with sole_run(tmp_path, "http://127.0.0.1:8001"):
        assert (tmp_path / "run.lock").read_text() == "http://127.0.0.1:8001"


def test_process_left_behind_is_ended(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    notes = tmp_path / "processes.json"
    remember_processes(notes, [sleeper.pid])

    end_leftovers(notes)

    assert sleeper.wait(5) == -9
    assert not notes.exists()


def test_number_given_to_another_process_is_left_alone(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    notes = tmp_path / "processes.json"
    notes.write_text(json.dumps({str(sleeper.pid): "Thu Jan  1 00:00:00 1970"}))

    end_leftovers(notes)

    assert sleeper.poll() is None
