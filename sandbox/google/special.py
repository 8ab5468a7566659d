"""Rules of the special event types: birthdays, focus time, out of office, working location."""

from sandbox.google.errors import ApiError, invalid
from sandbox.google.records import Calendar
from sandbox.shapes import Json

PROPERTIES = {
    "focusTime": "focusTimeProperties",
    "outOfOffice": "outOfOfficeProperties",
    "workingLocation": "workingLocationProperties",
    "birthday": "birthdayProperties",
}


def check_type(body: Json, calendar: Calendar, *, was: str = "") -> None:
    """Raises ApiError 400 when the type is changed, not creatable, or breaks the rules of its kind."""
    kind = body.get("eventType", "default")
    if was and kind != was:
        raise _restricted("Event type cannot be changed.")
    if not was and kind == "fromGmail":
        raise _restricted("Events of type fromGmail cannot be created.")
    if kind in ("default", "fromGmail"):
        return
    if not calendar.primary:
        raise _restricted("This event type is only supported on primary calendars.")
    if body.get("attendees"):
        raise _restricted("Attendees are not supported for this event type.")
    _check_times(kind, body)


def _check_times(kind: str, body: Json) -> None:
    all_day = "date" in body["start"]
    if kind in ("focusTime", "outOfOffice") and all_day:
        raise _restricted("Events of this type must be timed.")
    if kind == "birthday" and not all_day:
        raise _restricted("A birthday must be an all-day event.")
    if kind == "workingLocation" and not body.get("workingLocationProperties"):
        raise invalid("Missing working location properties.")


def with_defaults(body: Json) -> Json:
    """Members Google adds by itself to a special event."""
    kind = body["eventType"]
    if kind == "workingLocation":
        return {"transparency": "transparent", "visibility": "public"} | body
    if kind == "birthday":
        usual = {
            "birthdayProperties": {"type": "birthday"},
            "transparency": "transparent",
            "visibility": "private",
        }
        return usual | body
    if kind in PROPERTIES:
        return {PROPERTIES[kind]: {"autoDeclineMode": "declineNone"}} | body
    return body


def _restricted(message: str) -> ApiError:
    return ApiError(400, "eventTypeRestriction", message, domain="calendar")
