"""What is stored: events as ready JSON text beside the few facts that lists filter and sort by."""

import json
from dataclasses import dataclass, field
from typing import Any

from sandbox.google.errors import ApiError
from sandbox.google.moments import Moment, parse_moment
from sandbox.google.recurrence import UNREADABLE, last_wall
from sandbox.shapes import Json

FOREVER = float("inf")
WRITERS = ("owner", "writer")
ROLES = ("freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def compact(value: Any) -> str:
    return _encoder.encode(value)


def etag_of(seq: int) -> str:
    """An entity tag, quotes included, that differs for every change in the world."""
    return f'"{3_400_000_000_000_000 + seq * 2_000}"'


@dataclass(slots=True)
class Event:
    """One event as one calendar has it. `starts` and `ends` are epoch seconds; of a series: its whole span.

    `gone` marks an exception that lost its series' instance: deltas tell of it, lists do not.
    """

    calendar: str
    id: str
    text: str
    ordinal: int
    seq: int
    starts: float
    ends: float
    status: str
    event_type: str
    updated: str
    master: str = ""
    recurring: bool = False
    gone: bool = False

    @property
    def body(self) -> Json:
        """A fresh copy of the resource, free to change."""
        resource: Json = json.loads(self.text)
        return resource

    @property
    def cancelled(self) -> bool:
        return self.status == "cancelled"

    @property
    def etag(self) -> str:
        return etag_of(self.seq)

    def dump(self) -> str:
        """The facts on one line, the resource as it is on the next."""
        row = (
            self.calendar, self.id, self.ordinal, self.seq, self.starts, self.ends, self.status, self.event_type,
            self.updated, self.master, self.recurring, self.gone,
        )  # fmt: skip
        return f"{json.dumps(row)}\n{self.text}"


def load_event(text: str) -> Event:
    """The reverse of `dump`; raises ValueError or TypeError on anything else."""
    facts, _, resource = text.partition("\n")
    calendar, event_id, *rest = json.loads(facts)
    return Event(calendar, event_id, resource, *rest)


def describe(body: Json, calendar: "Calendar", seq: int, ordinal: int) -> Event:
    """The stored form of a resource. A resource whose times cannot be read counts as always there."""
    starts, ends = _span(body, calendar.time_zone)
    return Event(
        calendar=calendar.id,
        id=body.get("id", ""),
        text=compact(body),
        ordinal=ordinal,
        seq=seq,
        starts=starts,
        ends=ends,
        status=body.get("status", "confirmed"),
        event_type=body.get("eventType", "default"),
        updated=body.get("updated", ""),
        master=body.get("recurringEventId", ""),
        recurring=bool(body.get("recurrence")),
    )


def start_of(body: Json, zone: str) -> Moment:
    return parse_moment(body.get("start"), "start", zone)


def end_of(body: Json, zone: str) -> Moment:
    return parse_moment(body.get("end"), "end", zone)


def attendees_of(body: Json) -> list[Json]:
    """The attendees; none where a resource is wrong on purpose."""
    people = body.get("attendees")
    return [person for person in people if isinstance(person, dict)] if isinstance(people, list) else []


def own_answer(body: Json) -> str:
    """The response of the calendar's owner; empty when she is no attendee."""
    return next((str(each.get("responseStatus", "")) for each in attendees_of(body) if each.get("self")), "")


def _span(body: Json, zone: str) -> tuple[float, float]:
    try:
        start, end = start_of(body, zone), end_of(body, zone)
        if not body.get("recurrence"):
            return start.epoch, end.epoch
        last = last_wall(tuple(body["recurrence"]), start)
        length = end.epoch - start.epoch
        return start.epoch, FOREVER if last is None else start.moved(last).epoch + length + 86_400
    except (ApiError, *UNREADABLE):
        return 0.0, FOREVER


@dataclass(slots=True)
class Calendar:
    """`roles` maps addresses to access roles; `token_floor` is the lowest position a sync token may have."""

    id: str
    owner: str
    summary: str
    time_zone: str = "Europe/Amsterdam"
    description: str = ""
    watchable: bool = True
    roles: dict[str, str] = field(default_factory=dict)
    seq: int = 0
    updated: str = ""
    token_floor: int = 0
    events: dict[str, Event] = field(default_factory=dict)
    children: dict[str, dict[str, None]] = field(default_factory=dict)
    vanished: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def primary(self) -> bool:
        return self.id == self.owner

    def put(self, event: Event) -> None:
        """Replace in place: an event keeps its position in lists for ever."""
        self.events[event.id] = event
        self.seq, self.updated = max(self.seq, event.seq), max(self.updated, event.updated)
        if event.master:
            self.children.setdefault(event.master, {})[event.id] = None

    def exceptions(self, master_id: str) -> list[Event]:
        """The stored instances of a series, cancelled ones included, orphaned ones not."""
        stored = (self.events[event_id] for event_id in self.children.get(master_id, ()))
        return [event for event in stored if not event.gone]

    def dump(self) -> str:
        bulky = ("events", "children")
        return json.dumps({name: getattr(self, name) for name in self.__slots__ if name not in bulky})


def load_calendar(text: str) -> Calendar:
    raw = json.loads(text)
    raw["vanished"] = {key: tuple(value) for key, value in raw["vanished"].items()}
    return Calendar(**raw)


@dataclass(slots=True)
class Entry:
    """One calendar in one person's list."""

    mailbox: str
    calendar: str
    seq: int = 0
    deleted: bool = False
    shown: Json = field(default_factory=dict)

    @property
    def hidden(self) -> bool:
        return bool(self.shown.get("hidden"))

    def dump(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__slots__})
