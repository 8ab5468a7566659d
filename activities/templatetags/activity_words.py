"""Activities in templates: when they are, and the colour of their type."""

from datetime import date, datetime, time, timedelta

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from activities.models import Activity
from marketplace import moments
from marketplace.templatetags.moments import clock_of

register = template.Library()

ICONS = {"appointment": "calendar", "task": "task", "call": "phone", "note": "note"}


@register.filter
def kind_icon(kind: str) -> str:
    """Path of the icon of a kind of activity."""
    return f"_icons/{ICONS.get(kind, 'list')}.html"


@register.filter
def short_day(day: date, pattern: str = "D j M") -> str:
    """Tue 24 Nov; Dutch writes the month small: di 24 nov."""
    words = date_format(day, pattern)
    return words.lower() if get_language() == "nl" else words


@register.simple_tag(takes_context=True)
def when(context: Context, activity: Activity) -> SafeString | str:
    """ "Tue 24 Nov 2026 14:30-15:30", "Tue 24 - Thu 26 Nov 2026", or nothing for what has no time."""
    if activity.start_date and activity.end_date:
        return _days(activity.start_date, activity.end_date - timedelta(days=1))
    if activity.starts_at and activity.ends_at:
        starts, ends = timezone.localtime(activity.starts_at), timezone.localtime(activity.ends_at)
        return _stretch(starts, ends, clock_of(context))
    return ""


@register.simple_tag(takes_context=True)
def wall_time(context: Context, at: time) -> str:
    """The time of a diary entry by the reader's clock; its zone was applied before."""
    return moments.clock_time(datetime.combine(date.min, at), clock_of(context))


def _day(day: date) -> str:
    return short_day(day, "D j M Y")


def _parts(*parts: str) -> SafeString:
    """Words that wrap only between the parts."""
    spans = format_html_join(" ", "<span>{}</span>", ((part,) for part in parts))
    return format_html('<span class="when">{}</span>', spans)


def _days(first: date, last: date) -> SafeString:
    if first == last:
        return _parts(_day(first))
    begin = short_day(first) if first.year == last.year else _day(first)
    return _parts(f"{begin} –", _day(last))  # noqa: RUF001 (an en dash joins a range)


def _stretch(starts: datetime, ends: datetime, clock: str) -> SafeString:
    begin, end = (moments.clock_time(moment, clock) for moment in (starts, ends))
    if starts.date() == ends.date():
        return _parts(_day(starts), f"{begin}–{end}")  # noqa: RUF001 (an en dash joins a range)
    return _parts(_day(starts), f"{begin} –", _day(ends), end)  # noqa: RUF001 (an en dash joins a range)
