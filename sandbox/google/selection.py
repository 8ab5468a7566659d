"""Which events a list contains and in which order. Keys only rise within one listing, so pages are stable."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sandbox.google.moments import Moment
from sandbox.google.query import Query
from sandbox.google.records import Calendar, Event, attendees_of, compact
from sandbox.google.rendering import listed
from sandbox.google.series import Series, find_instance, unpack
from sandbox.shapes import Json

ENDLESS = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class Item:
    """One place in a list; the resource is made only for the page that shows it."""

    key: tuple[Any, ...]
    render: Callable[[], str | Json]


def select(calendar: Calendar, query: Query, now: float) -> Iterator[Item]:
    """All items after the page before, in order of their keys."""
    items = _everything(calendar, query, now)
    if query.order_by or query.since is not None or query.single_events:
        items = iter(sorted(items, key=lambda item: item.key))
    after = tuple(query.after) if query.after is not None else None
    return items if after is None else (item for item in items if item.key > after)


def _everything(calendar: Calendar, query: Query, now: float) -> Iterator[Item]:
    first = query.after[0] if query.after and _in_order(query) else 0
    for event in list(calendar.events.values()):
        # Pages of a huge calendar must not look again at everything the pages before have shown.
        if event.ordinal < first or (query.since is not None and event.seq <= query.since):
            continue
        if query.single_events and event.recurring:
            yield from _instances(calendar, event, query, now)
        elif _wanted(event, calendar, query, now):
            yield _stored(event, calendar, query)
    if query.since is not None and query.single_events:
        yield from _vanished(calendar, query)


def _in_order(query: Query) -> bool:
    """Whether the list keeps the order of storage: neither a delta nor sorted by request."""
    return query.since is None and not query.order_by


def _stored(event: Event, calendar: Calendar, query: Query) -> Item:
    return Item(_key(event, event.starts, event.id, query), lambda: listed(event, calendar, query.view))


def _key(event: Event, starts: float, item_id: str, query: Query) -> tuple[Any, ...]:
    if query.order_by == "startTime":
        return (starts, item_id)
    if query.order_by == "updated":
        return (event.updated, item_id)
    return (event.ordinal if query.since is None else event.seq, starts, item_id)


def _wanted(event: Event, calendar: Calendar, query: Query, now: float) -> bool:
    return (
        _visible(event, calendar, query)
        and _matches(event, query)
        and _in_window(event, calendar, query, now)
    )


def _visible(event: Event, calendar: Calendar, query: Query) -> bool:
    if query.since is not None:
        return True
    if event.gone:
        return False
    if not event.cancelled or query.show_deleted or query.updated_min:
        return True
    # Without showDeleted only cancelled instances of a living, unexpanded series are told.
    return not query.single_events and event.master in calendar.events and _lives(calendar, event.master)


def _lives(calendar: Calendar, master_id: str) -> bool:
    return not calendar.events[master_id].cancelled


def _matches(event: Event, query: Query) -> bool:
    if query.updated_min and event.updated < query.updated_min:
        return False
    if query.event_types and event.event_type not in query.event_types:
        return False
    if query.uid and query.uid not in event.text:
        return False
    if not (query.uid or query.text or query.private or query.shared):
        return True
    return _matches_body(event.body, query)


def _matches_body(body: Json, query: Query) -> bool:
    if query.uid and body.get("iCalUID") != query.uid:
        return False
    if query.text and not all(word in _searched(body) for word in query.text.split()):
        return False
    properties = body.get("extendedProperties") or {}
    wanted = (("private", query.private), ("shared", query.shared))
    return all(properties.get(side, {}).get(name) == value for side, pairs in wanted for name, value in pairs)


def _searched(body: Json) -> str:
    people = [body.get("organizer") or {}, *attendees_of(body)]
    texts = [str(body.get(name, "")) for name in ("summary", "description", "location")]
    texts += [str(person.get(name, "")) for person in people for name in ("email", "displayName")]
    return " ".join(texts).casefold()


def _in_window(event: Event, calendar: Calendar, query: Query, now: float) -> bool:
    if query.time_min == float("-inf") and query.time_max == float("inf"):
        return True
    if query.since is not None and event.ordinal <= query.since:
        # It may have left the window: the client must hear of that.
        return True
    if not (event.ends > query.time_min and event.starts < query.time_max):
        return False
    return not event.recurring or any(_starts(unpack(event, calendar), query, now))


def _starts(series: Series, query: Query, now: float) -> Iterator[Moment]:
    highest = min(query.time_max, max(now, series.start.epoch) + ENDLESS.total_seconds())
    return series.starts(query.time_min, highest)


def _instances(calendar: Calendar, master: Event, query: Query, now: float) -> Iterator[Item]:
    """The untouched instances of a series; stored ones are listed by themselves."""
    if master.cancelled and not (query.since is not None or query.show_deleted):
        return
    if not _matches(master, query) or not (master.ends > query.time_min and master.starts < query.time_max):
        return
    series = unpack(master, calendar)
    stored = {exception.id for exception in calendar.exceptions(master.id)}
    for original in _starts(series, query, now):
        instance_id = series.instance_id(original)
        if instance_id not in stored:
            key = _key(master, original.epoch, instance_id, query)
            yield Item(key, _renderer(calendar, series, original, query))


def _renderer(calendar: Calendar, series: Series, original: Moment, query: Query) -> Callable[[], str | Json]:
    if series.master.cancelled:
        return lambda: _bare(series.instance_id(original), series.master.etag)
    return lambda: query.view.show(series.instance(original, calendar))


def _vanished(calendar: Calendar, query: Query) -> Iterator[Item]:
    """Instances a changed series no longer has, for those who follow it expanded."""
    for instance_id, (seq, master_id) in calendar.vanished.items():
        since = query.since or 0
        if seq > since and instance_id not in calendar.events and not find_instance(calendar, instance_id):
            etag = calendar.events[master_id].etag
            yield Item((seq, 0.0, instance_id), _teller(instance_id, etag))


def _teller(instance_id: str, etag: str) -> Callable[[], Json]:
    return lambda: _bare(instance_id, etag)


def _bare(instance_id: str, etag: str) -> Json:
    return {"kind": "calendar#event", "etag": etag, "id": instance_id, "status": "cancelled"}


def as_text(rendered: str | Json) -> str:
    return rendered if isinstance(rendered, str) else compact(rendered)
