"""Reads an event resource from a client: what may be written, and what is wrong with it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.google.errors import ApiError, invalid, required, time_range_empty
from sandbox.google.records import Calendar, end_of, start_of
from sandbox.google.recurrence import check_lines
from sandbox.shapes import Json

WRITABLE = (
    "status", "summary", "description", "location", "colorId", "eventLabelId", "start", "end", "recurrence",
    "transparency", "visibility", "attendees", "attendeesOmitted", "extendedProperties",
    "guestsCanInviteOthers",
    "guestsCanModify", "guestsCanSeeOtherGuests", "anyoneCanAddSelf", "reminders", "source", "attachments",
    "sequence", "eventType", "birthdayProperties", "focusTimeProperties", "outOfOfficeProperties",
    "workingLocationProperties", "gadget",
)  # fmt: skip
CHOICES: Mapping[str, tuple[str, ...]] = {
    "status": ("confirmed", "tentative", "cancelled"),
    "transparency": ("opaque", "transparent"),
    "visibility": ("default", "public", "private", "confidential"),
    "eventType": ("default", "birthday", "focusTime", "fromGmail", "outOfOffice", "workingLocation"),
}
# Value types of members that are not plain text.
TYPES: Mapping[str, type] = {
    "attendees": list, "recurrence": list, "attachments": list, "reminders": dict, "extendedProperties": dict,
    "source": dict, "start": dict, "end": dict, "guestsCanInviteOthers": bool, "guestsCanModify": bool,
    "guestsCanSeeOtherGuests": bool, "anyoneCanAddSelf": bool, "attendeesOmitted": bool, "sequence": int,
    "birthdayProperties": dict, "focusTimeProperties": dict, "outOfOfficeProperties": dict,
    "workingLocationProperties": dict, "gadget": dict,
}  # fmt: skip
EVENT_ID = re.compile(r"[a-v0-9]{5,1024}")
ANSWERS = ("needsAction", "declined", "tentative", "accepted")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def check_id(event_id: object) -> str:
    if not isinstance(event_id, str) or not EVENT_ID.fullmatch(event_id):
        raise invalid("Invalid resource id value.")
    return event_id


def readable(raw: Json) -> Json:
    """The writable members of a body, nulls kept; raises ApiError 400 on a wrong type or word."""
    body = {name: raw[name] for name in WRITABLE if name in raw}
    for name, value in body.items():
        if value is None:
            continue
        if not isinstance(value, TYPES.get(name, str)):
            raise invalid(f"Invalid value for: {name}")
        if name in CHOICES and value not in CHOICES[name]:
            raise invalid(f"Invalid value for: {name}, {value} is not one of {', '.join(CHOICES[name])}")
        if (
            isinstance(value, list)
            and name == "attendees"
            and not all(isinstance(person, dict) for person in value)
        ):
            raise invalid("Invalid attendee email.")
    return body


def complete(body: Json, calendar: Calendar) -> Json:
    """A whole resource in canonical form: times in the calendar's zone, people and reminders filled in.

    Raises ApiError 400.
    """
    body = {name: value for name, value in body.items() if value is not None}
    body |= _times(body, calendar)
    for name, check in CHECKS.items():
        if name in body:
            body[name] = check(body[name])
    return body


def _times(body: Json, calendar: Calendar) -> Json:
    for name in ("start", "end"):
        if name not in body:
            raise required(f"Missing {name} time.")
    start, end = start_of(body, calendar.time_zone), end_of(body, calendar.time_zone)
    if start.all_day != end.all_day:
        raise invalid("Start and end times must either both be date or both be dateTime.")
    if end.instant < start.instant:
        raise time_range_empty()
    if body.get("recurrence"):
        if not start.all_day and not body["start"].get("timeZone"):
            raise required("Missing time zone definition for start time.")
        check_lines(body["recurrence"], start)
    return {"start": start.wire(calendar.time_zone), "end": end.wire(calendar.time_zone)}


def _attendees(people: list[Json]) -> list[Json]:
    seen: dict[str, Json] = {}
    for person in people:
        if not EMAIL.fullmatch(str(person.get("email", ""))):
            raise invalid("Invalid attendee email.")
        answer = person.get("responseStatus") or "needsAction"
        if answer not in ANSWERS:
            raise invalid("Invalid value for: responseStatus")
        email = str(person["email"]).lower()
        kept = {name: value for name, value in person.items() if value is not None and name != "self"}
        seen[email] = kept | {"email": email, "responseStatus": answer}
    return list(seen.values())


def _reminders(reminders: Json) -> Json:
    overrides = reminders.get("overrides") or []
    if reminders.get("useDefault") and overrides:
        message = "Cannot specify both default reminders and overrides at the same time."
        raise ApiError(400, "cannotUseDefaultRemindersAndSpecifyOverride", message, domain="calendar")
    if not isinstance(overrides, list) or len(overrides) > 5:
        raise invalid("Too many override reminders.")
    for override in overrides:
        if not _is_reminder(override):
            raise invalid("Invalid reminder override.")
    kept: Json = {"useDefault": bool(reminders.get("useDefault"))}
    return kept | ({"overrides": overrides} if overrides else {})


def _is_reminder(override: object) -> bool:
    if not isinstance(override, dict) or override.get("method") not in ("email", "popup"):
        return False
    minutes = override.get("minutes")
    return isinstance(minutes, int) and 0 <= minutes <= 40_320


def _color(color: str) -> str:
    if color not in {str(number) for number in range(1, 12)}:
        raise invalid("Invalid value for: colorId")
    return color


def _properties(properties: Json) -> Json:
    kept: Json = {}
    for side in ("private", "shared"):
        pairs = properties.get(side)
        if pairs is None:
            continue
        if not isinstance(pairs, dict):
            raise invalid("Invalid value for: extendedProperties")
        named = {str(key): str(value) for key, value in pairs.items() if value is not None}
        if any(len(key) > 44 or len(value) > 1024 for key, value in named.items()):
            raise invalid("Extended property too long.")
        kept[side] = named
    return {side: pairs for side, pairs in kept.items() if pairs}


def _attachments(attachments: list[Any]) -> list[Any]:
    if len(attachments) > 25:
        raise invalid("Too many attachments.")
    return attachments


CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "attendees": _attendees,
    "reminders": _reminders,
    "colorId": _color,
    "extendedProperties": _properties,
    "attachments": _attachments,
}
