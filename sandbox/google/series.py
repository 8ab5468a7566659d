"""Series and their instances: which exist, what they are called, how an untouched one looks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.google.moments import Moment
from sandbox.google.records import Calendar, Event, end_of, start_of
from sandbox.google.recurrence import FAR, walls
from sandbox.shapes import Json

INSTANCE_ID = re.compile(r"(.+)_(\d{8}(?:T\d{6}Z)?)")


@dataclass(frozen=True, slots=True)
class Series:
    """A master unpacked once for expansion."""

    master: Event
    body: Json
    start: Moment
    end: Moment

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self.body["recurrence"])

    def starts(self, lowest: float, highest: float) -> Iterator[Moment]:
        """Original starts of instances that end after `lowest` and start before `highest` (epoch seconds)."""
        length = self.end.epoch - self.start.epoch
        for wall in walls(self.lines, self.start, _year_end(highest)):
            moment = self.start.moved(wall)
            begins = moment.epoch
            if begins >= highest:
                return
            if begins + length > lowest:
                yield moment

    def has(self, original: Moment) -> bool:
        return original.wall in walls(self.lines, self.start, _year_end(original.epoch))

    def ending(self, original: Moment) -> Moment:
        """The end of the instance that starts there: as many days, or as much elapsed time, as the master."""
        if self.start.all_day:
            return self.end.moved(original.wall + (self.end.wall - self.start.wall))
        instant = original.instant + (self.end.instant - self.start.instant)
        return self.end.moved(instant.astimezone(ZoneInfo(self.end.zone)).replace(tzinfo=None))

    def instance_id(self, original: Moment) -> str:
        return f"{self.master.id}_{original.stamp}"

    def instance(self, original: Moment, calendar: Calendar) -> Json:
        """The resource of an untouched instance; it shares the master's etag."""
        body = {name: value for name, value in self.body.items() if name != "recurrence"}
        begin = original.wire(calendar.time_zone)
        return body | {
            "id": self.instance_id(original),
            "start": begin,
            "end": self.ending(original).wire(calendar.time_zone),
            "recurringEventId": self.master.id,
            "originalStartTime": begin,
        }


def unpack(master: Event, calendar: Calendar) -> Series:
    body = master.body
    return Series(master, body, start_of(body, calendar.time_zone), end_of(body, calendar.time_zone))


def find_instance(calendar: Calendar, event_id: str) -> Json | None:
    """The resource of an untouched instance by its id; None when no live series has it."""
    match = INSTANCE_ID.fullmatch(event_id)
    master = calendar.events.get(match[1]) if match else None
    if match is None or master is None or not master.recurring or master.cancelled:
        return None
    series = unpack(master, calendar)
    original = _from_stamp(match[2], series.start)
    if original is None or not series.has(original):
        return None
    return series.instance(original, calendar)


def original_start(event: Event, calendar: Calendar) -> Moment | None:
    """Where in its series a stored exception belongs."""
    match = INSTANCE_ID.fullmatch(event.id)
    master = calendar.events.get(event.master)
    if match is None or master is None:
        return None
    return _from_stamp(match[2], unpack(master, calendar).start)


def _from_stamp(stamp: str, first: Moment) -> Moment | None:
    try:
        if len(stamp) == 8:
            return first.moved(_parsed(stamp, "%Y%m%d")) if first.all_day else None
        instant = _parsed(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    wall = instant.astimezone(ZoneInfo(first.zone)).replace(tzinfo=None)
    return None if first.all_day else first.moved(wall)


def _parsed(stamp: str, form: str) -> datetime:
    return datetime.strptime(stamp, form)  # noqa: DTZ007  the caller says what the wall time means


def _year_end(epoch: float) -> datetime:
    # Rounded up so that neighbouring windows share one cached expansion.
    if epoch >= FAR.replace(tzinfo=UTC).timestamp():
        return FAR
    day = datetime.fromtimestamp(max(epoch, 0), UTC) + timedelta(days=2)
    return datetime(day.year + 1, 1, 1)  # noqa: DTZ001  wall time
