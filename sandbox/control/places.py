"""Finds what a control request means: a mailbox, its calendar, one of its events."""

from sandbox.google import writing
from sandbox.google.cloud import Cloud
from sandbox.google.records import Calendar
from sandbox.shapes import Json


def mailbox_of(cloud: Cloud, raw: Json) -> str:
    """Raises KeyError when the mailbox is not named or not there."""
    address = str(raw["mailbox"]).lower()
    if address not in cloud.world.mailboxes:
        raise KeyError(address)
    return address


def calendar_of(cloud: Cloud, raw: Json) -> Calendar:
    """`calendar` of the request, else the primary calendar of its `mailbox`. Raises KeyError."""
    wanted = raw.get("calendar") or "primary"
    return cloud.store.calendars[mailbox_of(cloud, raw) if wanted == "primary" else str(wanted)]


def event_of(cloud: Cloud, raw: Json) -> tuple[Calendar, Json]:
    """The event or instance `id` of the request. Raises KeyError, or ApiError 404."""
    calendar = calendar_of(cloud, raw)
    return calendar, writing.find(calendar, str(raw["id"]))
