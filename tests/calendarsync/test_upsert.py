"""Rows written past the ORM read back through it as they were given, on every database."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from calendarsync.engine.upsert import upsert
from calendarsync.models import Calendar, Event
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.rows import make_account, make_calendar

pytestmark = pytest.mark.django_db
KEY = ("calendar_id", "remote_id")
ODD = "“Ciò” \\u0000 \\ ' \" %s {} \t\n\u2028 🗓 \x7f"


@pytest.fixture
def calendar(alice: User) -> Calendar:
    """A calendar without a provider."""
    return make_calendar(make_account(alice))


def row(calendar: Calendar, **fields: Any) -> dict[str, Any]:
    """Every column without a default, as the engine gives them."""
    usual = {
        "tenant_id": calendar.tenant_id,
        "calendar_id": calendar.pk,
        "remote_id": "one",
        "kind": "single",
        "master_remote_id": "",
        "original_start": "",
        "ical_uid": "",
        "identity_key": "one",
        "etag": "",
        "fingerprint": "f",
        "seen_generation": 1,
        "starts_at": datetime(2026, 11, 23, 9, 0, 0, 123456, UTC),
        "ends_at": datetime(2026, 11, 23, 10, 0, tzinfo=UTC),
        "tzid": "",
        "start_date": None,
        "end_date": None,
        "recurrence": [],
        "title": "",
        "description": "",
        "location": "",
        "status": "confirmed",
        "busy": "busy",
        "visibility": "default",
        "special": "",
        "colour": "",
        "organiser": None,
        "attendees": [],
        "my_response": "",
        "conference_url": "",
        "html_link": "",
    }
    return usual | fields


def stored(**fields: Any) -> Event:
    """The one event with these values."""
    with every_tenant():
        return Event.objects.get(**fields)


def test_odd_text_is_stored_as_it_is(calendar: Calendar) -> None:
    attendees = [{"address": "zoë@mail.example", "name": ODD}]

    upsert(Event, [row(calendar, title=ODD, attendees=attendees)], key=KEY)

    assert (stored().title, stored().attendees) == (ODD, attendees)


def test_moments_and_days_come_back_to_the_microsecond(calendar: Calendar) -> None:
    days = {
        "starts_at": None,
        "ends_at": None,
        "start_date": date(2026, 11, 23),
        "end_date": date(2026, 11, 24),
    }

    upsert(Event, [row(calendar), row(calendar, remote_id="two", **days)], key=KEY)

    assert stored(remote_id="one").starts_at == datetime(2026, 11, 23, 9, 0, 0, 123456, UTC)
    assert (stored(remote_id="two").start_date, stored(remote_id="two").starts_at) == (
        date(2026, 11, 23),
        None,
    )


def test_nobody_is_null_and_not_a_json_null(calendar: Calendar) -> None:
    upsert(Event, [row(calendar, organiser=None)], key=KEY)

    assert stored(organiser__isnull=True).organiser is None


def test_second_writing_changes_the_same_row(calendar: Calendar) -> None:
    upsert(Event, [row(calendar, title="Interview")], key=KEY)
    before = stored()

    upsert(Event, [row(calendar, title="Second interview"), row(calendar, remote_id="two")], key=KEY)

    assert stored(remote_id="one").title == "Second interview"
    assert stored(remote_id="one").pk == before.pk
