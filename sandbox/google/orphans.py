"""What a series loses when its start or rule changes: exceptions without an instance, instances themselves."""

from datetime import timedelta

from sandbox.google.moments import Moment
from sandbox.google.records import Calendar, Event, start_of
from sandbox.google.series import Series, original_start, unpack
from sandbox.google.store import Store
from sandbox.shapes import Json


def drop_orphans(store: Store, calendar: Calendar, event: Event, was: Json) -> None:
    """Exceptions whose instance the changed series no longer has go away; lost instances are remembered."""
    body = event.body
    if not was.get("recurrence") or all(was.get(name) == body.get(name) for name in ("start", "recurrence")):
        return
    series = unpack(event, calendar) if event.recurring else None
    for exception in calendar.exceptions(event.id):
        original = original_start(exception, calendar) if series else None
        if series is None or original is None or not series.has(original):
            store.write_as_is(calendar, exception.body | {"status": "cancelled"}, gone=True)
    _remember_vanished(store, calendar, event, was, series)


def _remember_vanished(
    store: Store, calendar: Calendar, event: Event, was: Json, series: Series | None
) -> None:
    horizon = store.world.now() + timedelta(days=731)
    former = Series(event, was, start_of(was, calendar.time_zone), start_of(was, calendar.time_zone))
    for original in former.starts(float("-inf"), horizon.timestamp()):
        if series is None or not series.has(_same_wall(original, series)):
            calendar.vanished[former.instance_id(original)] = (event.seq, event.id)
    if series:
        for original in series.starts(float("-inf"), horizon.timestamp()):
            calendar.vanished.pop(series.instance_id(original), None)
    store.keep_calendar(calendar)


def _same_wall(original: Moment, series: Series) -> Moment:
    return series.start.moved(original.wall) if original.zone == series.start.zone else original
