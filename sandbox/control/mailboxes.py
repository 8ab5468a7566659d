"""Mailboxes, calendars and events, changed as if their owners did it in a browser."""

from datetime import datetime, timedelta

from sandbox import demo
from sandbox.control.places import calendar_of, event_of, mailbox_of
from sandbox.demo.diary import Diary, dice
from sandbox.google import writing
from sandbox.google.calendars import touch_calendar
from sandbox.google.cloud import Cloud
from sandbox.google.moments import find_zone, monday_of
from sandbox.google.records import ROLES, Calendar
from sandbox.google.writing import Options
from sandbox.shapes import Json
from sandbox.world import Mailbox


def reset(cloud: Cloud, raw: Json) -> Json:
    """Forget everything, tokens and faults too. {"demo": false} leaves the world without mailboxes."""
    cloud.forget()
    if raw.get("demo", True):
        demo.populate(cloud)
    cloud.world.facts["base_url"] = cloud.world.base_url
    return {"mailboxes": list(cloud.world.mailboxes)}


def list_mailboxes(cloud: Cloud, raw: Json) -> Json:
    """All mailboxes with the number of events in each of their own calendars."""
    counts: dict[str, dict[str, int]] = {address: {} for address in cloud.world.mailboxes}
    for calendar in cloud.store.calendars.values():
        if calendar.owner in counts:
            counts[calendar.owner][calendar.id] = len(calendar.events)
    return {"mailboxes": counts}


def create_mailbox(cloud: Cloud, raw: Json) -> Json:
    """{"address", "name"?, "events"?: N, "seed"?, "time_zone"?, "language"?}: N generated events, at once.

    An address that exists gets N more.
    """
    address = str(raw["address"]).strip().lower()
    if "@" not in address:
        raise ValueError("address must be an e-mail address")
    count, seed = int(raw.get("events") or 0), int(raw.get("seed") or 0)
    calendar = cloud.store.calendars.get(address)
    if calendar is None:
        zone, language = str(raw.get("time_zone") or "Europe/Amsterdam"), str(raw.get("language") or "nl")
        name = str(raw.get("name") or address.partition("@")[0].replace(".", " ").title())
        calendar = demo.add_mailbox(cloud, Mailbox(address, name, zone, language))
    demo.generate(cloud.store, calendar, count, seed + len(calendar.events))
    return {"address": address, "events": len(calendar.events)}


def create_calendar(cloud: Cloud, raw: Json) -> Json:
    """{"mailbox", "summary", "id"?, "roles"?: {address: role}}: a calendar listed for all in `roles`."""
    owner = mailbox_of(cloud, raw)
    name = str(raw["summary"])
    calendar_id = str(
        raw.get("id") or f"c_{dice(name, cloud.world.seq).getrandbits(128):032x}@group.sandbox.example"
    )
    if calendar_id in cloud.store.calendars:
        raise ValueError(f"calendar {calendar_id} exists")
    roles = {**raw.get("roles", {}), owner: "owner"}
    calendar = cloud.store.add_calendar(Calendar(calendar_id, owner, name, roles=roles))
    for address in roles:
        cloud.store.list_for(address, calendar, {"selected": True})
    return {"id": calendar.id}


def patch_calendar(cloud: Cloud, raw: Json) -> Json:
    """{"mailbox", "calendar"?, "summary"?, "time_zone"?}: the calendar is renamed or moves to another zone."""
    calendar = calendar_of(cloud, raw)
    zone = str(raw.get("time_zone") or calendar.time_zone)
    if find_zone(zone) is None:
        raise ValueError(f"no time zone {zone}")
    calendar.summary, calendar.time_zone = str(raw.get("summary") or calendar.summary), zone
    touch_calendar(cloud.store, calendar)
    return {"id": calendar.id, "summary": calendar.summary, "time_zone": calendar.time_zone}


