"""The values the engine and the providers exchange. Frozen, without Django, database, clock or network.

Times: a timed event is two UTC instants and the IANA name of its own zone; an all-day event is two dates, the end
exclusive. `original_start` names an occurrence of a series in the form of an RFC 5545 RECURRENCE-ID:
`20261123T090000Z` for timed series (UTC), `20261123` for all-day ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What an event is in relation to a series."""

    SINGLE = "single"
    MASTER = "master"
    EXCEPTION = "exception"
    CANCELLED = "cancelled"  # an occurrence taken out of its series


class Status(StrEnum):
    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"


class Busy(StrEnum):
    FREE = "free"
    TENTATIVE = "tentative"
    BUSY = "busy"
    OUT_OF_OFFICE = "oof"
    ELSEWHERE = "elsewhere"


class Visibility(StrEnum):
    DEFAULT = "default"
    PUBLIC = "public"
    PRIVATE = "private"
    CONFIDENTIAL = "confidential"


class Response(StrEnum):
    NONE = "none"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


class Special(StrEnum):
    """Kinds of event a provider manages itself; shown, never edited here."""

    NO = ""
    BIRTHDAY = "birthday"
    FOCUS_TIME = "focus_time"
    FROM_MAIL = "from_mail"
    OUT_OF_OFFICE = "out_of_office"
    WORKING_LOCATION = "working_location"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Timed:
    """Two UTC instants, end exclusive and never before start. `zone` is an IANA name; "" when it is unknown."""

    start: datetime
    end: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class AllDay:
    """Whole days in whatever zone the reader is; `end` is exclusive and at least one day after `start`."""

    start: date
    end: date


When = Timed | AllDay


def when_of(
    starts_at: datetime | None,
    ends_at: datetime | None,
    zone: str,
    start_date: date | None,
    end_date: date | None,
) -> When:
    """A time from its stored columns, of which exactly one pair is set. Raises ValueError otherwise."""
    if start_date is not None and end_date is not None:
        return AllDay(start_date, end_date)
    if starts_at is not None and ends_at is not None:
        return Timed(starts_at, ends_at, zone)
    raise ValueError("an event without a time")


@dataclass(frozen=True, slots=True)
class Person:
    """An attendee or organiser. `address` is lower case and may be empty."""

    address: str
    name: str = ""
    response: Response = Response.NONE
    optional: bool = False
    resource: bool = False
    is_self: bool = False


@dataclass(frozen=True, slots=True)
class RemoteEvent:
    """One event as one calendar has it. A CANCELLED one has no `when` and little else."""

    remote_id: str
    kind: Kind
    when: When | None
    etag: str = ""
    ical_uid: str = ""
    master_remote_id: str = ""
    original_start: str = ""
    title: str = ""
    description: str = ""
    location: str = ""
    status: Status = Status.CONFIRMED
    busy: Busy = Busy.BUSY
    visibility: Visibility = Visibility.DEFAULT
    special: Special = Special.NO
    colour: str = ""
    organiser: Person | None = None
    attendees: tuple[Person, ...] = ()
    recurrence: tuple[str, ...] = ()
    conference_url: str = ""
    html_link: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item we could not read: it is listed for the user and never taken for deleted."""

    remote_id: str
    title: str
    date: str
    reason: str


@dataclass(frozen=True, slots=True)
class Window:
    """A range of instants, end exclusive."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Position:
    """Where to read on: within a window, after a sync token, at a page of either; all empty = from the start.

    `page_size` asks for at most so many items where the usual number did not get through; 0 is the usual number.
    """

    window: Window | None = None
    sync_token: str = ""
    page_token: str = ""
    page_size: int = 0


@dataclass(frozen=True, slots=True)
class SnapshotPage:
    """A page of everything there is. `sync_token` comes with the last page, and only of an unbounded stream."""

    items: tuple[RemoteEvent, ...]
    unreadable: tuple[Unreadable, ...] = ()
    next_page: str = ""
    sync_token: str = ""


@dataclass(frozen=True, slots=True)
class DeltaPage:
    """A page of what changed. `removed` are remote ids deleted at the provider; absence means nothing."""

    items: tuple[RemoteEvent, ...]
    removed: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    next_page: str = ""
    sync_token: str = ""


Page = SnapshotPage | DeltaPage


@dataclass(frozen=True, slots=True)
class RemoteCalendar:
    """A calendar in the provider's list. `can_read` is false where only busy blocks are shared."""

    remote_id: str
    name: str
    time_zone: str = ""
    colour: str = ""
    can_write: bool = False
    can_read: bool = True
    is_primary: bool = False
    is_shown: bool = True


@dataclass(frozen=True, slots=True)
class Grant:
    """What a finished sign-in yields: who, and the credentials to keep (sealed) for later runs."""

    subject: str
    address: str
    name: str
    credentials: Mapping[str, Any]
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Watch:
    """A push subscription as the provider confirmed it; `expires_at` in UTC."""

    channel_id: str
    resource_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an account of this provider can do; forms, API and services all ask here."""

    push: bool = False
    write: bool = False
    visibility: bool = False
    free_busy: bool = False
    online_meetings: bool = False
    several_calendars: bool = False
    limits: tuple[str, ...] = field(default=())
