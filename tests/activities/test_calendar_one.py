"""Calendar 1.0: who sees it, and which days its appointments stand on."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from marketplace.catalogue import CALENDAR
from marketplace.models import Installation, Tenant, User
from marketplace.tenancy import tenant_scope
from tests.activities.making import make_activity, make_all_day
from tests.conftest import signed_in
from tests.marketplace.modules import active, installed

PAGE = "/calendar-1/"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def days_with(answer: Any, subject: str) -> list[date]:
    """The days on which `subject` stands."""
    days = answer.context["calendar"].days
    return [day.date for day in days for entry in day.entries if entry.activity.subject == subject]


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """A wall time in Amsterdam, 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=AMSTERDAM).astimezone(UTC)


@pytest.mark.parametrize("view", ["month", "week"])
def test_each_sees_the_own_appointments_first(view: str, alice: User, bob: User, charlie: User):
    make_activity(alice, "Hers")
    query = {"view": view, "date": "2026-11-23"}

    assert days_with(signed_in(alice).get(PAGE, query), "Hers") == [date(2026, 11, 23)]
    assert days_with(signed_in(bob).get(PAGE, query), "Hers") == []
    for owner in (alice.pk, "all"):
        assert days_with(signed_in(bob).get(PAGE, query | {"owner": owner}), "Hers") == [date(2026, 11, 23)]
        assert days_with(signed_in(charlie).get(PAGE, query | {"owner": owner}), "Hers") == []


def test_without_the_right_to_see_colleagues_it_is_always_the_own_calendar(alice: User, bob: User):
    make_activity(alice, "Hers")
    bob.can_see_colleagues = False
    bob.save()

    answer = signed_in(bob).get(f"{PAGE}?date=2026-11-23&owner={alice.pk}")

    assert days_with(answer, "Hers") == []
    assert b'name="owner"' not in answer.content


def test_tasks_and_calls_are_not_in_it(alice: User):
    make_activity(alice, "Task", kind="task", start_date=date(2026, 11, 23), end_date=date(2026, 11, 24))

    assert days_with(signed_in(alice).get(PAGE, {"date": "2026-11-23"}), "Task") == []


def test_the_day_after_the_last_is_free(alice: User):
    make_all_day(alice, "Fair", date(2026, 11, 23), date(2026, 11, 25))

    answer = signed_in(alice).get(PAGE, {"date": "2026-11-01"})

    assert days_with(answer, "Fair") == [date(2026, 11, 23), date(2026, 11, 24)]


def test_what_ends_at_midnight_does_not_touch_the_next_day(alice: User):
    make_activity(alice, "Dinner", starts_at=at(23, 20), ends_at=at(24, 0))
    make_activity(alice, "Night", starts_at=at(23, 22), ends_at=at(24, 1))

    answer = signed_in(alice).get(PAGE, {"date": "2026-11-23"})

    assert days_with(answer, "Dinner") == [date(2026, 11, 23)]
    assert days_with(answer, "Night") == [date(2026, 11, 23), date(2026, 11, 24)]


def test_a_month_shows_what_crosses_its_borders(alice: User):
    make_all_day(alice, "Holiday", date(2026, 9, 20), date(2026, 12, 20))

    days = days_with(signed_in(alice).get(PAGE, {"date": "2026-11-15"}), "Holiday")

    assert (days[0], days[-1], len(days)) == (date(2026, 10, 26), date(2026, 12, 6), 42)


@pytest.mark.parametrize(
    ("starts_at", "day", "hour"),
    [
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 29), 0),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), date(2026, 3, 29), 3),
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), date(2026, 3, 29), 23),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30), 0),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 10, 25), 2),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), date(2026, 10, 25), 2),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25), 23),
    ],
)
def test_days_are_those_of_the_wall_clock_when_it_changes(
    starts_at: datetime, day: date, hour: int, alice: User
):
    make_activity(alice, "Odd", starts_at=starts_at, ends_at=starts_at)
    answer = signed_in(alice).get(PAGE, {"view": "week", "date": day.isoformat()})

    rows = [row.hour for row in answer.context["calendar"].hours for cell in row.cells if cell]

    assert days_with(answer, "Odd") == [day]
    assert rows == [hour]


