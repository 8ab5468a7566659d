"""Events no client should trust: wrong on purpose, each in one way."""

from collections.abc import Mapping

from sandbox.control.places import calendar_of
from sandbox.google.cloud import Cloud
from sandbox.google.records import Calendar, etag_of
from sandbox.shapes import Json

GOOD_START = {"dateTime": "2026-11-25T10:00:00+01:00", "timeZone": "Europe/Amsterdam"}
GOOD_END = {"dateTime": "2026-11-25T11:00:00+01:00", "timeZone": "Europe/Amsterdam"}

WRONG: Mapping[str, Json] = {
    "unknown_kind": {"kind": "calendar#hologram", "eventType": "hologram"},
    "sentinel_dates": {
        "start": {"dateTime": "0001-01-01T00:00:00Z", "timeZone": "UTC"},
        "end": {"dateTime": "9999-12-31T23:59:59Z", "timeZone": "UTC"},
    },
    "unknown_zone": {
        "start": {"dateTime": "2026-11-25T10:00:00", "timeZone": "Mars/Olympus_Mons"},
        "end": {"dateTime": "2026-11-25T11:00:00", "timeZone": "Mars/Olympus_Mons"},
    },
    "invalid_rule": {"recurrence": ["RRULE:FREQ=FORTNIGHTLY;BYDAY=XX"]},
    "missing_start": {"start": None},
    "end_before_start": {"start": GOOD_END, "end": GOOD_START},
    "wrong_types": {"summary": 42, "attendees": "everybody", "start": "tomorrow"},
    "missing_id": {"id": None},
    "missing_end": {"end": None},
    "impossible_date": {"start": {"date": "2026-02-30"}, "end": {"date": "2026-02-31"}},
}


def add_malformed(cloud: Cloud, raw: Json) -> Json:
    """{"mailbox", "calendar"?, "kinds"?: [...]}: adds one broken event per kind, all kinds unless named.

    Kinds: unknown_kind, sentinel_dates, unknown_zone, invalid_rule, missing_start, missing_end,
    end_before_start,
    wrong_types, missing_id, impossible_date, duplicate_id (the first event of the calendar once more).
    """
    calendar = calendar_of(cloud, raw)
    kinds = [str(kind) for kind in raw.get("kinds") or (*WRONG, "duplicate_id")]
    return {"ids": [_add(cloud, calendar, kind) for kind in kinds]}


def _add(cloud: Cloud, calendar: Calendar, kind: str) -> str:
    number = cloud.world.seq + 1
    event_id = f"malformed{number:08d}"
    wrong = _duplicate(calendar) if kind == "duplicate_id" else WRONG[kind]
    body: Json = {
        "kind": "calendar#event",
        "etag": etag_of(number),
        "id": event_id,
        "status": "confirmed",
        "created": "2026-01-05T09:00:00.000Z",
        "updated": cloud.store.next_moment(),
        "summary": f"Malformed: {kind}",
        "iCalUID": f"{event_id}@google.com",
        "start": GOOD_START,
        "end": GOOD_END,
    }
    body = {name: value for name, value in (body | wrong).items() if value is not None}
    cloud.store.write_raw(calendar, body, event_id)
    return event_id


def _duplicate(calendar: Calendar) -> Json:
    first = next((event for event in calendar.events.values() if not event.cancelled), None)
    return first.body if first else {}
