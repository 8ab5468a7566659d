"""`make test`: the checks, then the suite leg by leg; the last lines say which legs ran and the totals.

REQUIRE_SERVICES=1 makes a leg that cannot run here a failure.
"""

import fcntl
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from devkit.browser import ensure_browser
from devkit.check import all_checks, run_checks
from devkit.layout import ROOT, var_dir
from devkit.services import real_services
from devkit.terminal import StepFailed, complain, say

NO_TESTS_COLLECTED = 5
TWO_PROCESSES = ("-n", "2", "--dist", "worksteal")
NO_SERVERS = "set TEST_DATABASE_URL and TEST_REDIS_URL, or start both servers on their usual ports"
SUMMARY = re.compile(
    r"^=* ?(?:\x1b\[[\d;]*m)*(\d+ (?:passed|failed|skipped|error|deselected|warning|x).*) in [\d.]+s"
)
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one leg ended: whether it ran and was green, a remark for the last lines, the numbers of tests."""

    ran: bool
    green: bool
    remark: str
    counts: Counter[str] = field(default_factory=Counter)


Leg = Callable[[], Outcome]


def checks() -> Outcome:
    """Everything that starts no test."""
    failures = run_checks(all_checks())
    for said in failures:
        complain(f"\n{said}\n")
    return Outcome(True, not failures, "failed" if failures else "passed")


def sqlite() -> Outcome:
    """The whole suite where nothing is installed."""
    return run_pytest(*TWO_PROCESSES, "-m", "not e2e and not machine")


def processes() -> Outcome:
    """The processes of `make run`, started and killed."""
    return run_pytest(*TWO_PROCESSES, "-m", "machine and not servers", "tests/machine")


def journeys() -> Outcome:
    """People's ways through the product, in a browser."""
    try:
        browser = ensure_browser()
    except StepFailed as failed:
        return Outcome(False, True, str(failed))
    return run_pytest("-m", "e2e", "tests/e2e", E2E_BROWSER=browser)


def servers() -> Outcome:
    """What touches the database or Redis, on the real servers."""
    with real_services() as variables:
        if variables is None:
            return Outcome(False, True, NO_SERVERS)
        marks = "not e2e and not machine or servers"
        chosen = ["-m", marks, "-p", "devkit.database_tests"]
        return run_pytest(*TWO_PROCESSES, *chosen, **variables, MODEL_EXAMPLES="10")


LEGS: dict[str, Leg] = {
    "checks": checks,
    "sqlite": sqlite,
    "processes": processes,
    "browser": journeys,
    "postgresql and redis": servers,
}


def run_pytest(*arguments: str, **variables: str) -> Outcome:
    """Run pytest with its output passing through, and read the numbers off its closing line."""
    command = [sys.executable, "-m", "pytest", "--tb=short", "--maxfail=25", *arguments]
    env = _environment(variables)
    counts: Counter[str] = Counter()
    with subprocess.Popen(command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            if closing := SUMMARY.match(line):
                counts = _counts(closing[1])
    green = process.returncode in {0, NO_TESTS_COLLECTED}
    remark = ", ".join(f"{number} {name}" for name, number in counts.items()) or "no tests"
    return Outcome(True, green, remark, counts)


def run_legs(legs: Mapping[str, Leg]) -> bool:
    """Run every leg, also after a red one, and print the closing lines; returns whether all is well."""
    outcomes: dict[str, Outcome] = {}
    lines = []
    for name, leg in legs.items():
        say(f"\n{name}")
        started = time.monotonic()
        outcomes[name] = outcome = leg()
        verdict = "not run" if not outcome.ran else "ok" if outcome.green else "RED"
        lines.append(f"  {name:<22}{verdict:<9}{time.monotonic() - started:5.0f} s  {outcome.remark}")
    required = os.environ.get("REQUIRE_SERVICES") == "1"
    missing = [name for name, outcome in outcomes.items() if not outcome.ran]
    say("\n" + "\n".join(lines))
    if required and missing:
        complain(f"REQUIRE_SERVICES=1, but these legs could not run: {', '.join(missing)}.")
    say(_totals(outcomes.values()))
    return all(outcome.green for outcome in outcomes.values()) and not (required and missing)


def main() -> int:
    """Run all legs, or those named after --only; returns the exit status."""
    names = sys.argv[2:] if sys.argv[1:2] == ["--only"] else LEGS
    with _one_at_a_time():
        return 0 if run_legs({name: LEGS[name] for name in names}) else 1


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (var_dir() / "test.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another `make test` runs in this folder: waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TEST_")}
    return inherited | {"PYTHONPATH": str(ROOT)} | dict(variables)


def _counts(closing_line: str) -> Counter[str]:
    found = COUNT.findall(closing_line)
    return Counter({name.rstrip("s"): int(number) for number, name in found})


def _totals(outcomes: Iterable[Outcome]) -> str:
    total: Counter[str] = sum((outcome.counts for outcome in outcomes), Counter())
    failed = total["failed"] + total["error"]
    return f"{total['passed']} passed, {failed} failed, {total['skipped']} skipped"


if __name__ == "__main__":
    sys.exit(main())
