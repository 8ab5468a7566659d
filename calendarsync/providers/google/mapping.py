"""Google's event resource to our normal form. Pure; one bad item never stops the others.

https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from calendarsync import unreadable
from calendarsync.domain import (
    AllDay,
    Busy,
    Kind,
    Person,
    RemoteCalendar,
    RemoteEvent,
    Response,
    Special,
    Status,
    Timed,
    Unreadable,
    Visibility,
    When,
)
from calendarsync.fingerprints import fingerprint
from calendarsync.recurrence import InvalidRecurrence, check, original_start_of
from calendarsync.text import clean_html, clean_line, safe_url, without_control
from calendarsync.timezones import iana_name, instant_of, zone_or_utc

# Raise when a stored row would come out differently: every calendar is then read once more.
VERSION = 2

_COLOURS = {
    "1": "#a4bdfc", "2": "#7ae7bf", "3": "#dbadff", "4": "#ff887c", "5": "#fbd75b", "6": "#ffb878",
    "7": "#46d6db", "8": "#e1e1e1", "9": "#5484ed", "10": "#51b749", "11": "#dc2127",
}  # fmt: skip
_SPECIALS = {
    "default": Special.NO,
    "birthday": Special.BIRTHDAY,
    "focusTime": Special.FOCUS_TIME,
    "fromGmail": Special.FROM_MAIL,
    "outOfOffice": Special.OUT_OF_OFFICE,
    "workingLocation": Special.WORKING_LOCATION,
}
_RESPONSES = {
    "needsAction": Response.NONE,
    "accepted": Response.ACCEPTED,
    "tentative": Response.TENTATIVE,
    "declined": Response.DECLINED,
}
_VISIBILITIES = {value.value: value for value in Visibility}
# Outside these years a date is a sentinel of some client, not an appointment.
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_LONGEST_ID = 1024
# No zone has a longer name; what is longer is nobody's.
LONGEST_ZONE = 100


class Unusable(ValueError):
    """This item cannot be shown; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a list of items came to."""

    events: tuple[RemoteEvent, ...]
    removed: tuple[str, ...]
    unreadable: tuple[Unreadable, ...]


def read_items(items: Sequence[Any], zone: str) -> Read:
    """Sort items into events, removed ids and unreadable ones. Of one id twice the newer counts, else the later."""
    found: dict[str, RemoteEvent | Unreadable | None] = {}
    for item in items:
        remote_id = _remote_id(item)
        read = _read(item, remote_id, zone)
        if not _is_outdated(read, found.get(remote_id)):
            found.pop(remote_id, None)
            found[remote_id] = read
    return Read(
        events=tuple(read for read in found.values() if isinstance(read, RemoteEvent)),
        removed=tuple(remote_id for remote_id, read in found.items() if read is None),
        unreadable=tuple(read for read in found.values() if isinstance(read, Unreadable)),
    )


def _read(item: Any, remote_id: str, zone: str) -> RemoteEvent | Unreadable | None:
    """What one item is; None for a deleted event."""
    try:
        return event_of(item, zone)
    except Unusable as error:
        return _unreadable(item, remote_id, str(error))
    except InvalidRecurrence:
        return _unreadable(item, remote_id, unreadable.BAD_RULE)
    except (ValueError, OverflowError, TypeError, AttributeError, KeyError, RecursionError):
        return _unreadable(item, remote_id, unreadable.UNKNOWN_FORM)


def _is_outdated(read: RemoteEvent | Unreadable | None, known: RemoteEvent | Unreadable | None) -> bool:
    if not (isinstance(read, RemoteEvent) and isinstance(known, RemoteEvent)):
        return False
    return bool(read.updated_at and known.updated_at and read.updated_at < known.updated_at)


def event_of(item: Mapping[str, Any], zone: str) -> RemoteEvent | None:
    """One item; None for a deleted event. `zone` is the calendar's, for times that name none. Raises Unusable."""
    remote_id, master = _id(item, "id"), _id(item, "recurringEventId")
    if not remote_id:
        raise Unusable(unreadable.NO_ID)
    if item.get("status") == "cancelled":
        return _cancelled(item, remote_id, master, zone) if master else None
    when = _when(item.get("start"), item.get("end"), zone)
    recurrence = tuple(_text(line) for line in item.get("recurrence") or ())
    if recurrence and not master:
        check(when, recurrence, fallback_zone=zone)
    return RemoteEvent(
        remote_id=remote_id,
        kind=Kind.EXCEPTION if master else Kind.MASTER if recurrence else Kind.SINGLE,
        when=when,
        master_remote_id=master,
        original_start=_original_start(item, zone) if master else "",
        recurrence=() if master else recurrence,
        **_content(item),
        **_people(item),
    )


