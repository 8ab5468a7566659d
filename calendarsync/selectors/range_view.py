"""The calendar page's question: what happens between two moments, in the calendars this person sees.

Two indexed range queries, events and occurrences, however many calendars; series are expanded on the fly only where
the range leaves the projected years. A timed item belongs to the range when it overlaps it; an all-day one when its
dates overlap the dates of the range in the reader's zone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from calendarsync.domain import AllDay, Kind, When, Window, when_of
from calendarsync.engine.occurrences import window_of
from calendarsync.models import Calendar, Event, Occurrence
from calendarsync.recurrence import InvalidRecurrence, expand

# Heavy columns the page does not need until somebody opens the details.
_DEFERRED = ("description", "attendees", "organiser", "recurrence", "etag", "fingerprint", "html_link")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on the calendar: an event, or one occurrence of a series (`original_start` tells which)."""

    event: Event
    calendar: Calendar
    when: When
    original_start: str

    @property
    def key(self) -> str:
        """Stable id on the page."""
        return f"{self.event.pk}-{self.original_start}" if self.original_start else str(self.event.pk)


def items_between(calendars: Sequence[Calendar], window: Window, zone: ZoneInfo) -> list[Item]:
    """Everything in the range, by start; all-day items by the dates the range covers in `zone`."""
    by_id = {calendar.pk: calendar for calendar in calendars}
    days = _days(window, zone)
    found = [
        *_events(by_id, window, days),
        *_occurrences(by_id, window, days),
        *_unprojected(by_id, window, days),
    ]
    unique = {item.key: item for item in reversed(found)}
    return sorted(unique.values(), key=lambda item: _sort_key(item.when, zone))


def _events(calendars: dict[int, Calendar], window: Window, days: tuple[date, date]) -> Iterator[Item]:
    events = Event.objects.shown().filter(_overlaps(window, days), calendar__in=calendars).defer(*_DEFERRED)
    for event in events:
        yield Item(event, calendars[event.calendar_id], event.when, "")


def _occurrences(calendars: dict[int, Calendar], window: Window, days: tuple[date, date]) -> Iterator[Item]:
    rows = Occurrence.objects.filter(_overlaps(window, days), calendar__in=calendars, event__removed_at=None)
    deferred = [f"event__{column}" for column in _DEFERRED]
    for row in rows.select_related("event").defer(*deferred):
        yield Item(row.event, calendars[row.calendar_id], _when_of(row), row.original_start)


def _unprojected(calendars: dict[int, Calendar], window: Window, days: tuple[date, date]) -> Iterator[Item]:
    """Occurrences before or after the projected years, expanded now."""
    outside = [calendar for calendar in calendars.values() if not _covers(window_of(calendar), window)]
    if not outside:
        return
    until = Q(recurs_until=None) | Q(recurs_until__gt=window.start)
    began = Q(starts_at__lt=window.end) | Q(start_date__lte=window.end.date())
    masters = list(Event.objects.masters().filter(until, began, calendar__in=outside).defer("attendees"))
    replaced = _replaced(masters)
    for master in masters:
        calendar = calendars[master.calendar_id]
        try:
            slots = expand(master.when, tuple(master.recurrence), window, fallback_zone=calendar.time_zone)
        except InvalidRecurrence:
            continue
        for slot in slots:
            taken = (master.calendar_id, master.remote_id, slot.original_start) in replaced
            if not taken and _touches(slot.when, days):
                yield Item(master, calendar, slot.when, slot.original_start)


def _touches(when: When, days: tuple[date, date]) -> bool:
    """Expansion knows no reader: which all-day occurrences belong to the range is decided here, as in the queries."""
    return not isinstance(when, AllDay) or (when.end > days[0] and when.start < days[1])


def _replaced(masters: Sequence[Event]) -> set[tuple[int, str, str]]:
    ids = {master.remote_id for master in masters}
    kinds = (Kind.EXCEPTION, Kind.CANCELLED)
    calendars = {master.calendar_id for master in masters}
    exceptions = Event.objects.living().of_series(ids).filter(calendar__in=calendars, kind__in=kinds)
    return set(exceptions.values_list("calendar_id", "master_remote_id", "original_start"))


def _overlaps(window: Window, days: tuple[date, date]) -> Q:
    timed = Q(ends_at__gte=window.start, starts_at__lt=window.end) & ~Q(
        ends_at=window.start, starts_at__lt=window.start
    )
    return timed | Q(end_date__gt=days[0], start_date__lt=days[1])


def _days(window: Window, zone: ZoneInfo) -> tuple[date, date]:
    """First day and the day after the last one that the range touches on the wall of `zone`."""
    last_moment = window.end.astimezone(zone) - timedelta(microseconds=1)
    return window.start.astimezone(zone).date(), last_moment.date() + timedelta(days=1)


def _covers(outer: Window, inner: Window) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _when_of(row: Occurrence) -> When:
    return when_of(row.starts_at, row.ends_at, row.event.tzid, row.start_date, row.end_date)


def _sort_key(when: When, zone: ZoneInfo) -> tuple[datetime, bool]:
    if isinstance(when, AllDay):
        return datetime.combine(when.start, datetime.min.time(), zone), False
    return when.start, True


def revision_of(calendars: Iterable[Calendar]) -> str:
    """Changes with every commit that could change an answer about these calendars."""
    return ",".join(f"{calendar.pk}:{calendar.revision}" for calendar in calendars)
