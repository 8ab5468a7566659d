"""Moments in words: by the reader's clock, language and zone. Pure functions.

The zone is the one of the aware datetimes given; the language is the active one.
"""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

MINUTE, HOUR, DAY = 60, 3600, 86400


def clock_time(moment: datetime, clock: str = "24") -> str:
    """14:30, or 2:30 pm for who chose twelve hours; Dutch always has twenty-four."""
    twelve = clock == "12" and (get_language() or "").startswith("en")
    return date_format(moment, "g:i a" if twelve else "H:i").replace(".", "")


def day(moment: datetime, now: datetime) -> str:
    """Today, tomorrow, yesterday, a weekday within the week, else the date (with the year if it differs)."""
    distance = (moment.date() - now.date()).days
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    if distance in near:
        return near[distance]
    if 1 < distance < 7:
        return date_format(moment, "l")
    return date_format(moment, "j F" if moment.year == now.year else "j F Y")


def by_when(moment: datetime | None, now: datetime, clock: str = "24") -> str:
    """For "we continue …": "at 14:05", "tomorrow at 14:05", "on Tuesday at 14:05"; "soon" for None or the past."""
    if moment is None or moment <= now:
        return _("soon")
    time = clock_time(moment, clock)
    distance = (moment.date() - now.date()).days
    if distance == 0:
        return _("at %(time)s") % {"time": time}
    if distance == 1:
        return _("tomorrow at %(time)s") % {"time": time}
    return _("on %(day)s at %(time)s") % {"day": day(moment, now), "time": time}


def since_day(moment: datetime, now: datetime) -> str:
    """For "stopped …": "today", "yesterday", "on 3 May"."""
    if abs((moment.date() - now.date()).days) < 2:
        return day(moment, now)
    return _("on %(day)s") % {"day": day(moment, now)}


def exact(moment: datetime, clock: str = "24") -> str:
    """The full date and time, for a tooltip or a log."""
    return f"{date_format(moment, 'l j F Y')} {clock_time(moment, clock)}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago or until, in the largest fitting unit: "2 minutes ago", "in 3 hours"."""
    seconds = (moment - now).total_seconds()
    if abs(seconds) < MINUTE:
        return _("just now") if seconds <= 0 else _("in a moment")
    return _past(int(-seconds)) if seconds < 0 else _future(int(seconds))


def _past(seconds: int) -> str:
    if seconds >= DAY:
        return ngettext("%(n)d day ago", "%(n)d days ago", seconds // DAY) % {"n": seconds // DAY}
    if seconds >= HOUR:
        return ngettext("%(n)d hour ago", "%(n)d hours ago", seconds // HOUR) % {"n": seconds // HOUR}
    return ngettext("%(n)d minute ago", "%(n)d minutes ago", seconds // MINUTE) % {"n": seconds // MINUTE}


def _future(seconds: int) -> str:
    if seconds >= DAY:
        return ngettext("in %(n)d day", "in %(n)d days", seconds // DAY) % {"n": seconds // DAY}
    if seconds >= HOUR:
        return ngettext("in %(n)d hour", "in %(n)d hours", seconds // HOUR) % {"n": seconds // HOUR}
    return ngettext("in %(n)d minute", "in %(n)d minutes", seconds // MINUTE) % {"n": seconds // MINUTE}
