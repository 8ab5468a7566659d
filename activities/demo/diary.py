"""Two years of one person's diary, the same for the same name. Pure: drafts out, no rows."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from activities.demo.vocabulary import Line, Vocabulary

DAYS_BACK, DAYS_AHEAD = 730, 60
BUSY_BACK, BUSY_AHEAD = 12, 24
NEAR, FAR = 90, 148
TASKS, CALLS, NOTES = 40, 50, 25
HOURS = (time(9), time(9, 45), time(10, 30), time(11, 30), time(13), time(14), time(15), time(16))


@dataclass(frozen=True, slots=True)
class Match:
    """Records that occur together in a subject, as keys of the planted records and as names."""

    candidate: str
    contact: str
    company: str
    vacancy: str

    def named_in(self, subject: str) -> list[str]:
        """Names of those that the subject mentions."""
        return [getattr(self, role) for role in self.__slots__ if f"{{{role}}}" in subject]

    def fill(self, subject: str) -> str:
        """The subject with the names in it."""
        return subject.format(**{role: getattr(self, role) for role in self.__slots__})


@dataclass(frozen=True, slots=True)
class Draft:
    """An activity to be planted; lists and records by name."""

    kind: str
    subject: str
    records: Sequence[str] = ()
    start: datetime | None = None
    minutes: int = 0
    first_day: date | None = None
    days: int = 0
    type: str = ""
    where: str = ""
    company: str = ""
    remark: str = ""
    is_done: bool = False
    draw: float = 0.0
    """A number from 0 to 1 for whatever else differs from row to row."""


@dataclass(frozen=True, slots=True)
class Diary:
    """How one person's drafts are drawn; `chance` is seeded with who it is."""

    chance: random.Random
    words: Vocabulary
    matches: Sequence[Match]
    today: date
    zone: ZoneInfo

    def drafts(self) -> Iterator[Draft]:
        """Everything in this diary."""
        yield from self._appointments()
        yield from self._whole_days()
        yield from (self._dated("task", self.words.tasks, -60, 21) for _ in range(TASKS))
        yield from (self._called() for _ in range(CALLS))
        yield from (self._plain("note", self.words.notes) for _ in range(NOTES))

    def _appointments(self) -> Iterator[Draft]:
        near = self._moments(range(-BUSY_BACK, BUSY_AHEAD), NEAR)
        far = self._moments([*range(-DAYS_BACK, -BUSY_BACK), *range(BUSY_AHEAD, DAYS_AHEAD)], FAR)
        for start in (*near, *far):
            yield self._planned(start, self.chance.choice(self.words.appointments))

    def _moments(self, offsets: Sequence[int], wanted: int) -> list[datetime]:
        """So many different moments on working days."""
        days = [self.today + timedelta(days=offset) for offset in offsets]
        free = [
            datetime.combine(day, hour, self.zone) for day in days if day.isoweekday() < 6 for hour in HOURS
        ]
        return sorted(self.chance.sample(free, wanted))

    def _planned(self, start: datetime, line: Line) -> Draft:
        match = self.chance.choice(self.matches)
        return Draft(
            kind="appointment",
            subject=match.fill(line.subject),
            records=match.named_in(line.subject),
            start=start,
            minutes=line.minutes,
            type=line.type,
            where=line.where,
            company=match.company,
            remark=self._remark(),
            is_done=start.date() < self.today,
            draw=self.chance.random(),
        )

    def _whole_days(self) -> Iterator[Draft]:
        for offset in (-600, -420, -250, -110, -33, -6, 2, 9, 17, 40):
            subject, days = self.chance.choice(self.words.whole_days)
            first = _monday_for(self.today + timedelta(days=offset + self.chance.randint(-2, 2)), days)
            yield Draft(
                "appointment", subject, first_day=first, days=days, type="absence", is_done=first < self.today
            )

    def _dated(self, kind: str, subjects: Sequence[str], first: int, last: int) -> Draft:
        day = self.today + timedelta(days=self.chance.randint(first, last))
        draft = self._plain(kind, subjects)
        is_done = day < self.today and self.chance.random() < 0.85
        return Draft(
            kind, draft.subject, draft.records, first_day=day, days=1, is_done=is_done, draw=draft.draw
        )

    def _called(self) -> Draft:
        day = self.today - timedelta(days=self.chance.randint(0, 200))
        at = time(self.chance.randint(9, 16), self.chance.choice((0, 10, 25, 40)))
        minutes = self.chance.choice((5, 10, 20))
        draft = self._plain("call", self.words.calls)
        return replace(draft, start=datetime.combine(day, at, self.zone), minutes=minutes, is_done=True)

    def _plain(self, kind: str, subjects: Sequence[str]) -> Draft:
        match, subject = self.chance.choice(self.matches), self.chance.choice(subjects)
        return Draft(
            kind,
            match.fill(subject),
            match.named_in(subject),
            remark=self._remark(),
            draw=self.chance.random(),
        )

    def _remark(self) -> str:
        return self.chance.choice(self.words.remarks) if self.chance.random() < 0.4 else ""


def _monday_for(day: date, days: int) -> date:
    """The Monday before, for what is longer than the rest of the working week of `day`."""
    return day - timedelta(days=day.weekday()) if day.weekday() + days > 5 else day
