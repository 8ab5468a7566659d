"""Seconds from the way back of the consent to the first answer with the whole of this week, in a large mailbox."""

import statistics
import time

from benchmarks.figure import Figure
from benchmarks.stage import CouldNotMeasure, Stage
from benchmarks.visitor import Visitor
from calendarsync.models import Calendar

EVENTS = 10_000
LATENCY_MS = 150
VISITORS = 3
REACH = 2.0


def measure(stage: Stage) -> Figure:
    """The median of some people who connect one after the other; the provider takes its time with every call."""
    stage.open()
    visitors = [Visitor(stage, f"visitor{number}", EVENTS) for number in range(VISITORS)]
    stage.provider.control("latency", ms=LATENCY_MS)
    seconds = [_first_view(visitor) for visitor in visitors]
    detail = {"events": EVENTS, "latency_ms": LATENCY_MS, "best": min(seconds), "worst": max(seconds)}
    return Figure("first_view", statistics.median(seconds), "s", REACH, "lower", detail)


def _first_view(visitor: Visitor) -> float:
    """Ask whenever the event stream says so; which answer was the first whole one is known at the end."""
    way_back = visitor.start_sign_in()
    began = time.perf_counter()
    visitor.return_from_provider(way_back)
    answers: list[tuple[float, dict[str, str]]] = []
    for told in visitor.listen():
        if told.name in ("hello", "changed"):
            week = visitor.this_week()
            answers.append((time.perf_counter() - began, week))
            if visitor.calendar().phase == Calendar.Phase.LIVE:
                break
    _, whole = answers[-1]
    if not whole:
        raise CouldNotMeasure("This week stayed empty.")
    return next(seconds for seconds, week in answers if week == whole)
