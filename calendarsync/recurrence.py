"""Series: which occurrences a rule produces. Pure; wall time of the series' own zone, then UTC.

A series repeats at the same time on the wall, so 09:00 stays 09:00 across daylight saving. Rules are RFC 5545 lines
(RRULE, RDATE, EXDATE, EXRULE) as providers send them. Expansion is always bounded by a window and a limit.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from calendarsync.domain import AllDay, Timed, When, Window
from calendarsync.timezones import iana_name, instant_of, wall_time, zone_or_utc

# A series may not fill a calendar: at most this many occurrences are produced per expansion.
LIMIT = 4000
# What nobody's calendar has: so many characters in the lines of one series, and so many rules.
_LONGEST, _MOST_RULES = 50_000, 10
_LINE = re.compile(r"^(RRULE|EXRULE|RDATE|EXDATE)((?:;[^:]*)?):(.+)$", re.IGNORECASE)
_MOMENT = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z?))?")
# In an all-day series these stand for the date beside them, whatever zone they claim to be in.
_WHOLE_DAY = ("000000", "235959")
_NO_END = datetime.max  # noqa: DTZ901  # wall time
# RFC 5545 3.3.10; what dateutil knows beyond that, no provider means.
_PARTS = {
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH",
    "BYSETPOS", "BYHOUR", "BYMINUTE", "BYSECOND",
}  # fmt: skip


class InvalidRecurrence(ValueError):
    """The lines are not a rule we can expand; the text says which part."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One occurrence: its name within the series and its time."""

    original_start: str
    when: When


