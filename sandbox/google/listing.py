"""events.list and events.instances: a page of a full list or of a delta, with the token for what follows."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from sandbox.google.api import Call, Reply, etag_of_text
from sandbox.google.conference import settle
from sandbox.google.errors import access_level, invalid, not_found
from sandbox.google.moments import Moment, parse_moment
from sandbox.google.query import Query, read_query
from sandbox.google.records import Calendar, compact, etag_of
from sandbox.google.scopes import only_owned
from sandbox.google.selection import Item, as_text, select
from sandbox.google.series import unpack
from sandbox.google.tokens import Token
from sandbox.shapes import Json


def open_for_reading(call: Call) -> Calendar:
    """The calendar of the path, conferences settled. Raises ApiError 403 or 404."""
    calendar = call.store.open(call.mailbox, call.path["calendar_id"])
    if only_owned(call.scopes, writing=False) and call.store.role(call.mailbox, calendar) != "owner":
        raise access_level("owner")
    if call.store.pending:
        settle(call.store)
    return calendar


def list_events(call: Call) -> Reply:
    calendar = open_for_reading(call)
    resource = f"events {calendar.id}"
    query = read_query(call, calendar, resource)
    items = select(calendar, query, call.cloud.world.now().timestamp())
    return _answer(call, calendar, query, items, resource)


def list_instances(call: Call) -> Reply:
    """One series expanded, its own exceptions in place of what they replace."""
    calendar = open_for_reading(call)
    master = calendar.events.get(call.path["event_id"])
    if master is None or (master.cancelled and not call.flag("showDeleted")):
        raise not_found()
    if not master.recurring:
        raise invalid("The requested event is not a recurring event.")
    resource = f"instances {calendar.id} {master.id}"
    query = replace(read_query(call, calendar, resource), single_events=True, order_by="startTime")
    exceptions = {exception.id: exception for exception in calendar.exceptions(master.id)}
    children = {master.id: dict.fromkeys(exceptions)}
    part = replace(calendar, events={master.id: master, **exceptions}, children=children, vanished={})
    items = select(part, query, call.cloud.world.now().timestamp())
    if call.query.get("originalStart"):
        wanted = unpack(master, calendar).instance_id(_original(call, calendar))
        items = (item for item in items if item.key[-1] == wanted)
    return _answer(call, calendar, query, items, resource)


def _original(call: Call, calendar: Calendar) -> Moment:
    text = call.query["originalStart"]
    raw = {"dateTime": text} if "T" in text.upper() else {"date": text}
    return parse_moment(raw, "originalStart", calendar.time_zone)


def _answer(call: Call, calendar: Calendar, query: Query, items: Iterator[Item], resource: str) -> Reply:
    shape = call.cloud.page_shape(calendar.id)
    size = min(query.size, shape.size or query.size)
    if query.empties < shape.empties:
        page: list[Item] = []
        more, after, empties = True, query.after, query.empties + 1
    else:
        page = list(islice(items, size + 1))
        more, page = len(page) > size, page[:size]
        after, empties = (list(page[-1].key) if page else None), query.empties
    token = Token(
        resource, query.upto, query.bound, since=query.since, after=after, empties=empties, page=more
    )
    envelope = _envelope(call, calendar, query) | _next(call, query, token)
    texts = [as_text(item.render()) for item in page]
    if shape.duplicates and texts:
        texts.append(texts[0])
    return _assemble(envelope, texts)


def _next(call: Call, query: Query, token: Token) -> Json:
    """Either the way on or, after the last page, the sync token; none where Google gives none."""
    if token.page:
        return {"nextPageToken": call.cloud.signer.seal(token)}
    if not query.gives_sync_token or token.resource.startswith("instances "):
        return {}
    return {"nextSyncToken": call.cloud.signer.seal(Token(token.resource, query.upto, query.bound))}


def _envelope(call: Call, calendar: Calendar, query: Query) -> Json:
    entry = call.store.entries.get(call.mailbox, {}).get(calendar.id)
    reminders = (entry.shown if entry else {}).get("defaultReminders", [])
    return {
        "kind": "calendar#events",
        "etag": etag_of(calendar.seq),
        "summary": calendar.summary,
        **({"description": calendar.description} if calendar.description else {}),
        "updated": calendar.updated,
        "timeZone": query.view.time_zone or calendar.time_zone,
        "accessRole": call.store.role(call.mailbox, calendar),
        "defaultReminders": reminders,
    }


def _assemble(envelope: Json, texts: list[str]) -> Reply:
    """The items are ready text already: putting them together costs next to nothing."""
    text = f'{compact(envelope)[:-1]},"items":[{",".join(texts)}]}}'
    return Reply(text, etag_of_text(text))
