"""`make check`: every check that starts no test, side by side; `--fix` corrects what it can instead."""

import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from devkit.front_end import ensure_node, node_environment
from devkit.layout import ROOT, VENV
from devkit.terminal import StepFailed, complain, run_step

SCHEMA = ROOT / "docs" / "openapi.yaml"
MODULE = [sys.executable, "-m"]
MANAGE = [sys.executable, "manage.py"]
PRETTIER = ["node", "node_modules/prettier/bin/prettier.cjs", "--no-error-on-unmatched-pattern"]
PRETTY = ["static", "build.mjs"]
LINT_LAYERS = "from importlinter.cli import lint_imports_command as run; run()"
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Check:
    """A command that succeeds when all is well, and perhaps one that makes it so."""

    title: str
    command: Sequence[str]
    fix: Sequence[str] = ()


def all_checks() -> list[Check]:
    """The slowest first, so that the others run beside it."""
    templates = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))
    ruff = [*MODULE, "ruff"]
    djade = [str(VENV / "bin" / "djade"), "--target-version", "5.2"]
    return [
        Check("types", [*MODULE, "mypy"]),
        Check("format", [*ruff, "format", "--check", "."], [*ruff, "format", "."]),
        Check("lint", [*ruff, "check", "."], [*ruff, "check", "--fix", "."]),
        Check("format of templates", [*djade, "--check", *templates], [*djade, *templates]),
        Check("format of pages", [*PRETTIER, "--check", *PRETTY], [*PRETTIER, "--write", *PRETTY]),
        Check("layers", [sys.executable, "-c", LINT_LAYERS]),
        Check("settings", [*MANAGE, "check", "--fail-level", "WARNING"]),
        Check("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"]),
        Check("translations", [*MODULE, "devkit.translations", "check"]),
        Check("API schema", [*MODULE, "devkit.check", "--schema"], _spectacular(SCHEMA)),
    ]


def run_checks(checks: Sequence[Check]) -> list[str]:
    """Run all, also after a failure; returns what the failed ones said."""
    env = _environment()

    def failure(check: Check) -> str:
        try:
            run_step(check.title, check.command, cwd=ROOT, env=env)
        except StepFailed as failed:
            return str(failed)
        return ""

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [said for said in pool.map(failure, checks) if said]


def fix(checks: Sequence[Check]) -> None:
    """Correct one after another; what cannot be corrected is left for the check to report."""
    env = _environment()
    for check in checks:
        if check.fix:
            try:
                run_step(f"correcting {check.title}", check.fix, cwd=ROOT, env=env)
            except StepFailed as failed:
                complain(str(failed))


def check_schema() -> int:
    """Whether the committed API schema is what the code says; returns the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "openapi.yaml"
        run_step("generating the schema", _spectacular(made), cwd=ROOT)
        if SCHEMA.is_file() and made.read_text() == SCHEMA.read_text():
            return 0
    complain("docs/openapi.yaml is not what the code says now: `make fix` writes it anew; commit it.")
    return 1


def main() -> int:
    """Check, or fix; returns the exit status."""
    try:
        match sys.argv[1:]:
            case ["--schema"]:
                return check_schema()
            case ["--fix"]:
                fix(all_checks())
                return 0
    except StepFailed as failed:
        complain(str(failed))
        return 1
    failures = run_checks(all_checks())
    for said in failures:
        complain(f"\n{said}")
    return 1 if failures else 0


def _environment() -> dict[str, str]:
    # no check may depend on a database or a server of this machine
    return node_environment(ensure_node()) | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": "sqlite://:memory:",
        "PYTHONPATH": str(ROOT),
        "MYPY_FORCE_COLOR": os.environ.get("FORCE_COLOR", "0"),
    }


def _spectacular(target: Path) -> list[str]:
    return [*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", str(target)]


if __name__ == "__main__":
    sys.exit(main())
