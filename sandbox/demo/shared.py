"""Calendars beside the primary ones: the team's, everybody's leave, and the public holidays."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from dateutil.easter import easter

from sandbox.demo.cast import DAAN, RECRUITERS, SANNE
from sandbox.demo.diary import YEARS_AHEAD, YEARS_BACK, dice
from sandbox.google import writing
from sandbox.google.records import Calendar
from sandbox.google.store import Store
from sandbox.google.writing import Options
from sandbox.shapes import Json

TEAM = "c_recruitmentteam@group.calendar.sandbox.example"
LEAVE = "c_vrijenverlof@group.calendar.sandbox.example"
HOLIDAYS = "nl.dutch#holiday@group.v.calendar.sandbox.example"


def add_shared_calendars(store: Store, monday: date) -> None:
    everybody = {box.address: "writer" for box in RECRUITERS}
    readers = {box.address: "reader" for box in RECRUITERS}
    team = Calendar(TEAM, SANNE.address, "Recruitment team", roles=everybody | {SANNE.address: "owner"})
    leave = Calendar(LEAVE, DAAN.address, "Vrij & verlof", roles=readers | {DAAN.address: "owner"})
    holidays = Calendar(
        HOLIDAYS,
        "holidays@sandbox.example",
        "Feestdagen in Nederland",
        watchable=False,
        roles={"default": "reader"},
    )
    for calendar, color in ((team, "7"), (leave, "12"), (holidays, "8")):
        store.add_calendar(calendar)
        for box in RECRUITERS:
            store.list_for(box.address, calendar, {"selected": True, "colorId": color})
    _fill(store, team, _team_events(monday))
    _fill(store, leave, _leave(monday))
    _fill(store, holidays, _public_holidays(monday.year))


def _fill(store: Store, calendar: Calendar, bodies: Iterator[Json]) -> None:
    for body in bodies:
        writing.insert(store, calendar, body, Options())


def _team_events(monday: date) -> Iterator[Json]:
    chance = dice("team")
    topics = (
        "Sollicitatiedag op kantoor",
        "Open avond",
        "Training interviewtechniek",
        "Klantevent 🎤",
        "Jobmarketing",
    )
    for week in range(-60, 16, 2):
        start = datetime.combine(monday + timedelta(weeks=week, days=chance.randrange(5)), time(14))
        yield {
            "summary": chance.choice(topics),
            "start": {"dateTime": start.isoformat(), "timeZone": "Europe/Amsterdam"},
            "end": {"dateTime": (start + timedelta(hours=2)).isoformat(), "timeZone": "Europe/Amsterdam"},
            "location": "Keizersgracht 999, Amsterdam",
        }


def _leave(monday: date) -> Iterator[Json]:
    chance = dice("leave")
    for week in range(-80, 30, 3):
        first = monday + timedelta(weeks=week, days=chance.randrange(3))
        person = chance.choice(RECRUITERS)
        yield _days(f"{person.given_name} vrij", first, chance.choice((1, 2, 5)))


def _public_holidays(year: int) -> Iterator[Json]:
    for each in range(year - YEARS_BACK, year + YEARS_AHEAD + 1):
        sunday = easter(each)
        moving = (("Goede Vrijdag", -2), ("Eerste paasdag", 0), ("Tweede paasdag", 1), ("Hemelvaartsdag", 39),
                  ("Eerste pinksterdag", 49), ("Tweede pinksterdag", 50))  # fmt: skip
        fixed = (("Nieuwjaarsdag", 1, 1), ("Koningsdag", 4, 27), ("Bevrijdingsdag", 5, 5), ("Sinterklaas",
        12, 5),
                 ("Eerste kerstdag", 12, 25), ("Tweede kerstdag", 12, 26))  # fmt: skip
        yield from (_days(name, sunday + timedelta(days=offset), 1) for name, offset in moving)
        yield from (_days(name, date(each, month, day), 1) for name, month, day in fixed)


def _days(title: str, first: date, days: int) -> Json:
    return {
        "summary": title,
        "start": {"date": first.isoformat()},
        "end": {"date": (first + timedelta(days=days)).isoformat()},
        "transparency": "transparent",
        "visibility": "public",
    }