def original_start_of(when: When) -> str:
    """The RECURRENCE-ID form of a start: `20261123T090000Z` or `20261123`."""
    if isinstance(when, AllDay):
        return when.start.strftime("%Y%m%d")
    return when.start.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def moved_to(when: When, original_start: str) -> When:
    """The time of the occurrence named `original_start` in a series that began at `when`. Raises ValueError."""
    if isinstance(when, AllDay):
        first = datetime.strptime(original_start, "%Y%m%d").replace(tzinfo=UTC).date()
        return AllDay(first, first + (when.end - when.start))
    start = datetime.strptime(original_start, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return Timed(start, start + (when.end - when.start), when.zone)


def expand(when: When, lines: tuple[str, ...], window: Window, *, fallback_zone: str = "") -> list[Slot]:
    """Occurrences that overlap `window`, in order, at most LIMIT. Raises InvalidRecurrence."""
    wall = _wall_of(when, fallback_zone)
    length = when.end - when.start
    earliest, latest = wall.of(window.start) - length, wall.of(window.end) + timedelta(days=1)
    starts = (start for start in _series(wall, lines).starts(latest) if start >= earliest)
    slots = (_slot(when, start, wall.zone, length) for start in islice(starts, LIMIT))
    return [slot for slot in _unique(slots) if _overlaps(slot.when, window)]


def check(when: When, lines: tuple[str, ...], *, fallback_zone: str = "") -> None:
    """Raise InvalidRecurrence when the lines cannot be expanded."""
    _series(_wall_of(when, fallback_zone), lines)


def ends_at(when: When, lines: tuple[str, ...], *, fallback_zone: str = "") -> datetime | None:
    """An instant after which the series has no occurrence; None when it never ends or that is very far away.

    Cheap by intention: UNTIL and RDATE are read, a COUNT is expanded at most LIMIT times.
    """
    wall = _wall_of(when, fallback_zone)
    series = _series(wall, lines)
    ends = list(series.dates)
    for rule in series.rules:
        last = rule.last()
        if last is None:
            return None
        ends.append(last)
    try:
        return instant_of(max(ends), wall.zone) + (when.end - when.start) + timedelta(days=1)
    except OverflowError:
        return None


@dataclass(frozen=True, slots=True)
class _Wall:
    """What a series is reckoned in: its first start on the wall and the zone of that wall.

    All-day series have midnights, and the zone tells which day an instant among their rules means.
    """

    start: datetime
    zone: ZoneInfo
    all_day: bool

    def of(self, instant: datetime) -> datetime:
        """The wall time of an instant; midnight of its day for all-day series."""
        shown = wall_time(instant, self.zone)
        return datetime.combine(shown, time()) if self.all_day else shown


def _wall_of(when: When, fallback_zone: str) -> _Wall:
    if isinstance(when, AllDay):
        return _Wall(datetime.combine(when.start, time()), zone_or_utc(fallback_zone), all_day=True)
    zone = zone_or_utc(when.zone or fallback_zone)
    return _Wall(wall_time(when.start, zone), zone, all_day=False)


def _slot(when: When, wall: datetime, zone: ZoneInfo, length: timedelta) -> Slot:
    moved: When
    if isinstance(when, AllDay):
        moved = AllDay(wall.date(), wall.date() + length)
    else:
        start = instant_of(wall, zone)
        moved = Timed(start, start + length, when.zone)
    return Slot(original_start_of(moved), moved)


def _unique(slots: Iterator[Slot]) -> Iterator[Slot]:
    """Drop a second occurrence at the same instant: two wall times can meet at the edge of a skipped hour."""
    seen = ""
    for slot in slots:
        if slot.original_start != seen:
            yield slot
        seen = slot.original_start


def _overlaps(when: When, window: Window) -> bool:
    if isinstance(when, AllDay):
        return when.start <= window.end.date() and when.end >= window.start.date()
    return when.start < window.end and (when.end > window.start or when.start >= window.start)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One RRULE or EXRULE in wall time. `repeats` knows a COUNT but no UNTIL; `until` is inclusive."""

    repeats: rrule
    until: datetime
    has_count: bool

    def starts(self, latest: datetime) -> Iterator[datetime]:
        """Its starts up to `latest`, in order."""
        end = min(latest, self.until)
        return takewhile(lambda start: start <= end, self.repeats)

    def last(self) -> datetime | None:
        """No start is later than this; None for a rule without an end, or with more than LIMIT starts to count."""
        if not self.has_count:
            return None if self.until == _NO_END else self.until
        counted = list(islice(self.starts(_NO_END), LIMIT + 1))
        return None if len(counted) > LIMIT else max(counted, default=self.until)


@dataclass(slots=True)
class _Series:
    """A whole series in naive wall time."""

    dates: list[datetime]
    rules: list[_Rule] = field(default_factory=list)
    excluded_dates: list[datetime] = field(default_factory=list)
    excluded_rules: list[_Rule] = field(default_factory=list)

    def starts(self, latest: datetime) -> list[datetime]:
        """Its starts up to `latest` (single dates also beyond), in order and each once."""
        included = {*self.dates, *(start for rule in self.rules for start in rule.starts(latest))}
        excluded = {
            *self.excluded_dates,
            *(start for rule in self.excluded_rules for start in rule.starts(latest)),
        }
        return sorted(included - excluded)


def _series(wall: _Wall, lines: tuple[str, ...]) -> _Series:
    if sum(map(len, lines)) > _LONGEST:
        raise InvalidRecurrence("too long")
    # RFC 5545 3.8.5.3: DTSTART always counts as the first occurrence.
    series = _Series(dates=[wall.start])
    try:
        for line in lines:
            _add_line(series, line, wall)
            if len(series.rules) + len(series.excluded_rules) > _MOST_RULES:
                raise InvalidRecurrence("too many rules")
    except InvalidRecurrence:
        raise
    except (ValueError, TypeError, KeyError, OverflowError, AttributeError, IndexError) as error:
        raise InvalidRecurrence(str(error) or "unreadable rule") from error
    return series


def _add_line(series: _Series, line: str, wall: _Wall) -> None:
    match = _LINE.match(line.strip())
    if match is None:
        raise InvalidRecurrence(f"not a recurrence line: {line[:60]}")
    name, parameters, value = match[1].upper(), match[2], match[3]
    if name == "RRULE":
        series.rules.append(_rule(value, wall))
    elif name == "EXRULE":
        series.excluded_rules.append(_rule(value, wall))
    elif name == "RDATE":
        series.dates += _dates(parameters, value, wall)
    else:
        series.excluded_dates += _dates(parameters, value, wall)


def _rule(value: str, wall: _Wall) -> _Rule:
    parts = dict(part.split("=", 1) for part in value.upper().strip(";").split(";"))
    _refuse_foreign(parts)
    until = _until(parts.pop("UNTIL"), wall) if "UNTIL" in parts else _NO_END
    repeats = rrulestr(";".join(f"{name}={given}" for name, given in parts.items()), dtstart=wall.start)
    if not isinstance(repeats, rrule) or not _ever_happens(repeats, wall.start):
        raise InvalidRecurrence("no day fits all its parts")
    return _Rule(repeats, until, has_count="COUNT" in parts)


def _refuse_foreign(parts: Mapping[str, str]) -> None:
    if unknown := parts.keys() - _PARTS:
        raise InvalidRecurrence(f"unknown part {min(unknown)[:20]}")
    several_a_day = any("," in parts.get(part, "") for part in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    if parts["FREQ"] in {"HOURLY", "MINUTELY", "SECONDLY"} or several_a_day:
        raise InvalidRecurrence("repeats more often than daily")
    if min(int(parts.get("INTERVAL", 1)), int(parts.get("COUNT", 1))) < 1:
        raise InvalidRecurrence("INTERVAL and COUNT start at one")


def _ever_happens(rule: rrule, start: datetime) -> bool:
    """Whether some day fits. dateutil searches until the year 9999, which takes seconds when none does.

    The calendar repeats every 400 years, weekdays included: close to that year the answer is the same and soon there.
    """
    cycles = max(0, (9899 - start.year) // 400)
    later = rule.replace(dtstart=start.replace(year=start.year + 400 * cycles))
    return next(iter(later), None) is not None


def _until(text: str, wall: _Wall) -> datetime:
    try:
        return _moment(text, wall, wall.zone, time.max)
    except OverflowError:
        return _NO_END  # the first or the last day of all is some client's word for "never"


def _dates(parameters: str, value: str, wall: _Wall) -> Iterator[datetime]:
    found = re.search(r"TZID=([^;:]+)", parameters, re.IGNORECASE)
    # A name nobody knows stands for the zone of the series, which whoever made it up most likely meant.
    name = iana_name(found[1].strip('"')) if found else ""
    zone = zone_or_utc(name) if name else wall.zone
    for text in value.split(","):
        yield _moment(text.split("/")[0].strip().upper(), wall, zone, wall.start.time())


def _moment(text: str, wall: _Wall, zone: ZoneInfo, of_day: time) -> datetime:
    """A DATE or DATE-TIME (RFC 5545 3.3.4) in wall time: `of_day` for a date, `zone` for a time without one."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise InvalidRecurrence(f"unreadable date {text[:20]}")
    clock = datetime.strptime(match[1] + (match[2] or "000000"), "%Y%m%d%H%M%S").replace(
        tzinfo=UTC if match[3] else zone
    )
    if match[2] is None or (wall.all_day and match[2] in _WHOLE_DAY):
        return datetime.combine(clock, of_day)
    return wall.of(clock)