def read_calendars(entries: Iterable[Any]) -> tuple[RemoteCalendar, ...]:
    """The calendars among the entries of a calendar list, each once; an entry without an id is none."""
    usable = (entry for entry in entries if isinstance(entry, Mapping) and _id(entry, "id"))
    return tuple({_id(entry, "id"): calendar_of(entry) for entry in usable}.values())


def calendar_of(entry: Mapping[str, Any]) -> RemoteCalendar:
    """An entry of the calendar list."""
    role = _text(entry.get("accessRole"))
    return RemoteCalendar(
        remote_id=_id(entry, "id"),
        name=clean_line(entry.get("summaryOverride") or entry.get("summary")) or _id(entry, "id"),
        time_zone=iana_name(_text(entry.get("timeZone"))[:LONGEST_ZONE]),
        colour=_colour(entry.get("backgroundColor")),
        can_write=role in {"owner", "writer", "writerWithoutPrivateAccess"},
        can_read=role not in {"freeBusyReader", "none"} and not entry.get("deleted"),
        is_primary=bool(entry.get("primary")),
        is_shown=bool(entry.get("selected", entry.get("primary"))) and not entry.get("hidden"),
    )


def _content(item: Mapping[str, Any]) -> dict[str, Any]:
    event_type = _text(item.get("eventType")) or "default"
    return {
        "etag": _text(item.get("etag")),
        "ical_uid": _text(item.get("iCalUID")),
        "title": clean_line(item.get("summary")),
        "description": clean_html(item.get("description")),
        "location": clean_line(item.get("location")),
        "status": Status.TENTATIVE if item.get("status") == "tentative" else Status.CONFIRMED,
        "busy": _busy(item, event_type),
        "visibility": _VISIBILITIES.get(_text(item.get("visibility")), Visibility.DEFAULT),
        "special": _SPECIALS.get(event_type, Special.UNKNOWN),
        "colour": _COLOURS.get(_text(item.get("colorId")), ""),
        "conference_url": safe_url(_conference(item)),
        "html_link": safe_url(item.get("htmlLink")),
        "updated_at": _moment(item.get("updated")),
    }


def _people(item: Mapping[str, Any]) -> dict[str, Any]:
    attendees = tuple(_person(entry) for entry in item.get("attendees") or () if isinstance(entry, Mapping))
    organiser = item.get("organizer")
    return {
        "attendees": attendees,
        "organiser": _person(organiser) if isinstance(organiser, Mapping) else None,
    }


def _person(entry: Mapping[str, Any]) -> Person:
    return Person(
        address=clean_line(entry.get("email")).casefold(),
        name=clean_line(entry.get("displayName")),
        response=_RESPONSES.get(_text(entry.get("responseStatus")), Response.NONE),
        optional=bool(entry.get("optional")),
        resource=bool(entry.get("resource")),
        is_self=bool(entry.get("self")),
    )


def _cancelled(item: Mapping[str, Any], remote_id: str, master: str, zone: str) -> RemoteEvent:
    """A cancelled occurrence, which may carry nothing but its place in the series."""
    return RemoteEvent(
        remote_id=remote_id,
        kind=Kind.CANCELLED,
        when=None,
        etag=_text(item.get("etag")),
        ical_uid=_text(item.get("iCalUID")),
        master_remote_id=master,
        original_start=_original_start(item, zone),
    )


def _original_start(item: Mapping[str, Any], zone: str) -> str:
    start = item.get("originalStartTime")
    if not isinstance(start, Mapping):
        raise Unusable(unreadable.NO_PLACE_IN_SERIES)
    if start.get("date"):
        return _day(start["date"]).strftime("%Y%m%d")
    instant, _ = _instant(start, zone)
    return original_start_of(Timed(instant, instant, ""))


