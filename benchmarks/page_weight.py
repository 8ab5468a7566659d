"""What the scripts and styles of the calendar page weigh on the wire, compressed by gzip."""

import gzip

from benchmarks.figure import Figure
from benchmarks.stage import CouldNotMeasure, Stage
from devkit.layout import ROOT

BUILT = ROOT / "static" / "dist"
REACH = 120.0


def measure(stage: Stage) -> Figure:
    """All that is built together, in kB; each file in the detail."""
    files = sorted(path for path in BUILT.rglob("*") if path.suffix in {".js", ".css"})
    if not files:
        raise CouldNotMeasure("Nothing is built; `make build` does that.")
    sizes = {path.relative_to(BUILT).as_posix(): _kilobytes(path.read_bytes()) for path in files}
    return Figure("page_weight", sum(sizes.values()), "kB gz", REACH, "lower", sizes)


def _kilobytes(content: bytes) -> float:
    return round(len(gzip.compress(content)) / 1000, 1)
