"""Every change a client can make to events. Permissions, then the resource, then other calendars."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.google import copies, special
from sandbox.google.birth import as_organizer, imported_id, new_id, newborn
from sandbox.google.conference import note_pending, with_conference
from sandbox.google.errors import already_deleted, bad_request, duplicate, invalid, non_organizer, not_found
from sandbox.google.orphans import drop_orphans
from sandbox.google.records import Calendar, Event
from sandbox.google.series import find_instance
from sandbox.google.store import Store
from sandbox.google.validation import check_id, complete, readable
from sandbox.shapes import Json

# Members a calendar may change in a meeting someone else organises.
GUEST_MAY = {
    "reminders", "colorId", "eventLabelId", "transparency", "visibility", "attendees", "extendedProperties",
    "sequence",
}  # fmt: skip
KEPT = (
    "kind", "etag", "id", "htmlLink", "created", "creator", "organizer", "iCalUID", "sequence",
    "recurringEventId",
    "originalStartTime", "eventType", "conferenceData", "hangoutLink", "updated", "locked", "privateCopy",
)  # fmt: skip
RESCHEDULES = ("start", "end", "recurrence", "location", "status")
PRIVACY: Mapping[str, int] = {"public": 0, "default": 1, "private": 2, "confidential": 2}


@dataclass(frozen=True, slots=True)
class Options:
    """The query parameters that steer a write."""

    send_updates: str = "none"
    conference_version: int = 0


def insert(store: Store, calendar: Calendar, raw: Json, options: Options) -> Event:
    """Create an event. Raises ApiError 400, or 409 when the id or iCalUID is taken."""
    body = {"eventType": "default"} | complete(readable(raw), calendar)
    special.check_type(body, calendar)
    event_id = check_id(raw["id"]) if raw.get("id") else new_id()
    uid = raw.get("iCalUID") or f"{event_id}@google.com"
    if event_id in calendar.events or (raw.get("iCalUID") and find_by_uid(calendar, uid)):
        raise duplicate()
    body = with_conference(body, raw, options.conference_version)
    body = special.with_defaults(newborn(store, calendar, event_id, uid) | body)
    return _finish(store, calendar, _with_host(body, calendar), None, options)


def import_copy(store: Store, calendar: Calendar, raw: Json, options: Options) -> Event:
    """Add or renew a private copy of somebody's event; nobody is invited. Raises ApiError 400."""
    uid = raw.get("iCalUID")
    if not isinstance(uid, str) or not uid:
        raise invalid("Missing iCalUID.")
    body = {"eventType": "default"} | complete(readable(raw), calendar)
    if body["eventType"] != "default":
        raise bad_request("Only events of the default type can be imported.")
    known = find_by_uid(calendar, uid)
    born = newborn(store, calendar, known.id if known else imported_id(uid), uid)
    organizer = raw.get("organizer") if isinstance(raw.get("organizer"), dict) else None
    body = with_conference(born | body, raw, options.conference_version)
    if organizer:
        body["organizer"] = organizer
    return store.write(calendar, copies.mark_self(body, calendar) | {"privateCopy": True})


def patch(store: Store, calendar: Calendar, was: Json, raw: Json, options: Options) -> Event:
    """Merge into an event: objects by member, arrays whole, null clears. Raises ApiError 400, 403, 410."""
    changes = readable(raw)
    if was.get("status") == "cancelled" and changes.get("status", "cancelled") == "cancelled":
        raise already_deleted()
    merged = merge(was, changes)
    if was.get("eventType") and "eventType" in changes and changes["eventType"] != was["eventType"]:
        special.check_type(merged, calendar, was=was["eventType"])
    return _change(store, calendar, was, merged, raw, options)


