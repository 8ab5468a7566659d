"""The mailboxes a fresh sandbox has: four recruiters of an invented agency, one with nothing yet."""

from datetime import date

from sandbox.demo.bulk import generate
from sandbox.demo.cast import LEEG, RECRUITERS
from sandbox.demo.diary import Diary
from sandbox.demo.rituals import hold_rituals, special_days
from sandbox.demo.shared import add_shared_calendars
from sandbox.google import writing
from sandbox.google.cloud import Cloud
from sandbox.google.moments import monday_of
from sandbox.google.records import Calendar
from sandbox.google.store import Store
from sandbox.google.writing import Options
from sandbox.world import Mailbox

__all__ = ["add_mailbox", "generate", "populate"]

DEFAULT_REMINDERS = [{"method": "popup", "minutes": 10}]


def populate(cloud: Cloud) -> None:
    """Fill an empty world. The same on every start within one week: everything hangs on its Monday."""
    monday = monday_of(cloud.world.now().date())
    diaries = {box.address: Diary(box, monday) for box in RECRUITERS}
    for box in (*RECRUITERS, LEEG):
        add_mailbox(cloud, box)
    add_shared_calendars(cloud.store, monday)
    hold_rituals(cloud.store, diaries, monday)
    for box in RECRUITERS:
        _fill(cloud.store, diaries[box.address], monday)
    cloud.world.outbox.clear()


def add_mailbox(cloud: Cloud, mailbox: Mailbox) -> Calendar:
    """A mailbox with its primary calendar, empty."""
    cloud.world.add_mailbox(mailbox)
    calendar = Calendar(mailbox.address, mailbox.address, mailbox.address, mailbox.time_zone)
    calendar.roles[mailbox.address] = "owner"
    cloud.store.add_calendar(calendar)
    shown = {"selected": True, "colorId": "16", "defaultReminders": DEFAULT_REMINDERS}
    cloud.store.list_for(mailbox.address, calendar, shown)
    return calendar


def _fill(store: Store, diary: Diary, monday: date) -> None:
    calendar = store.calendars[diary.mailbox.address]
    bodies = [*special_days(diary.mailbox, monday), *diary.entries()]
    for number, body in enumerate(bodies):
        event_id = f"{number:04d}{diary.chance.getrandbits(88):022x}"
        event = writing.insert(store, calendar, body | {"id": event_id}, Options(conference_version=1))
        if number % 97 == 96:
            _from_mail(store, calendar, event.body)


def _from_mail(store: Store, calendar: Calendar, body: dict[str, object]) -> None:
    """Events Gmail made of a message: clients may read them but not create them."""
    if "attendees" not in body and "recurrence" not in body:
        title = {"summary": "Trein naar Utrecht Centraal", "location": "Amsterdam Centraal"}
        store.write(calendar, body | title | {"eventType": "fromGmail", "locked": True})
