"""`python -m benchmarks` measures everything, `python -m benchmarks NAME` one thing (`make bench NAME=…`).

`--json` prints exactly one object on standard output. The exit status tells whether it could be measured, not
whether the figure is good.
"""

import argparse
import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from types import FrameType
from typing import NoReturn

from benchmarks.figure import HEADING, Figure
from benchmarks.stage import CouldNotMeasure, on_stage

BENCHMARKS = ("first_view", "initial_sync", "change_to_browser", "idle", "memory", "page_weight")


def main(arguments: Sequence[str]) -> int:
    """Measure what is named, or everything; returns the exit status."""
    options = _options(arguments)
    if options.name is None:
        return _measure_all(options.database)
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    try:
        figure = measure(options.name, options.database)
    except CouldNotMeasure as failure:
        print(f"{options.name} could not be measured: {failure}", file=sys.stderr)
        return 1
    print(figure.as_json() if options.json else figure.as_row())
    return 0


def measure(name: str, database: str) -> Figure:
    """Set the stage and measure; whatever the product prints meanwhile goes to standard error.

    A busy machine spoils most figures, so each says how many processes wanted to run when it began.
    """
    load = round(os.getloadavg()[0], 1)
    with redirect_stdout(sys.stderr), on_stage(database) as stage:
        # only now, as a benchmark may import the product, which reads its settings from the stage
        figure: Figure = importlib.import_module(f"benchmarks.{name}").measure(stage)
    return replace(figure, detail={**figure.detail, "load_before": load})


def _measure_all(database: str) -> int:
    """Each in a process of its own, as each is a product of its own."""
    print(HEADING, flush=True)
    command = [sys.executable, "-m", "benchmarks", "--database", database]
    return max([subprocess.run([*command, name]).returncode for name in BENCHMARKS])


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast the product is.")
    parser.add_argument(
        "name", nargs="?", choices=BENCHMARKS, help="what to measure; everything when left out"
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object instead of a line; needs NAME"
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args(arguments)
    if options.json and options.name is None:
        parser.error("--json needs a NAME")
    return options


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """Being asked to end is no reason to leave anything running."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
