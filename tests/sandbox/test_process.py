"""The sandbox as a program: ready line, taken port, quick end, nothing of Django inside."""

import signal
import socket
import subprocess
import sys
import time

import pytest
import requests

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-m", "sandbox", "--port"]


def test_it_says_when_it_is_ready_and_ends_at_once(tmp_path):
    command = [*COMMAND, "0", "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline() if process.stdout else ""
        address = line.removeprefix("Sandbox ready: ").strip()
        status = requests.get(address, timeout=10).status_code
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(5)

    assert line.startswith("Sandbox ready: http://127.0.0.1:")
    assert status == 200
    assert time.monotonic() - began < 2


def test_taken_port_is_one_sentence_and_exit_code_1():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [*COMMAND, str(taken.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)

    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert "not free" in done.stderr


def test_it_imports_no_app_and_no_django():
    code = (
        "import sys, sandbox.__main__; "
        "print(sorted({name.split('.')[0] for name in sys.modules}"
        " & {'django', 'marketplace', 'activities', 'calendarsync', 'scheduler', 'carerix_calendar'}))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20)

    assert done.stdout.strip() == "[]"
