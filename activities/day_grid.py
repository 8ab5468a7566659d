"""The days of a month or week with appointments on them. Pure: rows, zone and today are arguments."""

import zoneinfo
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from activities.models import Activity
from activities.periods import month_of, week_of

WORKING_HOURS = range(8, 18)
SHOWN_IN_MONTH = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One appointment on one day. `starts` and `ends` are wall times, None where it runs on past midnight."""

    activity: Activity
    starts: time | None
    ends: time | None

    @property
    def is_all_day(self) -> bool:
        """Whether it fills the day: planned so, or running on from the day before to the day after."""
        return self.activity.is_all_day or (self.starts is None and self.ends is None)

    @property
    def hour(self) -> int | None:
        """The row of the week it stands in; None is the row above the hours."""
        return self.starts.hour if self.starts is not None and not self.activity.is_all_day else None


@dataclass(slots=True)
class Day:
    """One day of the view, its entries in order: whole days and what began earlier first, then by time."""

    date: date
    in_period: bool
    is_today: bool
    entries: list[Entry] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many entries do not fit into a month."""
        return max(0, len(self.entries) - SHOWN_IN_MONTH)


@dataclass(frozen=True, slots=True)
class HourRow:
    """One hour of the week view (None: above the hours) with the entries of each day."""

    hour: int | None
    cells: list[list[Entry]]

    @property
    def at(self) -> time | None:
        """The wall time at which the row begins."""
        return None if self.hour is None else time(self.hour)


def month_days(day: date, today: date, first_weekday: int) -> list[Day]:
    """Whole weeks that cover the month of `day`."""
    first, until = month_of(day)
    begin, _ = week_of(first, first_weekday)
    _, end = week_of(until - timedelta(days=1), first_weekday)
    return [Day(at, first <= at < until, at == today) for at in _each(begin, end)]


def week_days(day: date, today: date, first_weekday: int) -> list[Day]:
    """The seven days of the week of `day`."""
    return [Day(at, True, at == today) for at in _each(*week_of(day, first_weekday))]


def fill(days: list[Day], activities: Iterable[Activity], zone: zoneinfo.ZoneInfo) -> None:
    """Put each appointment on every day it touches, by the wall clock of `zone`."""
    by_date = {day.date: day for day in days}
    for activity in activities:
        for at, entry in _entries(activity, zone):
            if at in by_date:
                by_date[at].entries.append(entry)
    for day in days:
        day.entries.sort(key=_order)


def hour_rows(days: list[Day]) -> list[HourRow]:
    """The week as rows: what has no hour, then every hour from the first to the last that is needed."""
    busy = [entry.hour for day in days for entry in day.entries if entry.hour is not None]
    hours = range(min([*busy, WORKING_HOURS.start]), max([*busy, WORKING_HOURS.stop - 1]) + 1)
    return [
        HourRow(hour, [[entry for entry in day.entries if entry.hour == hour] for day in days])
        for hour in (None, *hours)
    ]


def _each(first: date, until: date) -> Iterator[date]:
    return (first + timedelta(days=offset) for offset in range((until - first).days))


def _entries(activity: Activity, zone: zoneinfo.ZoneInfo) -> Iterator[tuple[date, Entry]]:
    if activity.start_date and activity.end_date:
        for at in _each(activity.start_date, activity.end_date):
            yield at, Entry(activity, None, None)
    elif activity.starts_at and activity.ends_at:
        starts, ends = activity.starts_at.astimezone(zone), activity.ends_at.astimezone(zone)
        last = _last_day(starts, ends)
        for at in _each(starts.date(), last + timedelta(days=1)):
            begin = starts.time() if at == starts.date() else None
            yield at, Entry(activity, begin, ends.time() if at == ends.date() else None)


def _last_day(starts: datetime, ends: datetime) -> date:
    """The last day an appointment touches; ending at midnight does not touch the day that begins there."""
    if ends.time() == time.min and ends.date() > starts.date():
        return ends.date() - timedelta(days=1)
    return ends.date()


def _order(entry: Entry) -> tuple[time, str]:
    return (entry.starts or time.min, entry.activity.subject) if entry.hour is not None else (time.min, "")
