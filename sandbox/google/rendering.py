"""How a stored event is shown to one viewer: tombstones, busy blocks, other zones, fewer attendees."""

from dataclasses import dataclass

from sandbox.google.errors import ApiError
from sandbox.google.moments import parse_moment
from sandbox.google.records import Calendar, Event, attendees_of, compact
from sandbox.google.series import original_start
from sandbox.shapes import Json

BUSY_FIELDS = (
    "kind", "etag", "id", "status", "htmlLink", "created", "updated", "iCalUID", "start", "end", "recurrence",
    "recurringEventId", "originalStartTime", "transparency", "eventType",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """What one request wants to see: the viewer's role, a display zone and a ceiling of attendees."""

    role: str = "owner"
    time_zone: str = ""
    max_attendees: int | None = None

    @property
    def plain(self) -> bool:
        return self.role in ("owner", "writer") and not self.time_zone and self.max_attendees is None

    def show(self, body: Json) -> Json:
        if self.role == "freeBusyReader" or (self._outsider and _is_private(body)):
            body = {name: body[name] for name in BUSY_FIELDS if name in body} | {"visibility": "private"}
        if self.time_zone:
            body = _in_zone(body, self.time_zone)
        if self.max_attendees is not None and len(attendees_of(body)) > self.max_attendees:
            body = _fewer_attendees(body, self.max_attendees)
        return body

    @property
    def _outsider(self) -> bool:
        return self.role in ("reader", "writerWithoutPrivateAccess")


def listed(event: Event, calendar: Calendar, view: View) -> str | Json:
    """An event as lists have it: ready text where possible, a tombstone when cancelled."""
    if event.cancelled:
        return compact(tombstone(event, calendar)) if view.plain else view.show(tombstone(event, calendar))
    return event.text if view.plain else view.show(event.body)


def tombstone(event: Event, calendar: Calendar) -> Json:
    """What is left of a cancelled event. Only exceptions of a live series say where they belonged."""
    bare: Json = {"kind": "calendar#event", "etag": event.etag, "id": event.id, "status": "cancelled"}
    master = calendar.events.get(event.master)
    if master is None or master.cancelled:
        return bare
    original = original_start(event, calendar)
    bare["recurringEventId"] = event.master
    bare["originalStartTime"] = (
        original.wire(calendar.time_zone) if original else event.body.get("originalStartTime", {})
    )
    return bare


def _is_private(body: Json) -> bool:
    return body.get("visibility") in ("private", "confidential")


def _in_zone(body: Json, zone: str) -> Json:
    shown = dict(body)
    for name in ("start", "end", "originalStartTime"):
        if name in shown and "dateTime" in shown[name]:
            try:
                shown[name] = parse_moment(shown[name], name, zone).wire(zone)
            except (ApiError, OverflowError):
                # A sentinel date at the edge of the calendar is shown as it was sent.
                continue
    return shown


def _fewer_attendees(body: Json, ceiling: int) -> Json:
    own = [person for person in body["attendees"] if person.get("self")]
    others = [person for person in body["attendees"] if not person.get("self")]
    return body | {"attendees": (own + others)[: max(ceiling, len(own))], "attendeesOmitted": True}
