"""What a new event is born with: ids, links, people, everything Google fills in."""

import base64
import hashlib
import secrets

from sandbox.google.moments import rfc3339
from sandbox.google.records import Calendar
from sandbox.google.store import Store
from sandbox.shapes import Json


def newborn(store: Store, calendar: Calendar, event_id: str, uid: str) -> Json:
    """The members a client does not send."""
    return {
        "kind": "calendar#event",
        "etag": "",
        "id": event_id,
        "status": "confirmed",
        "htmlLink": html_link(store.world.base_url, event_id, calendar.id),
        "created": rfc3339(store.world.now()),
        "updated": "",
        "creator": {"email": calendar.owner},
        "organizer": as_organizer(calendar),
        "iCalUID": uid,
        "sequence": 0,
        "reminders": {"useDefault": True},
    }


def html_link(base_url: str, event_id: str, calendar_id: str) -> str:
    eid = base64.urlsafe_b64encode(f"{event_id} {calendar_id}".encode()).decode().rstrip("=")
    return f"{base_url}/event?eid={eid}"


def as_organizer(calendar: Calendar) -> Json:
    """The calendar as an organiser."""
    return {"email": calendar.id} | ({} if calendar.primary else {"displayName": calendar.summary})


def new_id() -> str:
    return base64.b32hexencode(secrets.token_bytes(16)).decode().lower().rstrip("=")


def imported_id(uid: str) -> str:
    """The id an imported event gets: always the same for its iCalendar UID."""
    return "_" + base64.b32hexencode(hashlib.sha256(uid.encode()).digest()[:16]).decode().lower().rstrip("=")
