"""What belongs to the person rather than to one calendar: colours, settings, access rules, free and busy."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.google.api import Call, Reply, etag_of_text
from sandbox.google.calendars import BACKGROUNDS, DARK, EVENT_BACKGROUNDS
from sandbox.google.errors import ApiError, not_found, required, time_range_empty
from sandbox.google.moments import find_zone, parse_instant
from sandbox.google.records import Calendar, Event, compact, etag_of, own_answer
from sandbox.google.series import unpack
from sandbox.shapes import Json

MOST_CALENDARS = 50


def get_colors(call: Call) -> Reply:
    def palette(colors: Mapping[str, str]) -> Json:
        return {number: {"background": color, "foreground": DARK} for number, color in colors.items()}

    body = {"kind": "calendar#colors", "updated": "2012-02-14T00:00:00.000Z"}
    return Reply(body | {"calendar": palette(BACKGROUNDS), "event": palette(EVENT_BACKGROUNDS)})


def _settings(call: Call) -> dict[str, str]:
    mailbox = call.cloud.world.mailboxes[call.mailbox]
    dutch = mailbox.language == "nl"
    return {
        "autoAddHangouts": "false",
        "dateFieldOrder": "DMY",
        "defaultEventLength": "60",
        "format24HourTime": "true" if dutch else "false",
        "hideInvitations": "false",
        "hideWeekends": "false",
        "locale": mailbox.language,
        "showDeclinedEvents": "true",
        "timezone": mailbox.time_zone,
        "useKeyboardShortcuts": "true",
        "weekStart": "1" if dutch else "0",
    }


def list_settings(call: Call) -> Reply:
    items = [_setting(name, value) for name, value in _settings(call).items()]
    etag = etag_of_text(compact(items))
    return Reply({"kind": "calendar#settings", "etag": etag, "nextSyncToken": "0", "items": items}, etag)


def get_setting(call: Call) -> Reply:
    value = _settings(call).get(call.path["setting"])
    if value is None:
        raise not_found()
    body = _setting(call.path["setting"], value)
    return Reply(body, body["etag"])


def _setting(name: str, value: str) -> Json:
    return {"kind": "calendar#setting", "etag": etag_of_text(name + value), "id": name, "value": value}


def list_acl(call: Call) -> Reply:
    calendar = call.store.open(call.mailbox, call.path["calendar_id"], "owner")
    etag = etag_of(calendar.seq)
    rules = [
        {
            "kind": "calendar#aclRule",
            "etag": etag,
            "id": "default" if address == "default" else f"user:{address}",
            "scope": {"type": "default"} if address == "default" else {"type": "user", "value": address},
            "role": role,
        }
        for address, role in calendar.roles.items()
    ]
    return Reply({"kind": "calendar#acl", "etag": etag, "items": rules}, etag)


# Free and busy


def query_free_busy(call: Call) -> Reply:
    low, high = _window(call)
    zone = str(call.body.get("timeZone") or "UTC")
    if find_zone(zone) is None:
        raise ApiError(400, "invalid", "Invalid time zone.")
    items, most = call.body.get("items") or [], call.body.get("calendarExpansionMax") or MOST_CALENDARS
    if not isinstance(items, list) or not isinstance(most, int):
        raise ApiError(400, "invalid", "Invalid value.")
    wanted = [str(item.get("id", "")) for item in items if isinstance(item, dict)]
    too_many = len(wanted) > min(most, MOST_CALENDARS)
    answers = {each: _answer(call, each, low, high, zone, too_many=too_many) for each in wanted}
    times = {name: call.body[name] for name in ("timeMin", "timeMax")}
    return Reply({"kind": "calendar#freeBusy", **times, "calendars": answers})


def _window(call: Call) -> tuple[float, float]:
    for name in ("timeMin", "timeMax"):
        if not isinstance(call.body.get(name), str):
            raise required(f"Missing {name}.")
    low = parse_instant(call.body["timeMin"], "timeMin").timestamp()
    high = parse_instant(call.body["timeMax"], "timeMax").timestamp()
    if high <= low:
        raise time_range_empty()
    return low, high


def _answer(call: Call, wanted: str, low: float, high: float, zone: str, *, too_many: bool) -> Json:
    if too_many:
        return {"errors": [{"domain": "calendar", "reason": "tooManyCalendarsRequested"}], "busy": []}
    try:
        calendar = call.store.open(call.mailbox, wanted)
    except ApiError:
        return {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
    return {"busy": [_block(start, end, zone) for start, end in _merged(busy_spans(calendar, low, high))]}


def busy_spans(calendar: Calendar, low: float, high: float) -> Iterator[tuple[float, float]]:
    """Epoch seconds of what blocks time (not free, cancelled or declined), cut to the window."""
    for event in calendar.events.values():
        if event.cancelled or event.gone or not (event.ends > low and event.starts < high):
            continue
        if not _blocks(event.body):
            continue
        for start, end in _spans(event, calendar, low, high):
            yield max(start, low), min(end, high)


def _spans(event: Event, calendar: Calendar, low: float, high: float) -> Iterator[tuple[float, float]]:
    if not event.recurring:
        yield event.starts, event.ends
        return
    series = unpack(event, calendar)
    stored = {exception.id for exception in calendar.exceptions(event.id)}
    for original in series.starts(low, high):
        if series.instance_id(original) not in stored:
            yield original.epoch, series.ending(original).epoch


def _blocks(body: Json) -> bool:
    return body.get("transparency") != "transparent" and own_answer(body) != "declined"


def _merged(spans: Iterator[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged


def _block(start: float, end: float, zone: str) -> Json:
    return {"start": _instant(start, zone), "end": _instant(end, zone)}


def _instant(epoch: float, zone: str) -> str:
    return datetime.fromtimestamp(epoch, ZoneInfo(zone)).isoformat().replace("+00:00", "Z")