def replace(store: Store, calendar: Calendar, was: Json, raw: Json, options: Options) -> Event:
    """PUT: what the body does not say is cleared, what a client cannot set stays. Raises ApiError."""
    changes = readable(raw)
    if was.get("status") == "cancelled" and changes.get("status", "confirmed") == "cancelled":
        raise already_deleted()
    kept = {name: was[name] for name in KEPT if name in was}
    fresh = {"status": "confirmed", "reminders": {"useDefault": True}}
    given = {name: value for name, value in changes.items() if value is not None and name != "eventType"}
    return _change(store, calendar, was, kept | fresh | given, raw, options)


def _change(store: Store, calendar: Calendar, was: Json, merged: Json, raw: Json, options: Options) -> Event:
    if not copies.is_organizer(was, calendar) and not was.get("privateCopy"):
        return _change_as_guest(store, calendar, was, merged, options)
    if "recurringEventId" in was:
        merged = {name: value for name, value in merged.items() if name != "recurrence"}
    body = complete(merged, calendar)
    special.check_type(body, calendar, was=was.get("eventType", "default"))
    body = with_conference(body, raw, options.conference_version)
    body["attendees"] = _with_host(body, calendar).get("attendees", [])
    body = {
        name: value for name, value in body.items() if value != [] or name not in ("attendees", "recurrence")
    }
    body = _visibility_of_series(store, calendar, was, body)
    return _finish(store, calendar, body, was, options)


def _finish(store: Store, calendar: Calendar, body: Json, was: Json | None, options: Options) -> Event:
    body = copies.mark_self(body, calendar)
    if was is not None:
        changed = {name for name in body.keys() | was.keys() if body.get(name) != was.get(name)}
        if not changed and body["id"] in calendar.events:
            return calendar.events[body["id"]]
        if changed & set(RESCHEDULES):
            body["sequence"] = max(was.get("sequence", 0), body.get("sequence", 0)) + 1
        event = store.write(calendar, body, touched=changed != {"reminders"})
        drop_orphans(store, calendar, event, was)
    else:
        event = store.write(calendar, body)
    note_pending(store, calendar.id, body)
    if not body.get("privateCopy"):
        copies.share(store, calendar, body, was, options.send_updates)
    return event


def _change_as_guest(store: Store, calendar: Calendar, was: Json, merged: Json, options: Options) -> Event:
    """An attendee may change how the meeting looks to her and her own answer, nothing of the others'."""
    merged = merged | {"attendees": _own_answer(was, merged)}
    body = copies.mark_self(complete(merged, calendar), calendar)
    body = {name: value for name, value in body.items() if value != [] or name != "attendees"}
    changed = {name for name in body.keys() | was.keys() if body.get(name) != was.get(name)}
    shared_before = (was.get("extendedProperties") or {}).get("shared")
    if (body.get("extendedProperties") or {}).get("shared") != shared_before:
        changed.add("shared")
    if changed - GUEST_MAY and not was.get("guestsCanModify"):
        raise non_organizer()
    if not changed and body["id"] in calendar.events:
        return calendar.events[body["id"]]
    event = store.write(calendar, body, touched=changed != {"reminders"})
    if changed - GUEST_MAY:
        _change_at_home(store, body, options)
    if "attendees" in changed:
        copies.answer_organizer(store, calendar, body, options.send_updates)
    return event


def _own_answer(was: Json, merged: Json) -> list[Json]:
    """The attendees as they were, but for the caller's own entry. Raises 403 when a stranger is added."""
    wanted = {str(person.get("email", "")).lower(): person for person in merged.get("attendees") or ()}
    known = was.get("attendees") or []
    added = wanted.keys() - {person["email"] for person in known}
    if added and not was.get("guestsCanInviteOthers", True):
        raise non_organizer()
    return [
        person | wanted[person["email"]] if person.get("self") and person["email"] in wanted else person
        for person in known
    ]


def _change_at_home(store: Store, body: Json, options: Options) -> None:
    """A guest who may modify the event changes the organiser's; the copies follow."""
    home = store.calendars.get(body["organizer"]["email"])
    held = home.events.get(body["id"]) if home else None
    if home and held:
        private = {name: value for name, value in held.body.items() if name in copies.OWN}
        shared = {name: value for name, value in body.items() if name not in copies.OWN}
        _finish(store, home, shared | private, held.body, options)


