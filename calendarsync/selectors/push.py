"""How calendars hear of changes, in words for support."""

from collections.abc import Sequence
from datetime import datetime

from calendarsync.models import Calendar, Channel
from calendarsync.models.channel import trust


def push_of(calendars: Sequence[Calendar], now: datetime) -> dict[int, str]:
    """By calendar id: how far its newest channel is relied on and when it spoke last; "polling" without one.

    One statement. The words are those of `trust` and of the metric `calendar_channels`.
    """
    living = Channel.objects.filter(calendar__in=calendars, expires_at__gt=now).order_by("pk")
    found = living.annotate(trust=trust()).values_list("calendar", "trust", "last_message_at")
    newest = {calendar: _words(word, heard_at) for calendar, word, heard_at in found}
    return {calendar.pk: newest.get(calendar.pk, "polling") for calendar in calendars}


def _words(word: str, heard_at: datetime | None) -> str:
    return f"{word} · {heard_at.isoformat(timespec='seconds')}" if heard_at else word
