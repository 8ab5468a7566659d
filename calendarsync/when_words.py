"""When something happens, in words: days, times and how a series repeats. Pure; the language is the active one."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from calendarsync.domain import AllDay, When
from marketplace import moments

_TO = " \N{EN DASH} "
_TO_IN_ONE_LINE = "\N{NO-BREAK SPACE}\N{EN DASH}\N{NO-BREAK SPACE}"


def when_words(when: When, zone: ZoneInfo, clock: str) -> str:
    """Day and times in `zone`, as in "Monday 23 November 2026, 09:00"; days only for all-day. `clock` is 24 or 12."""
    if isinstance(when, AllDay):
        last = when.end - timedelta(days=1)
        return _("%(day)s, all day") % {"day": _days(when.start, last)}
    start, end = when.start.astimezone(zone), when.end.astimezone(zone)
    first, last_time = moments.clock_time(start, clock), moments.clock_time(end, clock)
    if start == end:
        return f"{_day(start)}, {first}"
    if start.date() == end.date():
        return f"{_day(start)}, {first}{_TO_IN_ONE_LINE}{last_time}"
    return f"{_day(start)}, {first}{_TO}{_day(end)}, {last_time}"


def repetition(lines: Sequence[str]) -> str:
    """How a series repeats, from its first RRULE (RFC 5545 3.3.10): "every week", "every 2 months"; "" without."""
    rule = next((line.partition(":")[2] for line in lines if line.upper().startswith("RRULE")), "")
    parts = dict(part.upper().split("=", 1) for part in rule.split(";") if "=" in part)
    every = int(parts["INTERVAL"]) if parts.get("INTERVAL", "").isdigit() else 1
    match parts.get("FREQ"):
        case "DAILY":
            return ngettext("every day", "every %(n)d days", every) % {"n": every}
        case "WEEKLY":
            return ngettext("every week", "every %(n)d weeks", every) % {"n": every}
        case "MONTHLY":
            return ngettext("every month", "every %(n)d months", every) % {"n": every}
        case "YEARLY":
            return ngettext("every year", "every %(n)d years", every) % {"n": every}
    return ""


def _days(first: date, last: date) -> str:
    return _day(first) if first == last else f"{_day(first)}{_TO}{_day(last)}"


def _day(moment: date) -> str:
    return date_format(moment, "l j F Y")
