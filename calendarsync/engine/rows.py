"""A remote event as the columns of its row. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from calendarsync.domain import AllDay, Kind, Person, RemoteEvent, Response
from calendarsync.fingerprints import fingerprint, identity_key
from calendarsync.recurrence import ends_at


def columns_of(event: RemoteEvent, me: frozenset[str], zone: str) -> dict[str, Any]:
    """Column values including the fingerprint. `me` are the owner's addresses, `zone` the calendar's."""
    content = {
        "kind": event.kind.value,
        "master_remote_id": event.master_remote_id,
        "original_start": event.original_start,
        "ical_uid": event.ical_uid,
        "identity_key": identity_key(
            event.ical_uid or event.master_remote_id or event.remote_id, event.original_start
        ),
        **_times(event),
        "recurrence": list(event.recurrence),
        "recurs_until": _recurs_until(event, zone),
        "title": event.title,
        "description": event.description,
        "location": event.location,
        "status": event.status.value,
        "busy": event.busy.value,
        "visibility": event.visibility.value,
        "special": event.special.value,
        "colour": event.colour,
        "organiser": _person(event.organiser, me) if event.organiser else None,
        "attendees": [_person(person, me) for person in event.attendees],
        "my_response": _my_response(event, me),
        "conference_url": event.conference_url,
        "html_link": event.html_link,
    }
    content["fingerprint"] = fingerprint(content)
    content["etag"] = event.etag[:255]
    content["remote_updated_at"] = event.updated_at
    return content


def is_me(person: Person, me: frozenset[str]) -> bool:
    """Whether this person is the calendar's owner, by the provider's word or by one of the known addresses."""
    return person.is_self or person.address in me


def _my_response(event: RemoteEvent, me: frozenset[str]) -> str:
    mine = [person.response for person in event.attendees if is_me(person, me)]
    return mine[0].value if mine else ""


def _person(person: Person, me: frozenset[str]) -> dict[str, Any]:
    known: Mapping[str, Any] = {
        "address": person.address,
        "name": person.name,
        "response": person.response.value if person.response is not Response.NONE else "",
        "optional": person.optional,
        "resource": person.resource,
        "me": is_me(person, me),
    }
    return {key: value for key, value in known.items() if value}


def _times(event: RemoteEvent) -> dict[str, Any]:
    when = event.when
    if when is None:
        return {"starts_at": None, "ends_at": None, "tzid": "", "start_date": None, "end_date": None}
    if isinstance(when, AllDay):
        return {
            "starts_at": None,
            "ends_at": None,
            "tzid": "",
            "start_date": when.start,
            "end_date": when.end,
        }
    return {
        "starts_at": when.start,
        "ends_at": when.end,
        "tzid": when.zone,
        "start_date": None,
        "end_date": None,
    }


def _recurs_until(event: RemoteEvent, zone: str) -> datetime | None:
    if event.kind is not Kind.MASTER or event.when is None:
        return None
    return ends_at(event.when, event.recurrence, fallback_zone=zone)
