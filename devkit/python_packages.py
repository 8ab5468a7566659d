"""The virtual environment and what is installed in it, only from the lock files and only by hash."""

import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from devkit.layout import REQUIREMENTS, ROOT, VENV, VENV_PYTHON, fingerprint, is_installed
from devkit.terminal import StepFailed, run_step


def ensure_packages(group: str) -> None:
    """Make `.venv` hold the packages of requirements/<group>.txt; does nothing when it already does."""
    ensure_environment()
    if not _is_current(group):
        install_lock(f"installing Python packages ({group})", group)


def ensure_environment() -> None:
    """Create `.venv` for this Python; one that no longer starts, or is of another version, is replaced."""
    if _environment_version() == sys.version_info[:2]:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.parent.mkdir(parents=True, exist_ok=True)
    try:
        run_step("creating .venv", [sys.executable, "-m", "venv", VENV], cwd=ROOT)
    except StepFailed:
        _environment_without_pip()


def install_lock(title: str, group: str) -> None:
    """Install one lock file. The lock is complete, so nothing is left to resolve."""
    lock = REQUIREMENTS / f"{group}.txt"
    pins = sum("==" in line for line in lock.read_text().splitlines())
    pip = [*_pip(), "install", "--require-hashes", "--no-deps", "--no-compile", "--no-input", "-r", lock]
    run_step(title, pip, cwd=ROOT, counted="Collecting ", total=pins)
    # on every core at once, instead of in each of the processes that start next
    compileall: list[str | Path] = [
        VENV_PYTHON,
        "-m",
        "compileall",
        "-q",
        "-j",
        "0",
        "-x",
        "/tests?/",
        VENV / "lib",
    ]
    with suppress(StepFailed):  # a file that no Python version can read harms nobody
        run_step("compiling Python packages", compileall, cwd=ROOT)
    _stamp(group).write_text(fingerprint(lock))


def _stamp(group: str) -> Path:
    return VENV / f"installed-{group}"


def _is_current(group: str) -> bool:
    # dev holds all of base, in the same versions
    groups = [group, "dev"] if group == "base" else [group]
    return any(is_installed(_stamp(each), REQUIREMENTS / f"{each}.txt") for each in groups)


def _environment_version() -> tuple[int, ...]:
    question = "import sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([VENV_PYTHON, "-c", question], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ()
    return tuple(int(part) for part in answer.stdout.split())


def _environment_without_pip() -> None:
    # some distributions split ensurepip off; their own pip can install into any environment
    run_step(
        "creating .venv without pip",
        [sys.executable, "-m", "venv", "--clear", "--without-pip", VENV],
        cwd=ROOT,
    )
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode:
        raise StepFailed(
            "This Python has neither ensurepip nor pip: install the package python3-venv or python3-pip."
        )


def _pip() -> list[str | Path]:
    own: list[str | Path] = [VENV_PYTHON, "-m", "pip"]
    quiet: list[str | Path] = ["--disable-pip-version-check"]
    if subprocess.run([*own, "--version"], capture_output=True).returncode == 0:
        return [*own, *quiet]
    return [sys.executable, "-m", "pip", "--python", VENV_PYTHON, *quiet]
