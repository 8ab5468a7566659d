"""The projection of series into rows, so that a range of days is one indexed query.

Only the difference is written: rows that are still right are left alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple

from calendarsync.domain import AllDay, Kind, Timed, When, Window
from calendarsync.engine.upsert import Row, upsert
from calendarsync.models import Calendar, Event, Occurrence
from calendarsync.recurrence import LIMIT, InvalidRecurrence, expand, moved_to

# Masters handled together: bounds memory whatever a page holds.
_BATCH = 100


def horizon(today: date) -> tuple[date, date]:
    """The projected days: a year back, two years and a month ahead, anchored to the month so that it moves monthly."""
    return date(today.year - 1, today.month, 1), date(
        today.year + 2 + today.month // 12, today.month % 12 + 1, 1
    )


def window_of(calendar: Calendar) -> Window:
    """The projected days of a calendar as instants."""
    return Window(
        datetime.combine(calendar.projected_from, time(), UTC),
        datetime.combine(calendar.projected_until, time(), UTC),
    )


class _Taken(NamedTuple):
    """A date of a series that an exception or a cancelled occurrence replaces."""

    pk: int
    kind: str
    original_start: str


def project(
    calendar: Calendar,
    master_ids: Iterable[str],
    *,
    changed: Collection[str] = (),
    now: datetime,
) -> None:
    """Bring the occurrences of these series (remote ids; vanished ones included) up to date.

    Of the `changed` ones, cancelled dates that they no longer have are forgotten: they would be holes if the series got
    those dates back, which a provider tells by the series alone.
    """
    pending = iter(sorted(set(master_ids)))
    while batch := list(islice(pending, _BATCH)):
        _project_batch(calendar, batch, changed, now)


def _project_batch(
    calendar: Calendar, master_ids: Sequence[str], changed: Collection[str], now: datetime
) -> None:
    events = list(
        Event.objects.filter(calendar=calendar, remote_id__in=master_ids).only(
            "id",
            "tenant_id",
            "remote_id",
            "kind",
            "removed_at",
            "recurrence",
            "starts_at",
            "ends_at",
            "tzid",
            "start_date",
            "end_date",
        )
    )
    taken = _taken(calendar, master_ids)
    stored = _stored(events)
    stale: list[int] = []
    fresh: list[Row] = []
    misplaced: list[int] = []
    for event in events:
        if event.remote_id in changed:
            misplaced += _misplaced(event, calendar, taken[event.remote_id])
        wanted = _wanted(event, calendar, {each.original_start for each in taken[event.remote_id]})
        for occurrence in stored[event.pk]:
            if _is_at(occurrence, wanted.get(occurrence.original_start)):
                del wanted[occurrence.original_start]
            else:
                stale.append(occurrence.pk)
        fresh += [_row(event, calendar, start, when) for start, when in wanted.items()]
    if misplaced:
        Event.objects.filter(pk__in=misplaced).update(removed_at=now)
    if stale:
        Occurrence.objects.filter(pk__in=stale).delete()
    upsert(Occurrence, fresh, key=("event_id", "original_start"))


def _taken(calendar: Calendar, master_ids: Sequence[str]) -> dict[str, list[_Taken]]:
    """What exceptions and cancelled occurrences replace, by master."""
    replaced = (
        Event.objects.living()
        .of_series(master_ids)
        .filter(calendar=calendar, kind__in=(Kind.EXCEPTION, Kind.CANCELLED))
        .values_list("master_remote_id", *_Taken._fields)
    )
    found: dict[str, list[_Taken]] = defaultdict(list)
    for master, *taken in replaced:
        found[master].append(_Taken(*taken))
    return found


def _misplaced(event: Event, calendar: Calendar, taken: Sequence[_Taken]) -> list[int]:
    """Rows of cancelled dates that the series does not have; none where that would take too long to tell."""
    cancelled = {each.original_start: each.pk for each in taken if each.kind == Kind.CANCELLED}
    if not cancelled or event.kind != Kind.MASTER or event.removed_at is not None:
        return []
    with suppress(InvalidRecurrence):
        window = _around(event.when, cancelled)
        lines, zone = tuple(event.recurrence), calendar.time_zone
        slots = expand(event.when, lines, window, fallback_zone=zone) if window else []
        if len(slots) < LIMIT:
            names = {slot.original_start for slot in slots}
            return [pk for name, pk in cancelled.items() if name not in names]
    return []


def _around(when: When, names: Mapping[str, int]) -> Window | None:
    """From the first to the last of these dates of a series; None when all are of another form than its own."""
    moments: list[datetime] = []
    for name in names:
        with suppress(ValueError, OverflowError):
            start = moved_to(when, name).start
            moments.append(start if isinstance(start, datetime) else datetime.combine(start, time(), UTC))
    return Window(min(moments), max(moments) + timedelta(days=1)) if moments else None


def _stored(events: Sequence[Event]) -> dict[int, list[Occurrence]]:
    found: dict[int, list[Occurrence]] = defaultdict(list)
    for occurrence in Occurrence.objects.filter(event__in=[event.pk for event in events]):
        found[occurrence.event_id].append(occurrence)
    return found


def _wanted(event: Event, calendar: Calendar, taken: set[str]) -> dict[str, When]:
    if event.kind != Kind.MASTER or event.removed_at is not None:
        return {}
    try:
        slots = expand(
            event.when, tuple(event.recurrence), window_of(calendar), fallback_zone=calendar.time_zone
        )
    except InvalidRecurrence:
        return {}
    return {slot.original_start: slot.when for slot in slots if slot.original_start not in taken}


def _is_at(occurrence: Occurrence, when: When | None) -> bool:
    if isinstance(when, AllDay):
        return (occurrence.start_date, occurrence.end_date) == (when.start, when.end)
    return when is not None and (occurrence.starts_at, occurrence.ends_at) == (when.start, when.end)


def _row(event: Event, calendar: Calendar, original_start: str, when: When) -> Row:
    is_timed = isinstance(when, Timed)
    return {
        "tenant_id": event.tenant_id,
        "calendar_id": calendar.pk,
        "event_id": event.pk,
        "original_start": original_start,
        "starts_at": when.start if is_timed else None,
        "ends_at": when.end if is_timed else None,
        "start_date": None if is_timed else when.start,
        "end_date": None if is_timed else when.end,
    }
