"""Google's push notifications: headers only, no body.

https://developers.google.com/workspace/calendar/api/guides/push
"""

from collections.abc import Mapping

from calendarsync.providers.base import Notification

_STATES = ("sync", "exists", "not_exists")
# Longer than any that Google or we make.
_LONGEST = 256
_DIGITS = 18


def read(headers: Mapping[str, str]) -> list[Notification]:
    """The notification in these headers; empty when they are not one. Never raises."""
    channel_id = headers.get("X-Goog-Channel-ID", "")
    secret = headers.get("X-Goog-Channel-Token", "")
    resource_id = headers.get("X-Goog-Resource-ID", "")
    state = headers.get("X-Goog-Resource-State", "")
    if not channel_id or state not in _STATES or not all(map(_is_plain, (channel_id, secret, resource_id))):
        return []
    number = _number(headers.get("X-Goog-Message-Number", ""))
    return [Notification(channel_id, secret, state == "sync", resource_id=resource_id, number=number)]


def _is_plain(value: str) -> bool:
    """What Google sends is; anything else need not be looked up."""
    return len(value) <= _LONGEST and value.isascii() and value.isprintable()


def _number(value: str) -> int | None:
    """Message numbers rise with each message of a channel, not necessarily by one; the first is 1."""
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= _DIGITS else None
