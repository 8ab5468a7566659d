"""`make lock`: resolves the locks anew, with hashes and without any address; UPGRADE=1 takes newer versions.

The Python locks hold for every platform and every Python from 3.11 on.
"""

import os
import sys
import tomllib

from devkit.front_end import ensure_node, node_environment, npm
from devkit.layout import REQUIREMENTS, ROOT
from devkit.terminal import StepFailed, complain, run_step

OPTIONS = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]
QUIETLY = ["--no-header", "--quiet"]
LOCKS = {
    "base": ["pyproject.toml"],
    "dev": ["pyproject.toml", "--group", "dev", "--constraint", "requirements/base.txt"],
    "node": ["--group", "pyproject.toml:node"],
}


def lock_python() -> None:
    """Write requirements/*.txt. Raises StepFailed when the ranges of pyproject.toml contradict each other."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["lock"]
    run_step("installing the resolver", [sys.executable, "-m", "pip", "install", "-q", *wanted], cwd=ROOT)
    newer = ["--upgrade"] if os.environ.get("UPGRADE") else []
    for name, sources in LOCKS.items():
        target = (REQUIREMENTS / f"{name}.txt").relative_to(ROOT)
        options = [*OPTIONS, *QUIETLY, *newer, "-o", str(target)]
        resolve = [sys.executable, "-m", "uv", "pip", "compile", *sources, *options]
        run_step(f"resolving {target}", resolve, cwd=ROOT)


def lock_node() -> None:
    """Write package-lock.json; .npmrc keeps addresses out of it."""
    node = ensure_node()
    command = [*npm(node), "update" if os.environ.get("UPGRADE") else "install", "--package-lock-only"]
    run_step("resolving package-lock.json", command, cwd=ROOT, env=node_environment(node))


def main() -> int:
    """Resolve both; returns the exit status."""
    try:
        lock_python()
        lock_node()
    except StepFailed as failure:
        complain(str(failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
