"""Meetings that repeat, and days that are special: instances move, vanish and cross a change of clocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sandbox.demo.cast import DAAN, EMMA, NOOR, RECRUITERS, SANNE
from sandbox.demo.diary import YEARS_BACK, Diary, dice
from sandbox.google import writing
from sandbox.google.conference import meeting
from sandbox.google.records import Calendar, Event
from sandbox.google.series import unpack
from sandbox.google.store import Store
from sandbox.google.writing import Options
from sandbox.shapes import Json
from sandbox.world import Mailbox

QUIET = Options()
SHARE_MOVED, SHARE_CANCELLED = 0.03, 0.02


@dataclass(frozen=True, slots=True)
class Ritual:
    """A team series: who calls it, when it begins (wall time in `zone`) and how it repeats."""

    host: Mailbox
    title: str
    weekday: int
    at: str
    minutes: int
    rule: str
    guests: tuple[Mailbox, ...] = RECRUITERS
    zone: str = ""
    online: bool = False
    weeks_back: int = YEARS_BACK * 52
    private: bool = False


RITUALS = (
    Ritual(SANNE, "Stand-up recruitment", 0, "09:00", 15, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", online=True),
    Ritual(DAAN, "Pipelineoverleg", 0, "10:00", 60, "FREQ=WEEKLY;BYDAY=MO"),
    Ritual(EMMA, "New York desk call", 1, "09:30", 45, "FREQ=WEEKLY;BYDAY=TU",
           (EMMA, NOOR), "America/New_York", online=True, weeks_back=130),
    Ritual(NOOR, "Sourcing sync", 3, "13:00", 30, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", (NOOR, SANNE), "UTC",
           online=True, weeks_back=104),
    Ritual(EMMA, "1:1 Emma / Daan", 2, "09:30", 30, "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", (EMMA, DAAN),
           weeks_back=90),
    Ritual(SANNE, "1:1 Sanne / Noor", 2, "09:30", 30, "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", (SANNE, NOOR),
           weeks_back=91),
    Ritual(EMMA, "Team lunch 🥪", 4, "12:30", 45, "FREQ=WEEKLY;BYDAY=FR", weeks_back=156),
    Ritual(DAAN, "Vrijdagmiddagborrel 🍻", 4, "16:30", 90, "FREQ=MONTHLY;BYDAY=1FR", weeks_back=180),
    Ritual(SANNE, "Maandcijfers en prognose", 4, "15:30", 60, "FREQ=MONTHLY;BYDAY=-1FR", weeks_back=200),
    Ritual(NOOR, "Onboarding new colleagues", 1, "11:00", 60, "FREQ=WEEKLY;COUNT=8", weeks_back=5),
    Ritual(SANNE, "Hardlopen", 1, "17:30", 60, "FREQ=WEEKLY;BYDAY=TU,TH", (), weeks_back=60, private=True),
    Ritual(DAAN, "Fysio", 3, "08:00", 30, "FREQ=WEEKLY;UNTIL=20271231T225959Z", (),
           weeks_back=20, private=True),
    Ritual(EMMA, "Choir practice", 2, "19:30", 120, "FREQ=WEEKLY", (), weeks_back=110, private=True),
    Ritual(NOOR, "Arabic lesson", 0, "18:00", 60, "FREQ=WEEKLY", (), weeks_back=70, private=True),
)  # fmt: skip


def hold_rituals(store: Store, diaries: dict[str, Diary], monday: date) -> None:
    """Insert every team series, then move and cancel some of its instances."""
    for ritual in RITUALS:
        calendar = store.calendars[ritual.host.address]
        body = _body(ritual, diaries[ritual.host.address], monday)
        event = writing.insert(store, calendar, body, QUIET)
        _disturb(store, calendar, event, monday)


def _body(ritual: Ritual, diary: Diary, monday: date) -> Json:
    day = _first_day(ritual, monday)
    start = datetime.combine(day, time.fromisoformat(ritual.at))
    body = diary.timed(ritual.title, start, ritual.minutes, ritual.zone)
    body |= {"id": _event_id(ritual.title), "recurrence": [f"RRULE:{ritual.rule}"]}
    if ritual.guests:
        people = [
            {"email": box.address, "displayName": box.name, "responseStatus": "accepted"}
            for box in ritual.guests
        ]
        body["attendees"] = people
    if ritual.private:
        body["visibility"] = "private"
    return body | (meeting(ritual.title) if ritual.online else {})


def _first_day(ritual: Ritual, monday: date) -> date:
    day = monday - timedelta(weeks=ritual.weeks_back) + timedelta(days=ritual.weekday)
    if "BYDAY=1FR" in ritual.rule:
        return _first_friday(day)
    if "BYDAY=-1FR" in ritual.rule:
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return _first_friday(following) - timedelta(days=7)
    return day


def _first_friday(day: date) -> date:
    first = day.replace(day=1)
    return first + timedelta(days=(4 - first.weekday()) % 7)


def _event_id(title: str) -> str:
    return f"{dice(title).getrandbits(128):032x}"


def _disturb(store: Store, calendar: Calendar, event: Event, monday: date) -> None:
    """Real series are never regular: some instances start later, some do not happen."""
    chance = dice(event.id)
    until = (datetime.combine(monday, time()) + timedelta(weeks=20)).timestamp()
    for original in list(unpack(event, calendar).starts(float("-inf"), until)):
        roll = chance.random()
        if roll < SHARE_CANCELLED:
            was = writing.find(calendar, f"{event.id}_{original.stamp}")
            writing.delete(store, calendar, was, QUIET)
        elif roll < SHARE_CANCELLED + SHARE_MOVED:
            was = writing.find(calendar, f"{event.id}_{original.stamp}")
            later = timedelta(minutes=chance.choice((30, 60, 90, 24 * 60)))
            writing.patch(store, calendar, was, _shifted(was, later), QUIET)


def _shifted(body: Json, by: timedelta) -> Json:
    return {
        name: {"dateTime": (datetime.fromisoformat(body[name]["dateTime"]) + by).isoformat()}
        for name in ("start", "end")
    }


def special_days(mailbox: Mailbox, monday: date) -> Iterator[Json]:
    """Birthdays, working locations, focus time, absences and days without hours."""
    chance = dice(mailbox.address, "special")
    dutch = mailbox.language == "nl"
    for name, month, day in (("Oma Truus", 3, 14), ("Jip", 7, 2), ("Mats", 11, 26), ("Noëlle", 12, 25)):
        born = date(1990 + chance.randrange(25), month, day)
        title = f"Verjaardag {name} 🎂" if dutch else f"{name}'s birthday 🎂"
        yield _all_day(title, born, 1) | {"eventType": "birthday", "recurrence": ["RRULE:FREQ=YEARLY"]}
    yield from _places(monday, dutch=dutch)
    yield _focus(mailbox, monday, chance.choice((1, 2, 3)), dutch=dutch)
    for year in range(-YEARS_BACK, 2):
        summer = date(monday.year + year, 7, 6 + chance.randrange(14))
        yield _absence(mailbox, "Zomervakantie 🏖️" if dutch else "Summer holiday 🏖️", summer, 14)
        yield _absence(mailbox, "Snipperdag" if dutch else "Day off", summer - timedelta(days=70), 1)
        fair = date(monday.year + year, 9, 10 + chance.randrange(10))
        yield _all_day("Banenbeurs Utrecht" if dutch else "Careers fair London", fair, 2) | {
            "transparency": "opaque"
        }
        quarters = [date(monday.year + year, month, 1) for month in (1, 4, 7, 10)]
        yield from (_all_day("Start kwartaal" if dutch else "Quarter starts", day, 1) for day in quarters)
    yield _all_day("Recruitment Tech Event", monday + timedelta(days=2), 2) | {
        "location": "Jaarbeurs, Utrecht"
    }
    yield _absence(mailbox, "Vrije middag" if dutch else "Afternoon off", monday + timedelta(days=11), 1)


def _places(monday: date, *, dutch: bool) -> Iterator[Json]:
    first = monday - timedelta(weeks=26)
    home = {"type": "homeOffice", "homeOffice": {}}
    office = {"type": "officeLocation", "officeLocation": {"label": "Keizersgracht 999"}}
    for weekday, title, place in (
        (0, "Kantoor" if dutch else "Office", office),
        (4, "Thuis" if dutch else "Home", home),
    ):
        yield _all_day(title, first + timedelta(days=weekday), 1) | {
            "eventType": "workingLocation",
            "workingLocationProperties": place,
            "recurrence": ["RRULE:FREQ=WEEKLY"],
        }


def _focus(mailbox: Mailbox, monday: date, weekday: int, *, dutch: bool) -> Json:
    start = datetime.combine(monday - timedelta(weeks=40) + timedelta(days=weekday), time(8))
    return {
        "summary": "Focustijd" if dutch else "Focus time",
        "eventType": "focusTime",
        "focusTimeProperties": {"autoDeclineMode": "declineNone", "chatStatus": "doNotDisturb"},
        "start": {"dateTime": start.isoformat(), "timeZone": mailbox.time_zone},
        "end": {"dateTime": (start + timedelta(minutes=60)).isoformat(), "timeZone": mailbox.time_zone},
        "recurrence": ["RRULE:FREQ=WEEKLY"],
    }


def _absence(mailbox: Mailbox, title: str, first: date, days: int) -> Json:
    start = datetime.combine(first, time(13 if days == 1 else 0))
    end = datetime.combine(first + timedelta(days=days - 1), time(18) if days == 1 else time(23, 59))
    return {
        "summary": title,
        "eventType": "outOfOffice",
        "outOfOfficeProperties": {
            "autoDeclineMode": "declineOnlyNewConflictingInvitations",
            "declineMessage": "Afwezig / out of office",
        },
        "start": {"dateTime": start.isoformat(), "timeZone": mailbox.time_zone},
        "end": {"dateTime": end.isoformat(), "timeZone": mailbox.time_zone},
    }


def _all_day(title: str, first: date, days: int) -> Json:
    return {
        "summary": title,
        "start": {"date": first.isoformat()},
        "end": {"date": (first + timedelta(days=days)).isoformat()},
        "transparency": "transparent",
    }
