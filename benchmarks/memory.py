"""How much more memory a worker needs for a mailbox of 50,000 events than for one of 5,000 (S88)."""

import time
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.stage import WORKERS, CouldNotMeasure, Stage
from benchmarks.visitor import Visitor

SMALL, LARGE = 5_000, 50_000
REACH = 1.2


def measure(stage: Stage) -> Figure:
    """Peak of the worker that reads histories, each mailbox read by new workers; the other worker in the detail."""
    stage.open()
    small, _ = _peaks(stage, "small", SMALL)
    stage.stop(*WORKERS)
    stage.start_workers()
    large, seconds = _peaks(stage, "large", LARGE)
    ratios = {name: large[name] / small[name] for name in WORKERS}
    detail = {
        "small_mb": small["worker-backfill"],
        "large_mb": large["worker-backfill"],
        "live_worker": round(ratios["worker-live"], 3),
        "this_week_seen_after_s": round(seconds, 2),
    }
    return Figure("memory", round(ratios["worker-backfill"], 3), "ratio", REACH, "lower", detail)


def _peaks(stage: Stage, name: str, events: int) -> tuple[dict[str, int], float]:
    """Peak memory of each worker after reading a new mailbox, and the seconds until its near weeks were seen."""
    visitor = Visitor(stage, name, events)
    began = time.perf_counter()
    visitor.connect()
    stage.wait_for(lambda: bool(visitor.this_week()), "the near weeks")
    seconds = time.perf_counter() - began
    visitor.wait_until_complete(seconds=300)
    return {worker: _peak_megabytes(stage.pid(worker)) for worker in WORKERS}, seconds


def _peak_megabytes(pid: int) -> int:
    """The most memory a process ever held, as Linux counts it (proc(5), VmHWM)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        raise CouldNotMeasure("Peak memory is known on Linux only.") from None
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) // 1024
