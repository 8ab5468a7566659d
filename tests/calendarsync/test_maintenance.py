"""Slow, regular work: projected years, who "me" is, and history; readers at work are fenced off meanwhile."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from calendarsync.engine import streams
from calendarsync.engine.lane import LeaseLost, claim, keep
from calendarsync.models import Calendar, Event, Occurrence, SyncRun
from calendarsync.services import maintenance
from marketplace.models import User, UserAddress
from marketplace.tenancy import every_tenant
from tests.calendarsync.rows import DAY, HOUR, MINUTE, NOW, make_account, make_calendar, make_event, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def calendar(alice: User) -> Calendar:
    """A followed calendar that is due; its projection ends with this month."""
    return make_calendar(
        make_account(alice),
        next_poll_at=NOW - MINUTE,
        projected_from=date(2025, 10, 1),
        projected_until=date(2026, 12, 1),
    )


def reread(calendar: Calendar) -> Calendar:
    with every_tenant():
        return Calendar.objects.get(pk=calendar.pk)


def reading(calendar: Calendar) -> streams.Lane:
    lane = streams.load(calendar.pk, claim(calendar.pk, NOW), NOW)
    assert lane is not None
    return lane


def attending(calendar: Calendar, *attendees: dict[str, Any]) -> Event:
    return make_event(calendar, attendees=list(attendees))


def test_projected_years_move_on_and_fill_with_occurrences(calendar: Calendar):
    series = make_event(calendar, kind="master", recurrence=["RRULE:FREQ=YEARLY"], tzid="Europe/Amsterdam")

    assert maintenance.extend_projections(NOW) == 1

    with every_tenant():
        years = {start.year for start in Occurrence.objects.values_list("starts_at", flat=True) if start}
    assert (reread(calendar).projected_from, reread(calendar).projected_until) == (
        date(2025, 11, 1),
        date(2028, 12, 1),
    )
    assert series.starts_at == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert years == {2026, 2027, 2028}


def test_years_that_moved_already_are_left_alone(calendar: Calendar):
    maintenance.extend_projections(NOW)
    fence = reread(calendar).fence

    assert maintenance.extend_projections(NOW + DAY) == 0
    assert reread(calendar).fence == fence


def test_a_reader_of_the_former_years_writes_nothing_more(calendar: Calendar):
    reader = reading(calendar)

    maintenance.extend_projections(NOW)

    with every_tenant(), pytest.raises(LeaseLost):
        keep(reader.lease, NOW)


def test_a_new_address_is_found_in_events_already_here(calendar: Calendar, alice: User):
    event = attending(
        calendar, {"address": "a.linde@old.example", "response": "accepted"}, {"address": "x@y.test"}
    )
    with every_tenant():
        UserAddress.objects.create(tenant=calendar.tenant, user=alice, address="A.Linde@old.example")

    maintenance.recognise_me(alice.pk)

    with every_tenant():
        event.refresh_from_db()
    assert [person.get("me", False) for person in event.attendees] == [True, False]
    assert event.my_response == "accepted"
    assert reread(calendar).revision == calendar.revision + 1


def test_a_mark_of_the_provider_stays_and_nothing_is_shown_anew(calendar: Calendar, alice: User):
    event = make_event(calendar, attendees=[{"address": "secret@alias.test", "me": True}], my_response="none")

    maintenance.recognise_me(alice.pk)

    with every_tenant():
        event.refresh_from_db()
    assert event.attendees == [{"address": "secret@alias.test", "me": True}]
    assert reread(calendar).revision == calendar.revision


def test_a_reader_who_knows_the_former_addresses_writes_nothing_more(calendar: Calendar, alice: User):
    reader = reading(calendar)

    maintenance.recognise_me(alice.pk)

    with every_tenant(), pytest.raises(LeaseLost):
        keep(reader.lease, NOW)


def test_runs_older_than_a_month_are_forgotten(calendar: Calendar):
    make_run(calendar, NOW - 31 * DAY)
    kept = make_run(calendar, NOW - 30 * DAY + HOUR)

    maintenance.clean_history(NOW)

    with every_tenant():
        assert list(SyncRun.objects.all()) == [kept]
