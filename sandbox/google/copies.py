"""One meeting in many calendars: the copies of attendees follow the organiser, answers travel back."""

from sandbox.google.records import Calendar, Event
from sandbox.google.series import find_instance
from sandbox.google.store import Store
from sandbox.shapes import Json

# What each calendar has for itself; everything else is shared and belongs to the organiser.
OWN = (
    "etag",
    "updated",
    "created",
    "colorId",
    "eventLabelId",
    "reminders",
    "transparency",
    "visibility",
    "htmlLink",
)


def is_organizer(body: Json, calendar: Calendar) -> bool:
    organizer = body.get("organizer") or {}
    return not organizer or organizer.get("email") == calendar.id


def mark_self(body: Json, calendar: Calendar) -> Json:
    """The resource with the `self` flags of this calendar."""
    marked = dict(body)
    for name in ("organizer", "creator"):
        if name in marked:
            marked[name] = _flagged(marked[name], calendar.id)
    if marked.get("attendees"):
        marked["attendees"] = [_flagged(person, calendar.id) for person in marked["attendees"]]
    return marked


def _flagged(person: Json, address: str) -> Json:
    bare = {name: value for name, value in person.items() if name != "self"}
    return bare | {"self": True} if person.get("email") == address else bare


def share(store: Store, calendar: Calendar, body: Json, was: Json | None, send_updates: str) -> None:
    """Bring every attendee's calendar in line with the organiser's resource, and count the mails."""
    current, former = _guests(body, calendar), _guests(was or {}, calendar)
    cancelled = body.get("status") == "cancelled"
    for address in current | former:
        kind = "invitation" if address not in former else "update"
        if cancelled or address not in current:
            kind = "cancellation"
        target = store.primary_of(address)
        if target is not None:
            _update_copy(store, target, body, cancel=kind == "cancellation")
        mail(store, calendar, body, address, kind, send_updates)


def _update_copy(store: Store, target: Calendar, body: Json, *, cancel: bool) -> None:
    known = target.events.get(body["id"])
    if cancel:
        if known or body.get("recurringEventId") in target.events:
            base = known.body if known else _copy_for(target, body, None)
            cancel_stored(store, target, base)
        return
    if known and known.cancelled and _answer(body, target.id) == "declined":
        # Who threw the invitation away does not get it back.
        return
    copy = _copy_for(target, body, known)
    if known is None or _shared(known.body) != _shared(copy):
        store.write(target, copy)


def _copy_for(target: Calendar, body: Json, known: Event | None) -> Json:
    own: Json = {name: value for name, value in (known.body if known else {}).items() if name in OWN}
    if known is None:
        own = {"created": body["created"], "htmlLink": body["htmlLink"], "reminders": {"useDefault": True}}
        own |= {name: body[name] for name in ("visibility", "transparency") if name in body}
    shared = {name: value for name, value in body.items() if name not in (*OWN, "extendedProperties")}
    properties = dict((body.get("extendedProperties") or {}).items())
    properties.pop("private", None)
    private = ((known.body if known else {}).get("extendedProperties") or {}).get("private")
    if private:
        properties["private"] = private
    return mark_self(shared | own | ({"extendedProperties": properties} if properties else {}), target)


def _shared(body: Json) -> Json:
    return {name: value for name, value in body.items() if name not in ("etag", "updated")}


def cancel_stored(store: Store, calendar: Calendar, body: Json) -> Event:
    """Cancel one event; a series takes its exceptions along."""
    event = store.write(calendar, body | {"status": "cancelled"})
    if event.recurring:
        for exception in calendar.exceptions(event.id):
            if not exception.cancelled:
                store.write(calendar, exception.body | {"status": "cancelled"})
            else:
                store.write_as_is(calendar, exception.body)
    return event


def answer_organizer(store: Store, calendar: Calendar, body: Json, send_updates: str) -> None:
    """Carry this calendar's own answer to the organiser, and from there to every other copy."""
    own = next((person for person in body.get("attendees", ()) if person.get("self")), None)
    home = store.calendars.get((body.get("organizer") or {}).get("email", ""))
    if own is None or home is None:
        return
    held = home.events.get(body["id"])
    resource = held.body if held else find_instance(home, body["id"])
    if resource is None:
        return
    answer = {name: own[name] for name in ("responseStatus", "comment", "additionalGuests") if name in own}
    people = [
        person | answer if person["email"] == own["email"] else person
        for person in resource.get("attendees", ())
    ]
    if people == resource.get("attendees"):
        return
    was, resource = resource, resource | {"attendees": people}
    store.write(home, resource)
    share(store, home, resource, was, "none")
    mail(store, calendar, body, home.owner, "response", send_updates)


def mail(store: Store, calendar: Calendar, body: Json, to: str, kind: str, send_updates: str) -> None:
    """Count the message Google would send: none unless asked, only to strangers with externalOnly."""
    external = to not in store.world.mailboxes
    if send_updates == "all" or (send_updates == "externalOnly" and external):
        store.world.send_mail(
            to=to, kind=kind, summary=body.get("summary", ""), event=body["id"], calendar=calendar.id
        )


def _answer(body: Json, address: str) -> str:
    people = body.get("attendees") or ()
    return next((str(each.get("responseStatus")) for each in people if each["email"] == address), "")


def _guests(body: Json, calendar: Calendar) -> set[str]:
    people = body.get("attendees") or ()
    return {person["email"] for person in people if person["email"] not in (calendar.id, calendar.owner)}
