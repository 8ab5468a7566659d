"""One recruiter's own appointments over five years: dense around today, the same on every run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from sandbox.demo.cast import CANDIDATES, CLIENTS, RECRUITERS, ROLES, ROOMS, post_address
from sandbox.demo.phrases import KINDS, NOTES, THIS_WEEK, Kind
from sandbox.google.conference import meeting
from sandbox.shapes import Json
from sandbox.world import Mailbox

YEARS_BACK, YEARS_AHEAD = 4, 1
HALF_HOURS = tuple(time(hour, minute) for hour in range(9, 17) for minute in (0, 30))
# Taken by the meetings everybody has: weekday to half-hours.
RITUAL_HOURS = {
    0: ("09:00", "10:00", "10:30"),
    1: ("09:00", "15:00", "15:30"),
    2: ("09:00", "09:30"),
    3: ("09:00", "14:00"),
    4: ("09:00", "12:30", "16:30"),
}


def dice(*seed: object) -> Random:
    """Random numbers that are the same on every run."""
    return Random(":".join(map(str, seed)))  # noqa: S311  invented data, no secret


@dataclass(slots=True)
class Diary:
    """Yields event resources as a client would insert them; `monday` anchors the dense weeks."""

    mailbox: Mailbox
    monday: date
    taken: set[tuple[date, str]] = field(default_factory=set)
    chance: Random = field(default_factory=Random)

    def __post_init__(self) -> None:
        self.chance = dice(self.mailbox.address, "diary")

    def entries(self) -> Iterator[Json]:
        yield from self._this_week()
        first = self.monday - timedelta(weeks=52 * YEARS_BACK)
        for number in range((YEARS_BACK + YEARS_AHEAD) * 52 * 7):
            day = first + timedelta(days=number)
            if day.weekday() < 5:
                yield from self._day(day)

    def _day(self, day: date) -> Iterator[Json]:
        for _ in range(self._busyness(day)):
            kind = self.chance.choices(KINDS, [kind.weight for kind in KINDS])[0]
            start = self._free_start(day)
            if start is not None:
                yield self._appointment(kind, start)

    def _busyness(self, day: date) -> int:
        weeks = (day - self.monday).days // 7
        roll = self.chance.random()
        if weeks == 0:
            return 1 + (roll < 0.6)
        if -3 <= weeks <= 3:
            return 2 + (roll < 0.5)
        if -8 <= weeks <= 8:
            return 1 + (roll < 0.4)
        return int(roll < (0.62 if weeks < 0 else 0.35))

    def _free_start(self, day: date) -> datetime | None:
        blocked = RITUAL_HOURS.get(day.weekday(), ())
        free = [
            at for at in HALF_HOURS if f"{at:%H:%M}" not in blocked and (day, f"{at:%H:%M}") not in self.taken
        ]
        return datetime.combine(day, self.chance.choice(free)) if free else None

    def _take(self, start: datetime, minutes: int) -> None:
        for step in range(0, minutes, 30):
            at = start + timedelta(minutes=step)
            self.taken.add((at.date(), f"{at:%H:%M}"))

    def _appointment(self, kind: Kind, start: datetime) -> Json:
        minutes = self.chance.choice(kind.minutes)
        self._take(start, minutes)
        words = {
            "candidate": self.chance.choice(CANDIDATES),
            "client": self.chance.choice(CLIENTS),
            "role": self.chance.choice(ROLES[self.mailbox.language]),
        }
        title = kind.nl if self.mailbox.language == "nl" else kind.en
        body = self.timed(title.format(**words), start, minutes)
        if kind.note:
            body["description"] = NOTES[kind.note][self.mailbox.language].format(**words)
        if kind.private:
            body["visibility"] = "private"
        if kind.color:
            body["colorId"] = kind.color
        if self.chance.random() < 0.06:
            body["status"] = "tentative"
        return (
            body
            | self._place(kind.place, words["client"], title + str(start))
            | self._guests(kind, words, start)
        )

    def _place(self, place: str, client: str, seed: str) -> Json:
        if place == "meet":
            return meeting(self.mailbox.address + seed)
        if place == "client":
            return {"location": f"{client}, Havenstraat {self.chance.randint(1, 180)}, Utrecht"}
        if place == "room":
            return {"location": self.chance.choice(ROOMS)}
        return {"location": "Café De Zwaan"} if place == "lunch" else {}

    def _guests(self, kind: Kind, words: dict[str, str], start: datetime) -> Json:
        past = start.date() < self.monday
        people: list[Json] = []
        if kind.guests in ("candidate", "both"):
            people.append(_stranger(words["candidate"], "accepted" if past else "needsAction"))
        if kind.guests in ("client", "both"):
            people.append(_stranger(words["client"], "accepted"))
        if kind.guests == "team" or (kind.guests and self.chance.random() < 0.16):
            people.append(self._colleague(past=past))
        host = {"email": self.mailbox.address, "displayName": self.mailbox.name, "responseStatus": "accepted"}
        return {"attendees": [host, *people]} if people else {}

    def _colleague(self, *, past: bool) -> Json:
        other = self.chance.choice([box for box in RECRUITERS if box.address != self.mailbox.address])
        answers = (
            "accepted",
            "accepted",
            "accepted",
            "declined",
            "tentative",
            "accepted" if past else "needsAction",
        )
        return {
            "email": other.address,
            "displayName": other.name,
            "responseStatus": self.chance.choice(answers),
            "optional": self.chance.random() < 0.2,
        }

    def timed(self, title: str, start: datetime, minutes: int, zone: str = "") -> Json:
        """A plain appointment; `start` is wall time in the zone, the mailbox's own unless given."""
        zone = zone or self.mailbox.time_zone
        end = start + timedelta(minutes=minutes)
        return {
            "summary": title,
            "start": {"dateTime": start.isoformat(), "timeZone": zone},
            "end": {"dateTime": end.isoformat(), "timeZone": zone},
        }

    def _this_week(self) -> Iterator[Json]:
        for weekday, at, minutes, title, trait in THIS_WEEK[self.mailbox.language]:
            start = datetime.combine(self.monday + timedelta(days=weekday), time.fromisoformat(at))
            # Two people of one language do not share a diary.
            start += timedelta(minutes=30 * (self.chance.random() < 0.5 and trait != "team"))
            self._take(start, minutes)
            body = self.timed(title, start, minutes)
            if trait == "tentative":
                body["status"] = "tentative"
            elif trait == "private":
                body["visibility"] = "private"
            elif trait == "team":
                everybody = [self._colleague(past=False) for _ in range(2)]
                body["attendees"] = [
                    {"email": self.mailbox.address, "responseStatus": "accepted"},
                    *everybody,
                ]
            yield body | self._place(trait, self.chance.choice(CLIENTS), title)


def _stranger(name: str, answer: str) -> Json:
    return {"email": post_address(name), "displayName": name, "responseStatus": answer}
