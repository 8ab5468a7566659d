"""Where things are in this folder."""

import hashlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"


def var_dir() -> Path:
    """The folder of everything that lives on this machine only: data, logs, secrets."""
    return Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()


def fingerprint(path: Path) -> str:
    """Changes when the file's content or this Python's version does."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"{version} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def is_installed(stamp: Path, lock: Path) -> bool:
    """Whether the stamp says that exactly this lock file was installed."""
    return stamp.is_file() and stamp.read_text() == fingerprint(lock)