def test_the_zone_is_the_readers(alice: User):
    make_activity(alice, "Late", starts_at=at(23, 23))
    make_all_day(alice, "Fair", date(2026, 11, 23), date(2026, 11, 24))
    alice.time_zone = "Asia/Tokyo"
    alice.save()

    answer = signed_in(alice).get(PAGE, {"date": "2026-11-23"})

    assert days_with(answer, "Late") == [date(2026, 11, 24)]
    assert days_with(answer, "Fair") == [date(2026, 11, 23)]


@pytest.mark.parametrize(
    ("first_weekday", "first"), [(1, date(2026, 11, 23)), (0, date(2026, 11, 22)), (6, date(2026, 11, 21))]
)
def test_the_week_begins_on_the_readers_first_day(first_weekday: int, first: date, alice: User):
    alice.first_weekday = first_weekday
    alice.save()

    answer = signed_in(alice).get(PAGE, {"view": "week", "date": "2026-11-23"})

    assert answer.context["calendar"].days[0].date == first


@pytest.mark.parametrize(
    ("view", "day", "earlier", "later"),
    [
        ("month", "2026-01-31", "2025-12-31", "2026-02-01"),
        ("month", "2024-02-29", "2024-01-31", "2024-03-01"),
        ("week", "2026-12-31", "2026-12-27", "2027-01-04"),
    ],
)
def test_steps_leave_nothing_out(view: str, day: str, earlier: str, later: str, alice: User):
    calendar = signed_in(alice).get(PAGE, {"view": view, "date": day}).context["calendar"]

    assert (calendar.earlier, calendar.later) == (
        f"?view={view}&date={earlier}",
        f"?view={view}&date={later}",
    )


@time_machine.travel("2026-11-23 12:00+01:00", tick=False)
@pytest.mark.parametrize(
    "garbage",
    [
        "view=year",
        "date=yesterday",
        "date=0001-01-01",
        "date=9999-12-31",
        "date=%00",
        "owner=x",
        "owner=99999999999999999999",
    ],
)
def test_garbage_shows_the_own_month_of_today(garbage: str, alice: User):
    calendar = signed_in(alice).get(f"{PAGE}?{garbage}").context["calendar"]

    assert (calendar.view, calendar.day, calendar.owner) == ("month", date(2026, 11, 23), alice)


def test_it_stays_until_the_module_is_active(alice: User, ada: User, tenant: Tenant):
    installed(tenant, ada)

    assert "calendar" in signed_in(alice).get(PAGE).context


def test_an_active_module_leads_to_the_new_calendar(alice: User, ada: User, tenant: Tenant):
    active(tenant, ada)
    alice.refresh_from_db()

    answer = signed_in(alice).get(PAGE)

    assert answer.status_code == 200
    assert b"has been replaced" in answer.content


def test_the_option_keeps_both(alice: User, ada: User, tenant: Tenant):
    active(tenant, ada)
    with tenant_scope(tenant):
        Installation.objects.filter(module=CALENDAR.key).update(options={"show_both_versions": True})

    assert "calendar" in signed_in(alice).get(PAGE).context


def test_the_number_of_statements_does_not_grow(
    alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
):
    for hour in range(8, 18):
        make_activity(alice, f"{hour}", starts_at=at(23, hour))
    browser = signed_in(alice)

    with django_assert_max_num_queries(7):
        browser.get(PAGE, {"date": "2026-11-23", "view": "week"})


def test_entries_stand_in_order_with_whole_days_first(alice: User):
    make_activity(alice, "ten", starts_at=at(23, 10))
    make_activity(alice, "nine", starts_at=at(23, 9))
    make_all_day(alice, "day", date(2026, 11, 23), date(2026, 11, 24))

    calendar = signed_in(alice).get(PAGE, {"date": "2026-11-23", "view": "week"}).context["calendar"]

    assert [entry.activity.subject for entry in calendar.days[0].entries] == ["day", "nine", "ten"]
    assert [entry.starts for entry in calendar.days[0].entries] == [None, time(9), time(10)]
