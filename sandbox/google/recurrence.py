"""Which starts a series has: RRULE, EXRULE, RDATE and EXDATE lines (RFC 5545) in the wall time of the series.

Pure: takes lines and a first start, returns naive wall-clock times. A weekly 09:00 stays 09:00 over DST.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from sandbox.google.errors import ApiError, invalid
from sandbox.google.moments import Moment, find_zone

MOST = 10_000
# What dateutil and the reading below raise at text that is no rule.
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, OverflowError)
FAR = datetime(2200, 1, 1)  # noqa: DTZ001  wall-clock times are naive here
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LINE = re.compile(r"(RRULE|EXRULE|RDATE|EXDATE)((?:;[^:;]+=[^:;]+)*):(.+)", re.IGNORECASE)


@lru_cache(maxsize=8_192)
def walls(lines: tuple[str, ...], first: Moment, horizon: datetime) -> tuple[datetime, ...]:
    """The starts of a series up to `horizon` (wall time, inclusive), in order, at most 10,000.

    Raises one of UNREADABLE when a line cannot be read.
    """
    # Google counts the start itself even where the rule does not produce it, and beside a COUNT.
    found = {first.wall}
    removed: set[datetime] = set()
    for name, parameters, value in map(_split, lines):
        target = found if name in ("RRULE", "RDATE") else removed
        if name.endswith("RULE"):
            target.update(_rule(value, first, horizon))
        else:
            target.update(_dates(parameters, value, first))
    return tuple(sorted(wall for wall in found - removed if wall <= horizon))


def last_wall(lines: tuple[str, ...], first: Moment) -> datetime | None:
    """The last start of a series that ends by COUNT or UNTIL; None when it never ends."""
    if any(_is_endless(line) for line in lines):
        return None
    starts = walls(lines, first, FAR)
    return starts[-1] if starts else first.wall


def check_lines(lines: object, first: Moment) -> tuple[str, ...]:
    """The lines as a tuple. Raises ApiError 400 when one is not a recurrence line or cannot be expanded."""
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise invalid("Invalid recurrence rule.")
    try:
        walls(tuple(lines), first, first.wall + timedelta(days=366))
    except UNREADABLE as error:
        raise ApiError(400, "invalid", "Invalid recurrence rule.") from error
    return tuple(lines)


def _split(line: str) -> tuple[str, dict[str, str], str]:
    match = LINE.fullmatch(line.strip())
    if not match:
        raise ValueError(f"not a recurrence line: {line}")
    parameters = dict(part.upper().split("=", 1) for part in match[2].split(";") if part)
    parameters.update(_exact_zone(match[2]))
    return match[1].upper(), parameters, match[3]


def _exact_zone(parameters: str) -> dict[str, str]:
    match = re.search(r"TZID=([^;]+)", parameters, re.IGNORECASE)
    return {"TZID": match[1]} if match else {}


def _rule(value: str, first: Moment, horizon: datetime) -> Iterator[datetime]:
    # COUNT and UNTIL are applied here: dateutil refuses a UTC UNTIL beside a naive start, and an impossible
    # rule with COUNT would run to the year 9999.
    parts = dict(part.split("=", 1) for part in value.upper().split(";") if part)
    if parts.get("FREQ") not in FREQUENCIES:
        raise ValueError("a rule needs FREQ, and none shorter than a day")
    if not _has_days(parts):
        return iter(())
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
    bare = ";".join(f"{name}={text}" for name, text in parts.items())
    end = min(horizon, _until(until, first)) if until else horizon
    rule = rrulestr(bare, dtstart=first.wall)
    if not isinstance(rule, rrule):
        raise ValueError("one rule a line")
    rule = rule.replace(until=end)
    return takewhile(lambda wall: wall <= end, islice(iter(rule), min(int(count), MOST) if count else MOST))


def _has_days(parts: dict[str, str]) -> bool:
    """False for a day no month has, such as 31 February: the search for it would not end."""
    if "BYMONTH" not in parts or "BYMONTHDAY" not in parts:
        return True
    longest = max(LONGEST_MONTHS[int(month) - 1] for month in parts["BYMONTH"].split(","))
    return any(abs(int(day)) <= longest for day in parts["BYMONTHDAY"].split(","))


def _until(text: str, first: Moment) -> datetime:
    if first.all_day:
        return _naive(text[:8], first)
    if len(text) == 8:
        return _naive(text, first) + timedelta(days=1, seconds=-1)
    return _naive(text, first)


def _dates(parameters: dict[str, str], value: str, first: Moment) -> Iterator[datetime]:
    zone = parameters.get("TZID", first.zone)
    for text in value.split(","):
        wall = _naive(text.split("/")[0], first, zone)
        yield wall.replace(hour=0, minute=0, second=0) if first.all_day else wall


def _naive(text: str, first: Moment, zone: str = "") -> datetime:
    """One RFC 5545 date or date-time as wall time of the series."""
    text = text.strip()
    if len(text) == 8:
        day = datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007  wall time
        return day if first.all_day else datetime.combine(day, first.wall.time())
    value = datetime.strptime(text[:15], "%Y%m%dT%H%M%S")  # noqa: DTZ007  wall time
    if text.endswith("Z"):
        return value.replace(tzinfo=UTC).astimezone(ZoneInfo(first.zone)).replace(tzinfo=None)
    if zone and zone != first.zone and find_zone(zone):
        return value.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo(first.zone)).replace(tzinfo=None)
    return value


def _is_endless(line: str) -> bool:
    upper = line.upper()
    return upper.startswith("RRULE") and "COUNT=" not in upper and "UNTIL=" not in upper
