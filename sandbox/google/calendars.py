"""Calendars and the list a person has of them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sandbox.google.api import Call, Reply
from sandbox.google.errors import ApiError, bad_request, invalid, not_found, required
from sandbox.google.events import open_channel
from sandbox.google.moments import find_zone
from sandbox.google.query import read_page_token, read_sync_token
from sandbox.google.records import ROLES, Calendar, Entry, etag_of
from sandbox.google.store import Store
from sandbox.google.tokens import BOUND, Token
from sandbox.shapes import Json

SHOWN = (
    "summaryOverride", "colorId", "backgroundColor", "foregroundColor", "hidden", "selected",
    "defaultReminders",
    "notificationSettings",
)  # fmt: skip
BACKGROUNDS: Mapping[str, str] = {
    "1": "#ac725e", "2": "#d06b64", "3": "#f83a22", "4": "#fa573c", "5": "#ff7537", "6": "#ffad46",
    "7": "#42d692",
    "8": "#16a765", "9": "#7bd148", "10": "#b3dc6c", "11": "#fbe983", "12": "#fad165", "13": "#92e1c0",
    "14": "#9fe1e7", "15": "#9fc6e7", "16": "#4986e7", "17": "#9a9cff", "18": "#b99aff", "19": "#c2c2c2",
    "20": "#cabdbf", "21": "#cca6ac", "22": "#f691b2", "23": "#cd74e6", "24": "#a47ae2",
}  # fmt: skip
EVENT_BACKGROUNDS: Mapping[str, str] = {
    "1": "#a4bdfc", "2": "#7ae7bf", "3": "#dbadff", "4": "#ff887c", "5": "#fbd75b", "6": "#ffb878",
    "7": "#46d6db",
    "8": "#e1e1e1", "9": "#5484ed", "10": "#51b749", "11": "#dc2127",
}  # fmt: skip
DARK = "#1d1d1d"


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry of the list with everything the resource says."""

    entry: Entry
    calendar: Calendar
    role: str

    @property
    def resource(self) -> Json:
        bare: Json = {"kind": "calendar#calendarListEntry", "etag": etag_of(self.entry.seq)}
        if self.entry.deleted or self.role == "none":
            return bare | {"id": self.calendar.id, "deleted": True}
        body = bare | {
            "id": self.calendar.id,
            "summary": self.calendar.summary,
            "timeZone": self.calendar.time_zone,
            "accessRole": self.role,
            "dataOwner": self.calendar.owner,
            "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
        }
        for name in ("description", "primary"):
            if getattr(self.calendar, name) and (
                name != "primary" or self.entry.mailbox == self.calendar.owner
            ):
                body[name] = getattr(self.calendar, name)
        color = self.entry.shown.get("colorId", "16")
        colors = {
            "colorId": color,
            "backgroundColor": BACKGROUNDS.get(color, "#9fc6e7"),
            "foregroundColor": DARK,
        }
        return body | colors | {"defaultReminders": []} | self.entry.shown


def list_calendar_list(call: Call) -> Reply:
    given = {name: call.query.getlist(name) for name in BOUND if name in call.query}
    resource = f"calendarList {call.mailbox}"
    sync = read_sync_token(call, resource, _floor(call))
    if sync:
        _check_sync(call)
    page = read_page_token(call, resource, given)
    here = page or Token(resource, call.cloud.world.seq, given, since=sync.upto if sync else None, after=[0])
    shown = _wanted(call, here.since)
    start, size = (here.after or [0])[0], call.number("maxResults", 100, 250)
    if len(shown) > start + size:
        onward = {"nextPageToken": call.cloud.signer.seal(replace(here, after=[start + size], page=True))}
    else:
        onward = {"nextSyncToken": call.cloud.signer.seal(Token(resource, here.upto, {}))}
    etag = etag_of(max((each.entry.seq for each in shown), default=here.upto))
    items = [each.resource for each in shown[start : start + size]]
    return Reply({"kind": "calendar#calendarList", "etag": etag, **onward, "items": items}, etag)


def _wanted(call: Call, since: int | None) -> list[Shown]:
    all_shown = [
        Shown(entry, calendar, call.store.role(call.mailbox, calendar))
        for entry, calendar in call.store.entries_of(call.mailbox)
    ]
    if since is not None:
        return [each for each in all_shown if each.entry.seq > since]
    lowest = _lowest_role(call)
    return [
        each
        for each in all_shown
        if (call.flag("showDeleted") or not (each.entry.deleted or each.role == "none"))
        and (call.flag("showHidden") or not each.entry.hidden)
        and (each.role == "none" or ROLES.index(each.role) >= lowest)
    ]


def _lowest_role(call: Call) -> int:
    role = call.query.get("minAccessRole", "freeBusyReader")
    if role not in ROLES:
        raise invalid(f"Invalid string value: '{role}'.", "minAccessRole")
    return ROLES.index(role)