def delete(store: Store, calendar: Calendar, was: Json, options: Options) -> None:
    """Cancel an event, or one instance; an attendee's deletion declines. Raises ApiError 410."""
    if was.get("status") == "cancelled":
        raise already_deleted()
    copies.cancel_stored(store, calendar, was)
    if was.get("privateCopy"):
        return
    if copies.is_organizer(was, calendar):
        copies.share(store, calendar, was | {"status": "cancelled"}, was, options.send_updates)
        return
    people = [
        person | {"responseStatus": "declined"} if person.get("self") else person
        for person in was.get("attendees", ())
    ]
    copies.answer_organizer(store, calendar, was | {"attendees": people}, options.send_updates)


def move(store: Store, source: Calendar, target: Calendar, event: Event, options: Options) -> Event:
    """Give the event, its id and its exceptions to another calendar, which becomes the organiser."""
    body = event.body
    if event.cancelled:
        raise not_found()
    if event.event_type != "default" or event.master:
        raise bad_request("Only events of the default type, and whole series, can be moved.")
    if not copies.is_organizer(body, source):
        raise non_organizer()
    if event.id in target.events and not target.events[event.id].cancelled:
        raise duplicate()
    exceptions = [exception.body for exception in source.exceptions(event.id)]
    copies.cancel_stored(store, source, body)
    moved = [
        copies.mark_self(each | {"organizer": as_organizer(target)}, target) for each in (body, *exceptions)
    ]
    events = [store.write(target, each) for each in moved]
    copies.share(store, target, moved[0], moved[0], options.send_updates)
    return events[0]


def find(calendar: Calendar, event_id: str) -> Json:
    """The resource of a stored event or of an untouched instance, ready to change. Raises ApiError 404."""
    event = calendar.events.get(event_id)
    if event is not None and not event.gone:
        return event.body
    instance = find_instance(calendar, event_id)
    if instance is None:
        raise not_found()
    return instance


def find_by_uid(calendar: Calendar, uid: str) -> Event | None:
    """The living event or master with that iCalendar UID."""
    for event in calendar.events.values():
        if (
            uid in event.text
            and not event.master
            and not event.cancelled
            and event.body.get("iCalUID") == uid
        ):
            return event
    return None


def merge(base: Json, changes: Json) -> Json:
    """JSON merge patch (RFC 7396)."""
    merged = dict(base)
    for name, value in changes.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict) and isinstance(merged.get(name), dict):
            merged[name] = merge(merged[name], value)
        else:
            merged[name] = value
    for name in ("start", "end"):
        if name in changes and set(merged.get(name) or {}) == {"date", "timeZone"}:
            merged[name] = {"date": merged[name]["date"]}
    return merged


def _with_host(body: Json, calendar: Calendar) -> Json:
    """The resource with the organiser marked among its attendees; who is not listed is not added."""
    if not body.get("attendees"):
        return body
    people = []
    for person in body["attendees"]:
        hosts = person["email"] == calendar.id
        mark = {"organizer": True} if hosts else {}
        answer = {"responseStatus": "accepted"} if hosts and person["responseStatus"] == "needsAction" else {}
        people.append(person | mark | answer)
    return body | {"attendees": people}


def _visibility_of_series(store: Store, calendar: Calendar, was: Json, body: Json) -> Json:
    """A more private instance makes its whole series so; a less private one is ignored."""
    before, after = was.get("visibility", "default"), body.get("visibility", "default")
    master = calendar.events.get(body.get("recurringEventId", ""))
    if before == after or master is None:
        return body
    if PRIVACY[after] < PRIVACY[before]:
        return body | {"visibility": before}
    store.write(calendar, master.body | {"visibility": after})
    return body
