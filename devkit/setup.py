"""Brings this folder to where it can run: `python3 -m devkit.setup [dev]`, on any Python from 3.11 on.

Python packages and the front end are independent, so they are made ready at the same time.
"""

import fcntl
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from devkit.front_end import build, ensure_node, ensure_node_packages
from devkit.layout import ROOT, VENV_PYTHON, var_dir
from devkit.python_packages import ensure_packages
from devkit.terminal import StepFailed, complain, run_step


def prepare(group: str) -> None:
    """Install what the locks name (group `base` or `dev`), build the front end, compile the translations."""
    node = ensure_node()
    with ThreadPoolExecutor() as pool:
        python = pool.submit(ensure_packages, group)
        pages = pool.submit(_prepare_pages, node)
        python.result()
        run_step("compiling translations", [VENV_PYTHON, "-m", "devkit.translations", "compile"], cwd=ROOT)
        pages.result()


def main() -> int:
    """Prepare this folder, one at a time; returns the exit status."""
    try:
        with one_at_a_time():
            prepare("dev" if "dev" in sys.argv[1:] else "base")
    except StepFailed as failure:
        complain(str(failure))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait until no other `make` in this folder installs anything."""
    folder = var_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _prepare_pages(node: Path) -> None:
    ensure_node_packages(node)
    build(node)


if __name__ == "__main__":
    sys.exit(main())
