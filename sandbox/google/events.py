"""The methods of the events collection, from call to reply."""

from urllib.parse import quote

from sandbox.google import writing
from sandbox.google.api import Call, Reply
from sandbox.google.errors import ApiError, access_level, not_found, required
from sandbox.google.listing import open_for_reading
from sandbox.google.query import read_view
from sandbox.google.quick import quick_event
from sandbox.google.records import Calendar, Event
from sandbox.google.scopes import only_owned
from sandbox.shapes import Json


def get_event(call: Call) -> Reply:
    calendar = open_for_reading(call)
    return _show(call, calendar, writing.find(calendar, call.path["event_id"]))


def insert_event(call: Call) -> Reply:
    calendar = _open_for_writing(call)
    event = writing.insert(call.store, calendar, call.body, call.options())
    return _shown(call, calendar, event)


def import_event(call: Call) -> Reply:
    calendar = _open_for_writing(call)
    event = writing.import_copy(call.store, calendar, call.body, call.options())
    return _shown(call, calendar, event)


def quick_add(call: Call) -> Reply:
    calendar = _open_for_writing(call)
    if not call.query.get("text"):
        raise required("Required parameter: text")
    raw = quick_event(call.query["text"], call.cloud.world.now(), calendar.time_zone)
    return _shown(call, calendar, writing.insert(call.store, calendar, raw, call.options()))


def patch_event(call: Call) -> Reply:
    calendar, was = _matched(call)
    return _shown(call, calendar, writing.patch(call.store, calendar, was, call.body, call.options()))


def update_event(call: Call) -> Reply:
    calendar, was = _matched(call)
    return _shown(call, calendar, writing.replace(call.store, calendar, was, call.body, call.options()))


def delete_event(call: Call) -> Reply:
    calendar, was = _matched(call)
    writing.delete(call.store, calendar, was, call.options())
    return Reply(None)


def move_event(call: Call) -> Reply:
    calendar = _open_for_writing(call)
    if not call.query.get("destination"):
        raise required("Required parameter: destination")
    target = call.store.open(call.mailbox, call.query["destination"], "writer")
    event = calendar.events.get(call.path["event_id"])
    if event is None:
        raise not_found()
    return _shown(call, target, writing.move(call.store, calendar, target, event, call.options()))


def watch_events(call: Call) -> Reply:
    calendar = open_for_reading(call)
    return open_channel(
        call, calendar.id, f"calendars/{quote(calendar.id, safe='')}/events", calendar.watchable
    )


def open_channel(call: Call, resource: str, path: str, watchable: bool = True) -> Reply:
    """A new channel on what the store announces as `resource`. Raises ApiError 400 or 401."""
    if not watchable:
        message = "Push notifications are not supported by this resource."
        raise ApiError(400, "pushNotSupportedForRequestedResource", message)
    uri = f"{call.cloud.world.base_url}/calendar/v3/{path}?alt=json"
    channel = call.cloud.channels.open(
        call.body, client=call.grant.client, mailbox=call.mailbox, resource=resource, uri=uri
    )
    return Reply(channel.describe())


def stop_channel(call: Call) -> Reply:
    call.cloud.channels.stop(call.body, client=call.grant.client, mailbox=call.mailbox)
    return Reply(None)


def _open_for_writing(call: Call) -> Calendar:
    """The calendar of the path. Raises ApiError 403 below writer, 404 when it is not there."""
    calendar = call.store.open(call.mailbox, call.path["calendar_id"], "writerWithoutPrivateAccess")
    if only_owned(call.scopes, writing=True) and call.store.role(call.mailbox, calendar) != "owner":
        raise access_level("owner")
    return calendar


def _matched(call: Call) -> tuple[Calendar, Json]:
    """Calendar and resource to change. Raises ApiError 404, or 412 when If-Match names another version."""
    calendar = _open_for_writing(call)
    was = writing.find(calendar, call.path["event_id"])
    call.demand_match(was["etag"])
    return calendar, was


def _shown(call: Call, calendar: Calendar, event: Event) -> Reply:
    return _show(call, calendar, event.body)


def _show(call: Call, calendar: Calendar, body: Json) -> Reply:
    return Reply(read_view(call, calendar).show(body), body["etag"])
