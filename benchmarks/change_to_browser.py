"""Seconds from a change at the provider to the new data in an open page: webhook, queue, sync, event stream."""

import random
import statistics
import time
from collections.abc import Iterator

from django.utils import timezone

from benchmarks.figure import Figure
from benchmarks.stage import CouldNotMeasure, Stage
from benchmarks.visitor import Told, Visitor
from calendarsync.models import Channel
from marketplace.tenancy import every_tenant

EVENTS = 500
# Runs of one calendar start at least a second apart: taking turns, no change is a burst with the one before.
CALENDARS = 10
CHANGES = 200
REACH = 1.0
LONGEST_SECONDS = 30.0
PAUSE_SECONDS = (0.0, 0.2)


def measure(stage: Stage) -> Figure:
    """The 95th percentile of many changes in some calendars of one person, one after the other, without a rhythm."""
    stage.open()
    visitor = Visitor(stage, "visitor", EVENTS)
    calendars = [visitor.mailbox, *(_add_calendar(visitor, number) for number in range(1, CALENDARS))]
    visitor.connect()
    visitor.wait_until_complete()
    stage.wait_for(_have_push, "opening the push channels")
    stream = visitor.listen()
    next(stream)
    events = [(calendar, _add_event(visitor, calendar)) for calendar in calendars]
    turns = ((number, *events[number % CALENDARS]) for number in range(CHANGES))
    seconds = sorted(_change(visitor, stream, *turn) for turn in turns)
    hundredths = statistics.quantiles(seconds, n=100)
    detail = {"changes": CHANGES, "median": hundredths[49], "p99": hundredths[98], "worst": seconds[-1]}
    return Figure("change_to_browser", hundredths[94], "s", REACH, "lower", detail)


def _have_push() -> bool:
    with every_tenant():
        verified = Channel.objects.filter(state=Channel.State.ACTIVE, verified_at__isnull=False)
        return verified.count() == CALENDARS


def _add_calendar(visitor: Visitor, number: int) -> str:
    made = visitor.stage.provider.control("calendars", mailbox=visitor.mailbox, summary=f"Team {number}")
    return str(made["id"])


def _add_event(visitor: Visitor, calendar: str) -> str:
    start = timezone.now().replace(microsecond=0).isoformat()
    added = visitor.stage.provider.control(
        "events", mailbox=visitor.mailbox, calendar=calendar, summary=calendar, start=start, minutes=30
    )
    visitor.stage.wait_for(lambda: calendar in visitor.this_week().values(), "the new event")
    return str(added["id"])


def _change(visitor: Visitor, stream: Iterator[Told], number: int, calendar: str, event_id: str) -> float:
    """Rename the event at the provider and ask at every message of the stream until the new name is there."""
    time.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311  # no secret
    title = f"Interview {number}"
    began = time.perf_counter()
    visitor.stage.provider.control(
        "events/patch", mailbox=visitor.mailbox, calendar=calendar, id=event_id, changes={"summary": title}
    )
    for told in stream:
        if told.name == "changed" and title in visitor.this_week().values():
            return time.perf_counter() - began
        if time.perf_counter() - began > LONGEST_SECONDS:
            break
    raise CouldNotMeasure(f"Change {number} did not arrive within {LONGEST_SECONDS:g} s.")
