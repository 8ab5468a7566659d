"""Mailboxes of any size, made fast: only for load, so plainer than the demo."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice

from sandbox.demo.cast import CANDIDATES, ROLES, post_address
from sandbox.demo.diary import dice
from sandbox.google.birth import html_link
from sandbox.google.moments import Moment, monday_of
from sandbox.google.records import Calendar
from sandbox.google.store import Store
from sandbox.shapes import Json

ZONE = "Europe/Amsterdam"
SERIES_EVERY = 100
SPREAD = timedelta(days=4 * 365)


def generate(store: Store, calendar: Calendar, count: int, seed: int) -> None:
    """Add `count` stored events: singles, and a weekly series for every hundredth, evenly over five years."""
    now = store.next_moment()
    today = store.world.now().date()
    for number, body in enumerate(islice(_bodies(seed, today, count), count)):
        event_id = f"{number:06d}{dice(seed, number).getrandbits(64):016x}"
        store.write_as_is(
            calendar,
            {
                "kind": "calendar#event",
                "etag": "",
                "id": event_id,
                "status": "confirmed",
                "htmlLink": html_link(store.world.base_url, event_id, calendar.id),
                "created": now,
                "updated": now,
                "creator": {"email": calendar.owner, "self": True},
                "organizer": {"email": calendar.id, "self": True},
                "iCalUID": f"{event_id}@google.com",
                "sequence": 0,
                "reminders": {"useDefault": True},
                "eventType": "default",
                **body,
            },
        )


def _bodies(seed: int, today: date, count: int) -> Iterator[Json]:
    chance = dice(seed)
    first = datetime.combine(monday_of(today), time(8)) - SPREAD
    step = timedelta(days=5 * 365) / max(count, 1)
    for number in range(count):
        start = (first + number * step).replace(minute=chance.choice((0, 30)), second=0, microsecond=0)
        end = start + timedelta(minutes=chance.choice((30, 45, 60)))
        candidate = chance.choice(CANDIDATES)
        body: Json = {
            "summary": f"Interview {candidate} · {chance.choice(ROLES['nl'])}",
            "start": _wire(start),
            "end": _wire(end),
        }
        if number % SERIES_EVERY == SERIES_EVERY - 1:
            body |= {"summary": f"Weekoverleg {number}", "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=20"]}
        elif number % 3 == 0:
            body["attendees"] = [{"email": post_address(candidate), "responseStatus": "needsAction"}]
        yield body


def _wire(wall: datetime) -> Json:
    return Moment(wall, ZONE, all_day=False).wire(ZONE)
