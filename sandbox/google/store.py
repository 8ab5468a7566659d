"""The calendars of all mailboxes; the only place that changes them. Every change gets a sequence number."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sandbox.google.errors import access_level, not_found
from sandbox.google.moments import rfc3339
from sandbox.google.records import (
    ROLES,
    Calendar,
    Entry,
    Event,
    describe,
    etag_of,
    load_calendar,
    load_event,
)
from sandbox.shapes import Json
from sandbox.world import World

Listener = Callable[[str], None]


class Store:
    """Calendars, the lists they appear in, and their events."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calendars: dict[str, Calendar] = {}
        self.entries: dict[str, dict[str, Entry]] = {}
        self.pending: dict[tuple[str, str], None] = {}
        self.listeners: list[Listener] = []
        self._moment = world.now()

    # Reading

    def open(self, mailbox: str, calendar_id: str, level: str = "freeBusyReader") -> Calendar:
        """The calendar if the mailbox may see it. Raises ApiError 404, or 403 with a role below `level`."""
        calendar = self.calendars.get(mailbox if calendar_id == "primary" else calendar_id)
        if calendar is None or self.role(mailbox, calendar) == "none":
            raise not_found()
        if ROLES.index(self.role(mailbox, calendar)) < ROLES.index(level):
            raise access_level(level)
        return calendar

    def role(self, mailbox: str, calendar: Calendar) -> str:
        return calendar.roles.get(mailbox) or calendar.roles.get("default") or "none"

    def primary_of(self, address: str) -> Calendar | None:
        return self.calendars.get(address.lower())

    def entries_of(self, mailbox: str) -> Iterator[tuple[Entry, Calendar]]:
        for entry in self.entries.get(mailbox, {}).values():
            yield entry, self.calendars[entry.calendar]

    # Changing

    def write(self, calendar: Calendar, body: Json, *, touched: bool = True) -> Event:
        """Store a resource under its id, with a new etag and, when `touched`, a new `updated`."""
        if touched:
            body["updated"] = self.next_moment()
        return self.write_as_is(calendar, body)

    def write_as_is(self, calendar: Calendar, body: Json, *, gone: bool = False) -> Event:
        seq = self.world.next_seq()
        body["etag"] = etag_of(seq)
        known = calendar.events.get(body.get("id", ""))
        event = describe(body, calendar, seq, known.ordinal if known else seq)
        event.gone = gone
        self._put(calendar, event)
        return event

    def write_raw(self, calendar: Calendar, body: Json, key: str) -> Event:
        """Store a resource that is wrong on purpose; `key` only places it, the text is sent as it is."""
        seq = self.world.next_seq()
        event = describe(body, calendar, seq, seq)
        event.id, event.master, event.recurring = key, "", False
        self._put(calendar, event)
        return event

    def remove(self, event: Event) -> None:
        """Forget an event without a trace."""
        calendar = self.calendars[event.calendar]
        del calendar.events[event.id]
        calendar.children.get(event.master, {}).pop(event.id, None)
        self.world.storage.drop("event", f"{event.calendar} {event.id}")

    def next_moment(self) -> str:
        """The present as the service writes it, later than every moment handed out before."""
        self._moment = max(self.world.now(), self._moment + timedelta(milliseconds=1))
        return rfc3339(self._moment)

    def add_calendar(self, calendar: Calendar) -> Calendar:
        calendar.seq, calendar.updated = self.world.next_seq(), self.next_moment()
        self.calendars[calendar.id] = calendar
        self.keep_calendar(calendar)
        return calendar

    def list_for(self, mailbox: str, calendar: Calendar, shown: Json) -> Entry:
        """Put a calendar into a person's list, or change how it is shown there."""
        known = self.entries.setdefault(mailbox, {}).get(calendar.id)
        entry = known or Entry(mailbox, calendar.id)
        entry.shown, entry.deleted = {**entry.shown, **shown}, False
        self.entries[mailbox][calendar.id] = entry
        return self.touch_entry(entry)

    def touch_entry(self, entry: Entry) -> Entry:
        entry.seq = self.world.next_seq()
        self.world.storage.keep("entry", f"{entry.mailbox} {entry.calendar}", entry.dump)
        self.announce(f"{entry.mailbox} list")
        return entry

    def keep_calendar(self, calendar: Calendar) -> None:
        self.world.storage.keep("calendar", calendar.id, calendar.dump)

    def expire_tokens(self, calendar: Calendar) -> None:
        """Sync tokens handed out until now are no longer valid."""
        calendar.token_floor = calendar.seq = self.world.next_seq()
        self.keep_calendar(calendar)

    def announce(self, resource: str) -> None:
        for listener in self.listeners:
            listener(resource)

    def forget(self) -> None:
        self.calendars.clear()
        self.entries.clear()
        self.pending.clear()

    def _put(self, calendar: Calendar, event: Event) -> None:
        calendar.put(event)
        self._keep_event(event)
        self.announce(calendar.id)

    def _keep_event(self, event: Event) -> None:
        self.world.storage.keep("event", f"{event.calendar} {event.id}", event.dump)

    # Restart

    def load(self, moved_from: str) -> None:
        """Fill from storage, links moved from a former base URL. Raises ValueError, KeyError, TypeError."""
        for text in self.world.storage.rows("calendar"):
            calendar = load_calendar(text)
            self.calendars[calendar.id] = calendar
        for text in self.world.storage.rows("entry"):
            entry = Entry(**json.loads(text))
            self.entries.setdefault(entry.mailbox, {})[entry.calendar] = entry
        events = [load_event(text) for text in self.world.storage.rows("event")]
        for event in sorted(events, key=lambda event: event.ordinal):
            event.text = event.text.replace(moved_from + "/", self.world.base_url + "/")
            self.calendars[event.calendar].put(event)
            self._moment = max(self._moment, _moment(event.updated, self._moment))
            if '"statusCode":"pending"' in event.text:
                self.pending[event.calendar, event.id] = None


def _moment(updated: str, otherwise: datetime) -> datetime:
    try:
        return datetime.fromisoformat(updated)
    except ValueError:
        return otherwise
