"""Moments in templates, by the clock of whoever is logged in: {% load moments %}{% ago run.ended_at %}."""

from datetime import datetime

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from marketplace import moments

register = template.Library()


def clock_of(context: Context) -> str:
    """The reader's choice of clock, "24" or "12"."""
    return str(getattr(getattr(context.get("request"), "user", None), "clock", "24"))


def _element(context: Context, moment: datetime, words: str, attribute: str = "") -> SafeString:
    title = moments.exact(moment, clock_of(context))
    shape = f'<time datetime="{{}}" title="{{}}"{attribute}>{{}}</time>'
    return format_html(shape, moment.isoformat(timespec="seconds"), title, words)


@register.simple_tag(takes_context=True)
def ago(context: Context, moment: datetime | None) -> SafeString | str:
    """ "2 minutes ago" with the exact time as tooltip, kept true by times.js; nothing for None."""
    if moment is None:
        return ""
    local, now = timezone.localtime(moment), timezone.localtime()
    return _element(context, local, moments.ago(local, now), " data-relative")


@register.simple_tag(takes_context=True)
def moment(context: Context, moment: datetime | None) -> SafeString | str:
    """ "today 14:30", "Tuesday 9:05 am", "3 May 2024 14:30"; nothing for None."""
    if moment is None:
        return ""
    local, now = timezone.localtime(moment), timezone.localtime()
    return _element(
        context, local, f"{moments.day(local, now)} {moments.clock_time(local, clock_of(context))}"
    )


@register.simple_tag(takes_context=True)
def clock_time(context: Context, moment: datetime | None) -> str:
    """ "14:30" or "2:30 pm", in the reader's zone; nothing for None."""
    return "" if moment is None else moments.clock_time(timezone.localtime(moment), clock_of(context))


@register.simple_tag
def day(moment: datetime | None) -> str:
    """ "today", "tomorrow", "Tuesday", "3 May"; nothing for None."""
    return "" if moment is None else moments.day(timezone.localtime(moment), timezone.localtime())