def _when(start: Any, end: Any, zone: str) -> When:
    """Times of an item, repaired where they are merely odd: a missing or earlier end, or a sentinel, means none."""
    if not isinstance(start, Mapping):
        raise Unusable(unreadable.NO_START)
    end = {} if not isinstance(end, Mapping) or _is_sentinel(end) else end
    if start.get("date"):
        first = _day(start["date"])
        last = _day(end["date"]) if end.get("date") else first
        return AllDay(first, max(last, first + timedelta(days=1)))
    begins, name = _instant(start, zone)
    finishes = _instant(end, zone)[0] if end.get("dateTime") else begins
    return Timed(begins, max(begins, finishes), name)


def _instant(value: Mapping[str, Any], zone: str) -> tuple[datetime, str]:
    """The UTC instant of a dateTime and the IANA zone it names, "" for one nobody knows.

    A time without offset is on the wall of that zone, else of the calendar's.
    """
    text = _text(value.get("dateTime"))
    if not text:
        raise Unusable(unreadable.NO_START)
    moment = datetime.fromisoformat(text)
    _believable(moment)
    named = _text(value.get("timeZone"))[:LONGEST_ZONE]
    own = iana_name(named) if named else iana_name(zone)
    if moment.tzinfo is None:
        return instant_of(moment, zone_or_utc(own or zone)), own
    return moment.astimezone(UTC), own


def _is_sentinel(end: Mapping[str, Any]) -> bool:
    """Whether it lies at the end or the beginning of time, by which some clients mean "open"."""
    year = _text(end.get("dateTime") or end.get("date"))[:4]
    return year.isdecimal() and not _FIRST_YEAR <= int(year) <= _LAST_YEAR


def _day(value: Any) -> date:
    day = date.fromisoformat(_text(value))
    _believable(day)
    return day


def _believable(moment: date) -> None:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise Unusable(unreadable.ODD_DATE)


def _busy(item: Mapping[str, Any], event_type: str) -> Busy:
    if event_type == "outOfOffice":
        return Busy.OUT_OF_OFFICE
    if event_type == "workingLocation":
        return Busy.ELSEWHERE
    return Busy.FREE if item.get("transparency") == "transparent" else Busy.BUSY


def _conference(item: Mapping[str, Any]) -> Any:
    for entry in (item.get("conferenceData") or {}).get("entryPoints") or ():
        if entry.get("entryPointType") == "video":
            return entry.get("uri")
    return item.get("hangoutLink")


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(value))
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _colour(value: Any) -> str:
    text = _text(value).lower()
    is_hex = len(text) == 7 and text[0] == "#" and all(digit in "0123456789abcdef" for digit in text[1:])
    return text if is_hex else ""


def _text(value: Any) -> str:
    """A text, or a number somebody wrote instead of one; "" for anything else."""
    return without_control(str(value)) if isinstance(value, str | int | float) else ""


def _id(item: Mapping[str, Any], field: str) -> str:
    """An id of Google's; "" for one that Google would not give: no text, or more than 1,024 characters."""
    given = item.get(field)
    found = without_control(given) if isinstance(given, str) else ""
    return found if len(found) <= _LONGEST_ID else ""


def _remote_id(item: Any) -> str:
    """The id of an item, or a name of our own by which an item without one can be listed."""
    found = _id(item, "id") if isinstance(item, Mapping) else ""
    return found or f"unnamed {fingerprint({'item': _looks_of(item)})[:12]}"


def _looks_of(item: Any) -> str:
    """Enough of an item to tell it from others."""
    try:
        return repr(item)[:2000]
    except RecursionError:
        return "nested"


def _unreadable(item: Any, remote_id: str, reason: str) -> Unreadable:
    fields = item if isinstance(item, Mapping) else {}
    start = fields.get("start")
    moment = (start.get("dateTime") or start.get("date")) if isinstance(start, Mapping) else ""
    return Unreadable(
        remote_id=remote_id,
        title=clean_line(fields.get("summary"))[:300],
        date=_text(moment)[:40],
        reason=reason[:300],
    )
