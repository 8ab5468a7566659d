"""`python -m benchmarks` as programs call it: what is printed where, the exit status, and what is left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devkit.layout import ROOT
from devkit.ports import free_port
from tests.product import INHERITED

_SECONDS = 120


def _start(folder: Path, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
    """The command with `folder` for its temporary files."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        env=inherited | {"TMPDIR": str(folder)} | variables,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _still_running(folder: Path) -> list[str]:
    """Commands of processes that know the folder, and so belong to it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # somebody else's, or gone meanwhile
    return found


@pytest.mark.slow
def test_figure_is_all_there_is_on_standard_output(tmp_path: Path) -> None:
    command = _start(tmp_path, "page_weight", "--json")
    printed, _ = command.communicate(timeout=_SECONDS)

    figure = json.loads(printed)
    assert command.returncode == 0
    assert set(figure) == {"name", "value", "unit", "reach", "better", "detail"}
    assert figure["name"] == "page_weight"
    assert list(tmp_path.iterdir()) == []


def test_unknown_name_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    command = _start(tmp_path, "fastest")
    printed, complaint = command.communicate(timeout=_SECONDS)

    assert command.returncode == 2
    assert printed == ""
    assert "initial_sync" in complaint


@pytest.mark.slow
def test_what_cannot_be_measured_is_a_failure_with_a_sentence(tmp_path: Path) -> None:
    nobody = f"postgres://postgres@127.0.0.1:{free_port()}/any"

    command = _start(tmp_path, "idle", "--json", "--database", "postgresql", TEST_DATABASE_URL=nobody)
    printed, complaint = command.communicate(timeout=_SECONDS)

    assert command.returncode == 1
    assert printed == ""
    assert complaint.startswith("idle could not be measured: There is no PostgreSQL to use")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.machine
def test_measuring_the_whole_product_leaves_nothing_behind(tmp_path: Path) -> None:
    command = _start(tmp_path, "idle", "--json")
    printed, _ = command.communicate(timeout=_SECONDS)

    figure = json.loads(printed)
    assert command.returncode == 0
    assert figure["value"] <= figure["reach"]
    assert figure["detail"]["http_calls"] == 1
    assert list(tmp_path.iterdir()) == []
    assert _still_running(tmp_path) == []


@pytest.mark.machine
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_benchmark_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    command = _start(tmp_path, "idle", "--json")
    deadline = time.monotonic() + _SECONDS
    while not any("celery" in running for running in _still_running(tmp_path)):
        assert time.monotonic() < deadline, "no worker was started"
        time.sleep(0.1)

    command.send_signal(number)
    printed, _ = command.communicate(timeout=_SECONDS)

    assert command.returncode != 0
    assert printed == ""
    assert list(tmp_path.iterdir()) == []
    assert _still_running(tmp_path) == []