def _check_sync(call: Call) -> None:
    for name in ("minAccessRole", "showOwnOrganizationOnly"):
        if name in call.query:
            raise bad_request(f"Sync token cannot be used together with {name}.", name)
    for name in ("showDeleted", "showHidden"):
        if name in call.query and not call.flag(name):
            raise bad_request(f"Sync token cannot be used with {name}=false.", name)


def _floor(call: Call) -> int:
    primary = call.store.primary_of(call.mailbox)
    return primary.token_floor if primary else 0


def get_entry(call: Call) -> Reply:
    return _reply(call, *_find(call))


def insert_entry(call: Call) -> Reply:
    if not call.body.get("id"):
        raise required("Required: id")
    calendar = call.store.open(call.mailbox, str(call.body["id"]))
    return _reply(call, call.store.list_for(call.mailbox, calendar, _readable(call)), calendar)


def patch_entry(call: Call) -> Reply:
    entry, calendar = _find(call)
    call.demand_match(etag_of(entry.seq))
    return _reply(call, call.store.list_for(call.mailbox, calendar, _readable(call)), calendar)


def delete_entry(call: Call) -> Reply:
    entry, calendar = _find(call)
    if calendar.primary and calendar.owner == call.mailbox:
        raise ApiError(403, "cannotDeletePrimaryCalendar", "The primary calendar cannot be deleted.")
    entry.deleted = True
    call.store.touch_entry(entry)
    return Reply(None)


def watch_calendar_list(call: Call) -> Reply:
    return open_channel(call, f"{call.mailbox} list", "users/me/calendarList")


def _find(call: Call) -> tuple[Entry, Calendar]:
    calendar = call.store.open(call.mailbox, call.path["calendar_id"])
    entry = call.store.entries.get(call.mailbox, {}).get(calendar.id)
    if entry is None or entry.deleted:
        raise not_found()
    return entry, calendar


def _readable(call: Call) -> Json:
    changes = {name: call.body[name] for name in SHOWN if name in call.body}
    if "colorId" in changes and changes["colorId"] not in BACKGROUNDS:
        raise invalid("Invalid value for: colorId")
    if call.query.get("colorRgbFormat", "false") != "true":
        changes = {name: value for name, value in changes.items() if not name.endswith("groundColor")}
    return changes


def _reply(call: Call, entry: Entry, calendar: Calendar) -> Reply:
    body = Shown(entry, calendar, call.store.role(call.mailbox, calendar)).resource
    return Reply(body, body["etag"])


# Calendars


def get_calendar(call: Call) -> Reply:
    return _metadata(call.store.open(call.mailbox, call.path["calendar_id"], "reader"))


def insert_calendar(call: Call) -> Reply:
    if not call.body.get("summary"):
        raise required("Required: summary")
    calendar_id = f"c_{secrets.token_hex(16)}@group.calendar.sandbox.example"
    zone = _zone(call.body.get("timeZone"), call.cloud.world.mailboxes[call.mailbox].time_zone)
    calendar = Calendar(calendar_id, call.mailbox, str(call.body["summary"]), zone)
    calendar.roles[call.mailbox] = "owner"
    call.store.add_calendar(calendar)
    call.store.list_for(call.mailbox, calendar, {"selected": True})
    return _metadata(calendar)


def patch_calendar(call: Call) -> Reply:
    calendar = call.store.open(call.mailbox, call.path["calendar_id"], "owner")
    call.demand_match(etag_of(calendar.seq))
    calendar.summary = str(call.body.get("summary", calendar.summary))
    calendar.description = str(call.body.get("description", calendar.description))
    calendar.time_zone = _zone(call.body.get("timeZone"), calendar.time_zone)
    touch_calendar(call.store, calendar)
    return _metadata(calendar)


def delete_calendar(call: Call) -> Reply:
    calendar = call.store.open(call.mailbox, call.path["calendar_id"], "owner")
    if calendar.primary:
        raise ApiError(403, "cannotDeletePrimaryCalendar", "The primary calendar cannot be deleted.")
    calendar.roles.clear()
    touch_calendar(call.store, calendar)
    return Reply(None)


def touch_calendar(store: Store, calendar: Calendar) -> None:
    """Metadata or access changed: everybody who lists the calendar sees its entry change."""
    calendar.seq = store.world.next_seq()
    store.keep_calendar(calendar)
    for entries in store.entries.values():
        if calendar.id in entries:
            store.touch_entry(entries[calendar.id])


def _zone(name: object, otherwise: str) -> str:
    if name is None:
        return otherwise
    if not isinstance(name, str) or find_zone(name) is None:
        raise invalid("Invalid time zone.")
    return name


def _metadata(calendar: Calendar) -> Reply:
    body: Json = {
        "kind": "calendar#calendar",
        "etag": etag_of(calendar.seq),
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.time_zone,
        "dataOwner": calendar.owner,
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }
    if calendar.description:
        body["description"] = calendar.description
    return Reply(body, body["etag"])
