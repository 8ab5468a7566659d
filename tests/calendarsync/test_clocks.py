"""Time zones, changes of the clocks and whole days: our projection against Google's own expansion."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from calendarsync.domain import AllDay
from calendarsync.models import Account
from calendarsync.services.maintenance import refresh_list
from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant
from tests.calendarsync.at_google import (
    add,
    change,
    days,
    read_all_again,
    shown_at_google,
    shown_here,
    shown_on,
    timed,
    weekly,
)
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, primary, seen_between, sync
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db
# Both changes of the clocks, in Europe and in America.
YEAR = "2026-01-05", "2027-01-04"


@pytest.fixture
def account(alice: User, connected_account: Connect) -> Account:
    """Alice's empty mailbox, read once."""
    found = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    return found


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_nine_on_the_wall_stays_nine_all_year(sandbox: Sandbox, account: Account, zone: str) -> None:
    """S43: across both changes of the clocks, as Google expands it."""
    at: dict[str, Any] = {
        "start": timed("2026-01-05T09:00:00", zone),
        "end": timed("2026-01-05T09:15:00", zone),
    }
    weekly(sandbox, **at)
    sync(account)

    items = seen_between(account, *YEAR)

    assert len(items) == 52
    walls = [
        item.when.start.astimezone(ZoneInfo(zone)) for item in items if not isinstance(item.when, AllDay)
    ]
    assert {(wall.weekday(), wall.hour, wall.minute) for wall in walls} == {(0, 9, 0)}
    assert shown_here(account, *YEAR) == shown_at_google(sandbox, account, *YEAR)


@pytest.mark.parametrize(
    ("wall", "zone"),
    [
        ("02:30", "Europe/Amsterdam"),
        ("02:00", "Europe/Amsterdam"),
        ("02:59", "America/New_York"),
        ("01:30", "America/New_York"),
        ("02:15", "Australia/Lord_Howe"),
        ("00:30", "America/Santiago"),
    ],
)
def test_hours_that_do_not_exist_or_exist_twice_have_one_occurrence(
    sandbox: Sandbox, account: Account, wall: str, zone: str
) -> None:
    """S50: daily over a whole year, one occurrence a day, as Google expands it."""
    begins = timed(f"2026-01-05T{wall}:00", zone)
    add(sandbox, summary="Night", start=begins, end=begins, recurrence=["RRULE:FREQ=DAILY"])
    sync(account)

    here = shown_here(account, "2026-01-07", "2026-12-31")

    assert len(here) == len(set(here)) == 358
    assert here == shown_at_google(sandbox, account, "2026-01-07", "2026-12-31")


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Tongatapu", "Europe/Amsterdam"])
@pytest.mark.parametrize("year", [2026, 2033], ids=["projected", "expanded on reading"])
@pytest.mark.parametrize("lines", [None, ["RRULE:FREQ=YEARLY"]], ids=["single", "series"])
def test_all_day_events_keep_their_dates_in_every_zone(
    sandbox: Sandbox, account: Account, zone: str, year: int, lines: list[str] | None
) -> None:
    """S44: 1 to 3 June, end exclusive, wherever the reader is."""
    first = year if lines is None else 2026
    add(sandbox, summary="Holiday", recurrence=lines, **days(f"{first}-06-01", f"{first}-06-04"))
    sync(account)

    shown = [day for day in range(1, 7) if shown_on(account, date(year, 6, day), zone)]

    assert shown == [1, 2, 3]
    assert shown_on(account, date(year, 5, 31), zone) == []


@pytest.mark.parametrize("until", ["20260605", "20260605T000000Z", "20260605T235959Z"])
def test_all_day_series_with_an_end_in_utc_has_all_its_days(
    sandbox: Sandbox, account: Account, until: str
) -> None:
    """S47: neither a day less nor a day more than Google expands."""
    rule = [f"RRULE:FREQ=DAILY;UNTIL={until}"]
    add(sandbox, summary="Fair", recurrence=rule, **days("2026-06-02", "2026-06-03"))
    sync(account)

    here = shown_here(account, "2026-05-25", "2026-06-15")

    assert [start for _, start, _ in here] == ["2026-06-02", "2026-06-03", "2026-06-04", "2026-06-05"]
    assert here == shown_at_google(sandbox, account, "2026-05-25", "2026-06-15")


def test_another_zone_of_calendar_or_reader_moves_nothing(
    sandbox: Sandbox, account: Account, alice: User
) -> None:
    """S49: dates stay dates, instants stay instants, no row is written; nor when a series is projected anew later."""
    master = weekly(sandbox)
    add(sandbox, summary="Fair", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"], **days("2026-03-24", "2026-03-25"))
    add(sandbox, summary="Lunch", start=timed("2026-04-01T12:00:00"), end=timed("2026-04-01T13:00:00"))
    sync(account)
    before, revision = shown_here(account, *YEAR), primary(account).revision
    far = shown_here(account, "2031-01-01", "2031-12-31")

    sandbox.control("calendars/patch", mailbox=ALICE_AT_GOOGLE, time_zone="Pacific/Honolulu")
    refresh_list(account.pk)
    with every_tenant():
        User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
        Tenant.objects.filter(pk=account.tenant_id).update(time_zone="America/New_York")
    sync(account)

    assert primary(account).time_zone == "Pacific/Honolulu"
    assert shown_here(account, *YEAR) == before == shown_at_google(sandbox, account, *YEAR)
    assert primary(account).revision == revision
    assert shown_here(account, "2031-01-01", "2031-12-31") == far
    change(sandbox, master["id"], end=timed("2026-03-16T09:20:00"))
    read_all_again(sandbox, account)
    assert [start for _, start, _ in shown_here(account, *YEAR)] == [start for _, start, _ in before]
    assert shown_here(account, *YEAR) == shown_at_google(sandbox, account, *YEAR)
