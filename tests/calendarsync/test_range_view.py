"""The calendar page shows exactly what the provider shows: our projection against Google's own expansion."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calendarsync.engine import pull
from calendarsync.models import Account, Event, Occurrence, SkippedItem, SyncRun
from calendarsync.services.maintenance import extend_projections
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.at_google import (
    add,
    change,
    days,
    read_all_again,
    shown_at_google,
    shown_here,
    shown_on,
    starts,
    timed,
    weekly,
)
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, event_named, primary, seen_between, sync, titles
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db
SANNE = "sanne.devries@sandbox.example"
MONDAY = "2026-03-23"


@pytest.fixture
def account(alice: User, connected_account: Connect) -> Account:
    """Alice's empty mailbox, read once."""
    found = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    return found


# Odd and wrong items


def test_odd_lengths_are_repaired_once_and_stay_as_they_are(sandbox: Sandbox, account: Account) -> None:
    """S45: no length, no end, an end before the start; reading them again changes nothing."""
    nine = timed("2026-11-25T09:00:00")
    add(sandbox, summary="No length", start=nine, end=nine)
    sandbox.control("malformed", mailbox=ALICE_AT_GOOGLE, kinds=["end_before_start", "missing_end"])
    sync(account)
    with every_tenant():
        before = set(Event.objects.values_list("pk", "fingerprint", "starts_at", "ends_at"))

    read_all_again(sandbox, account)

    with every_tenant():
        assert set(Event.objects.values_list("pk", "fingerprint", "starts_at", "ends_at")) == before
        assert all(start == end for _, _, start, end in before)
    assert starts(seen_between(account, "2026-11-25", "2026-11-26")) == [
        "2026-11-25 09:00",
        "2026-11-25 10:00",
        "2026-11-25 11:00",
    ]


def test_event_in_a_zone_nobody_knows_is_kept_on_the_wall_of_its_calendar(
    sandbox: Sandbox, account: Account
) -> None:
    """S46: ten on the wall of a made-up zone is ten on the calendar's, and says that its zone is unknown."""
    sandbox.control("malformed", mailbox=ALICE_AT_GOOGLE, kinds=["unknown_zone"])

    sync(account)

    [item] = seen_between(account, "2026-11-25", "2026-11-26")
    assert starts([item]) == ["2026-11-25 10:00"]
    assert item.event.tzid == ""


def test_sentinel_dates_stop_nothing(sandbox: Sandbox, account: Account) -> None:
    """S48: an end at the end of time is no end; without a believable start an item is listed for its owner."""
    add(sandbox, summary="Open", start=timed("2026-11-25T09:00:00"), end=timed("9999-12-30T12:00:00", "UTC"))
    add(sandbox, summary="Open days", **days("2026-11-25", "9999-12-31"))
    sandbox.control("malformed", mailbox=ALICE_AT_GOOGLE, kinds=["sentinel_dates"])

    sync(account)

    assert titles(account) == {"Open", "Open days"}
    assert starts(seen_between(account, "2026-11-25", "2026-12-31")) == ["2026-11-25", "2026-11-25 09:00"]
    with every_tenant():
        assert [item.title for item in SkippedItem.objects.all()] == ["Malformed: sentinel_dates"]


