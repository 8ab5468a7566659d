"""Named stretches of days. Pure: today is an argument."""

from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

# Far enough for every diary, near enough that a zone can be applied to both without overflow.
FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2199, 12, 31)


class Period(TextChoices):
    """Stretches relative to today."""

    TODAY = "today", _("Today")
    THIS_WEEK = "this-week", _("This week")
    NEXT_WEEK = "next-week", _("Next week")
    THIS_MONTH = "this-month", _("This month")
    UPCOMING = "upcoming", _("From today on")
    PAST = "past", _("Before today")


def week_of(day: date, first_weekday: int) -> tuple[date, date]:
    """First day of the week around `day`, and of the next one; `first_weekday` 0 is Sunday, 6 Saturday."""
    first = day - timedelta(days=(day.isoweekday() - first_weekday) % 7)
    return first, first + timedelta(days=7)


def month_of(day: date) -> tuple[date, date]:
    """First day of the month of `day`, and of the next one."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def days_of(period: Period, today: date, first_weekday: int) -> tuple[date, date]:
    """First day of the period and the day after its last."""
    first, until = week_of(today, first_weekday)
    stretches = {
        Period.TODAY: (today, today + timedelta(days=1)),
        Period.THIS_WEEK: (first, until),
        Period.NEXT_WEEK: (until, until + timedelta(days=7)),
        Period.THIS_MONTH: month_of(today),
        Period.UPCOMING: (today, LAST_DAY),
        Period.PAST: (FIRST_DAY, today),
    }
    return stretches[period]


def parse_day(text: str | None, otherwise: date) -> date:
    """The ISO date `text`, or `otherwise` when it is none or lies outside every diary."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return otherwise
    return day if FIRST_DAY <= day <= LAST_DAY - timedelta(days=60) else otherwise