def change_role(cloud: Cloud, raw: Json) -> Json:
    """{"calendar", "mailbox", "role"}: share with somebody, change their access, or take it ("none").

    The sync tokens of the calendar end, as they do at Google after a change of access.
    """
    mailbox, calendar = mailbox_of(cloud, raw), cloud.store.calendars[raw["calendar"]]
    role = raw["role"]
    if role == "none":
        calendar.roles.pop(mailbox, None)
    elif role in ROLES:
        calendar.roles[mailbox] = role
        cloud.store.list_for(mailbox, calendar, {})
    else:
        raise ValueError(f"role must be none or one of {', '.join(ROLES)}")
    cloud.store.expire_tokens(calendar)
    touch_calendar(cloud.store, calendar)
    return {"calendar": calendar.id, "roles": calendar.roles}


def add_event(cloud: Cloud, raw: Json) -> Json:
    """{"mailbox", "calendar"?, "event": resource, "send_updates"?}, or instead of `event`: "summary", "start"
    (RFC 3339), "minutes". Answers the stored resource.
    """
    calendar = calendar_of(cloud, raw)
    body = raw.get("event") or _plain(calendar, raw)
    return writing.insert(cloud.store, calendar, body, _options(raw)).body


def _plain(calendar: Calendar, raw: Json) -> Json:
    start = datetime.fromisoformat(str(raw["start"]))
    end = start + timedelta(minutes=int(raw.get("minutes") or 60))
    times = {"start": start, "end": end}
    zone = {"timeZone": calendar.time_zone}
    return {"summary": str(raw.get("summary") or "")} | {
        name: {"dateTime": value.isoformat()} | zone for name, value in times.items()
    }


def add_random(cloud: Cloud, raw: Json) -> Json:
    """{"mailbox", "count"?: 20}: believable appointments in the coming two weeks."""
    mailbox = cloud.world.mailboxes[mailbox_of(cloud, raw)]
    calendar = calendar_of(cloud, raw)
    monday = monday_of(cloud.world.now().date())
    diary = Diary(mailbox, monday)
    diary.chance = dice(cloud.world.seq)
    upcoming = [body for body in diary.entries() if _is_soon(body, cloud)]
    chosen = diary.chance.sample(upcoming, min(int(raw.get("count") or 20), len(upcoming)))
    for body in chosen:
        writing.insert(cloud.store, calendar, body, Options(conference_version=1))
    return {"added": len(chosen)}


def _is_soon(body: Json, cloud: Cloud) -> bool:
    today = cloud.world.now().date()
    day = datetime.fromisoformat(body["start"]["dateTime"]).date()
    return today <= day < today + timedelta(days=14)


def patch_event(cloud: Cloud, raw: Json) -> Json:
    """{"mailbox", "calendar"?, "id", "changes": partial resource, "send_updates"?}; also of an instance."""
    calendar, was = event_of(cloud, raw)
    return writing.patch(cloud.store, calendar, was, raw["changes"], _options(raw)).body


def move_event(cloud: Cloud, raw: Json) -> Json:
    """{"mailbox", "calendar"?, "id", "minutes": ±N}: later or earlier; an all-day event by whole days."""
    calendar, was = event_of(cloud, raw)
    changes = shifted(was, timedelta(minutes=int(raw["minutes"])))
    return writing.patch(cloud.store, calendar, was, changes, _options(raw)).body


def shifted(body: Json, by: timedelta) -> Json:
    """The changes that move an event; all-day ones move at least a day."""
    return {name: _shifted(body[name], by) for name in ("start", "end")}


def _shifted(moment: Json, by: timedelta) -> Json:
    if "dateTime" in moment:
        return {"dateTime": (datetime.fromisoformat(moment["dateTime"]) + by).isoformat()}
    days = by.days if by.days else (1 if by > timedelta() else -1)
    day = datetime.fromisoformat(moment["date"]).date() + timedelta(days=days)
    return {"date": day.isoformat()}


def delete_event(cloud: Cloud, raw: Json) -> Json:
    """{"mailbox", "calendar"?, "id", "send_updates"?}; the id of an instance cancels that occurrence."""
    calendar, was = event_of(cloud, raw)
    writing.delete(cloud.store, calendar, was, _options(raw))
    return {"deleted": was["id"]}


def _options(raw: Json) -> Options:
    return Options(str(raw.get("send_updates") or "none"), conference_version=1)
