"""Events a second while a mailbox is read for the first time, beside the least that reading it can cost."""

import time

from benchmarks.figure import Figure
from benchmarks.floor import time_of_floor
from benchmarks.stage import CouldNotMeasure, Stage
from benchmarks.visitor import Visitor
from calendarsync.models import Event
from marketplace.tenancy import every_tenant

EVENTS = 20_000
REACH = 4_000.0


def measure(stage: Stage) -> Figure:
    """From the way back of the consent until everything is committed, near weeks first, counted and swept."""
    stage.open()
    visitor = Visitor(stage, "visitor", EVENTS)
    way_back = visitor.start_sign_in()
    began = time.perf_counter()
    visitor.return_from_provider(way_back)
    visitor.wait_until_complete()
    seconds = time.perf_counter() - began
    _check_all_there(visitor)
    floor = time_of_floor(stage, visitor)
    detail = {"events": EVENTS, "floor": round(EVENTS / floor), "ratio": round(seconds / floor, 2)}
    return Figure("initial_sync", round(EVENTS / seconds), "events/s", REACH, "higher", detail)


def _check_all_there(visitor: Visitor) -> None:
    with every_tenant():
        stored = Event.objects.living().filter(calendar=visitor.calendar()).count()
    if stored != EVENTS:
        raise CouldNotMeasure(f"{stored} of {EVENTS} events arrived.")