def test_start_that_its_rule_does_not_produce_is_the_first_date(sandbox: Sandbox, account: Account) -> None:
    """RFC 5545 3.8.5.3, and what Google makes of it: a Thursday and three Wednesdays are four dates."""
    thursday: dict[str, Any] = {"start": timed("2026-03-12T20:00:00"), "end": timed("2026-03-12T21:00:00")}
    weekly(sandbox, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=WE"], **thursday)

    sync(account)

    assert [start[:10] for start in starts(seen_between(account, "2026-03-01", "2026-05-01"))] == [
        "2026-03-12",
        "2026-03-18",
        "2026-03-25",
        "2026-04-01",
    ]
    range_ = "2026-03-01", "2026-05-01"
    assert shown_here(account, *range_) == shown_at_google(sandbox, account, *range_)


def test_single_dates_and_exclusions_are_a_series_and_a_wrong_rule_is_listed(
    sandbox: Sandbox, account: Account
) -> None:
    """S35: the valid ones expand as at Google, the invalid one is for its owner to see, the rest arrives."""
    at: dict[str, Any] = {"start": timed("2026-03-16T09:00:00"), "end": timed("2026-03-16T09:15:00")}
    for name, lines in {
        "Dates": ["RDATE;TZID=Europe/Amsterdam:20260318T090000,20260402T140000"],
        "Exclusion": ["EXDATE;TZID=Europe/Amsterdam:20260318T090000"],
        "Made-up zone": ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Our Zone:20260317T090000"],
        "Both": ["RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20260318T080000Z", "RDATE:20260320T130000Z"],
    }.items():
        add(sandbox, summary=name, recurrence=lines, **at)
    range_ = "2026-03-01", "2026-05-01"
    at_google = shown_at_google(sandbox, account, *range_)

    sandbox.control("malformed", mailbox=ALICE_AT_GOOGLE, kinds=["invalid_rule"])
    sync(account)

    assert len(at_google) == 10
    assert shown_here(account, *range_) == at_google
    with every_tenant():
        assert [item.title for item in SkippedItem.objects.all()] == ["Malformed: invalid_rule"]


# Long series


def test_series_of_eight_years_ago_is_there_with_the_near_weeks(
    sandbox: Sandbox, alice: User, connected_account: Connect
) -> None:
    """S32: the first short reading brings it, although it began long before."""
    old: dict[str, Any] = {"start": timed("2018-03-19T09:00:00"), "end": timed("2018-03-19T09:15:00")}
    weekly(sandbox, **old)
    account = connected_account(alice, ALICE_AT_GOOGLE)

    pull.run_lane(primary(account).pk)

    assert primary(account).first_complete_at is None
    weeks = "2026-11-02", "2026-11-30"
    assert len(shown_here(account, *weeks)) == 4
    assert shown_here(account, *weeks) == shown_at_google(sandbox, account, *weeks)


@pytest.mark.parametrize(("start", "end"), [("2019-05-01", "2019-06-01"), ("2028-05-01", "2029-02-01")])
def test_years_outside_the_projection_are_expanded_on_reading(
    sandbox: Sandbox, account: Account, start: str, end: str
) -> None:
    master = weekly(sandbox, start=timed("2018-03-19T09:00:00"), end=timed("2018-03-19T09:15:00"))
    change(sandbox, f"{master['id']}_20190506T070000Z", summary="Special")
    sync(account)

    assert len(shown_here(account, start, end)) in {4, 40}
    assert shown_here(account, start, end) == _at_google(sandbox, account, start, end)


def _at_google(sandbox: Sandbox, account: Account, start: str, end: str) -> list[Any]:
    """Google's own expansion stops two years ahead of today."""
    last = (timezone.now() + timedelta(days=730)).date().isoformat()
    here = [item for item in shown_here(account, start, end) if item[1] > last]
    return sorted({*shown_at_google(sandbox, account, start, end), *here})


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=DAILY;COUNT=9999", "FREQ=DAILY;COUNT=999999999"])
def test_endless_series_fills_a_bounded_number_of_rows(sandbox: Sandbox, account: Account, rule: str) -> None:
    """S34: bounded in rows and time, and later readings leave them alone."""
    begins: dict[str, Any] = {"start": timed("2010-01-01T08:00:00"), "end": timed("2010-01-01T08:10:00")}
    for number in range(3):
        add(sandbox, summary=f"Daily {number}", recurrence=[f"RRULE:{rule}"], **begins)
    started = time.monotonic()

    sync(account)

    assert time.monotonic() - started < 20
    with every_tenant():
        stored = set(Occurrence.objects.values_list("pk", flat=True))
        assert 3_000 < len(stored) < 3_600
    read_all_again(sandbox, account)
    with every_tenant():
        assert set(Occurrence.objects.values_list("pk", flat=True)) == stored


def test_the_projection_moves_on_with_the_months(sandbox: Sandbox, account: Account) -> None:
    weekly(sandbox)
    sync(account)
    until = primary(account).projected_until

    moved = extend_projections(timezone.now() + timedelta(days=62))

    assert moved >= 1
    assert primary(account).projected_until > until
    with every_tenant():
        last = Occurrence.objects.order_by("starts_at").last()
    assert last is not None
    assert last.starts_at is not None
    assert last.starts_at.date() > until


# The edges of what is read and shown


def test_event_moved_beyond_the_near_weeks_leaves_nothing_at_its_old_time(
    sandbox: Sandbox, alice: User, connected_account: Connect
) -> None:
    """S8: between the near weeks and the history, and later by a delta."""
    today = timezone.now().replace(microsecond=0)
    events = [
        sandbox.add_event(ALICE_AT_GOOGLE, name, (today + timedelta(days=2)).isoformat())
        for name in ("Early", "Later")
    ]
    account = connected_account(alice, ALICE_AT_GOOGLE)
    pull.run_lane(primary(account).pk)
    assert titles(account) == {"Early", "Later"}
    week = today.date().isoformat(), (today + timedelta(days=7)).date().isoformat()

    for event in events:
        sandbox.control("events/move", mailbox=ALICE_AT_GOOGLE, id=event["id"], minutes=400 * 24 * 60)
        drain()
        sync(account)

    assert shown_here(account, *week) == []
    for name in ("Early", "Later"):
        assert event_named(account, name).starts_at == today + timedelta(days=402)


@pytest.mark.parametrize("edge", [-30, 90], ids=["back", "ahead"])
def test_all_day_event_across_the_edge_of_the_near_weeks_comes_once_and_stays(
    sandbox: Sandbox, alice: User, connected_account: Connect, edge: int
) -> None:
    """S18: five rounds of near weeks, history and changes; nothing is added, removed or written again."""
    first = (timezone.now() + timedelta(days=edge - 2)).date()
    over = days(first.isoformat(), (first + timedelta(days=4)).isoformat())
    add(sandbox, summary="Over the edge", **over)
    add(sandbox, summary="Series over the edge", recurrence=["RRULE:FREQ=DAILY;COUNT=2"], **over)
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    with every_tenant():
        before = list(Event.objects.order_by("pk").values_list("pk", "remote_id", "removed_at"))
        occurrences = set(Occurrence.objects.values_list("pk", flat=True))
        last_run = SyncRun.objects.latest("pk").pk
    calendar, shown = primary(account), shown_on(account, first, "Europe/Amsterdam")
    assert sorted(shown) == ["Over the edge", "Series over the edge"]

    for _ in range(5):
        with every_tenant():
            type(calendar).objects.update(phase="near")
        sync(account)
        read_all_again(sandbox, account)
        assert shown_on(account, first, "Europe/Amsterdam") == shown

    with every_tenant():
        assert list(Event.objects.order_by("pk").values_list("pk", "remote_id", "removed_at")) == before
        assert set(Occurrence.objects.values_list("pk", flat=True)) == occurrences
        assert (
            not SyncRun.objects.filter(pk__gt=last_run).filter(Q(changed__gt=0) | Q(removed__gt=0)).exists()
        )


def test_reading_a_range_costs_the_same_for_many_series(sandbox: Sandbox, account: Account) -> None:
    weekly(sandbox)
    sync(account)
    with CaptureQueriesContext(connection) as one:
        seen_between(account, MONDAY, "2026-04-07")
    for _ in range(5):
        weekly(sandbox)
    sync(account)

    with CaptureQueriesContext(connection) as many:
        seen_between(account, MONDAY, "2026-04-07")

    assert len(many) == len(one)


@pytest.mark.slow
def test_a_demo_mailbox_looks_as_google_itself_expands_it(
    sandbox: Sandbox, alice: User, connected_account: Connect
) -> None:
    """C5: four years of stand-ups, moved and cancelled ones, all-day, several zones: week by week the same."""
    sandbox.control("reset", demo=True)
    account = connected_account(alice, SANNE)
    drain()

    for weeks in (("2026-03-16", "2026-04-13"), ("2026-10-12", "2026-11-30"), ("2027-03-01", "2027-04-12")):
        at_google = shown_at_google(sandbox, account, *weeks)
        assert len(at_google) > 50
        assert shown_here(account, *weeks) == at_google
