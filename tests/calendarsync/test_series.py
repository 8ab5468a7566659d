"""Series that are split, moved, deleted, restored or made of single events: we show what Google itself expands."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from calendarsync.domain import DeltaPage, Kind, RemoteEvent, Timed
from calendarsync.engine.apply import apply_page
from calendarsync.models import Account, Event, Occurrence
from marketplace.models import User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.at_google import (
    AMSTERDAM,
    call,
    change,
    delete,
    shown_at_google,
    shown_here,
    starts,
    timed,
    weekly,
)
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import (
    drain,
    event_named,
    living,
    primary,
    projected,
    seen_between,
    sync,
    titles,
)
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db
# Four Mondays from the week before the clocks change, and room on both sides.
SPRING = "2026-03-01", "2026-04-20"
SECOND = "20260323T080000Z"
THIRD = "20260330T070000Z"
FOURTH = "20260406T070000Z"


@pytest.fixture
def account(alice: User, connected_account: Connect) -> Account:
    """Alice's empty mailbox, read once."""
    found = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    return found


def test_this_and_following_ends_the_old_series_and_leaves_its_past_alone(
    sandbox: Sandbox, account: Account
) -> None:
    """S33: one series is cut short, another one begins; every row of the past keeps its id."""
    master = weekly(sandbox)
    change(sandbox, f"{master['id']}_{SECOND}", location="Room 9")
    sync(account)
    before = living(account)
    sandbox.forget("log")

    later = {"start": timed("2026-03-30T10:00:00"), "end": timed("2026-03-30T10:15:00")}
    new = sandbox.control(
        "events/split", mailbox=ALICE_AT_GOOGLE, id=f"{master['id']}_{THIRD}", changes=later
    )
    sync(account)

    assert starts(seen_between(account, *SPRING)) == [
        "2026-03-16 09:00",
        "2026-03-23 09:00",
        "2026-03-30 10:00",
        "2026-04-06 10:00",
        "2026-04-13 10:00",
    ]
    assert shown_here(account, *SPRING) == shown_at_google(sandbox, account, *SPRING)
    assert living(account) == before | {new["id"]: living(account)[new["id"]]}
    assert {entry["method"] for entry in sandbox.look("log")["requests"]} == {"GET"}


def test_exception_may_go_over_to_the_new_series(account: Account) -> None:
    """S33: ids of occurrences survive a split at Google, only their series differs; the slot is taken there."""
    old, new = _series("abc", 16), _series("abc_R20260330T070000", 30)
    moved = replace(_series("abc_" + FOURTH, 7), kind=Kind.EXCEPTION, recurrence=(), original_start=FOURTH)
    calendar = primary(account)

    with tenant_scope(calendar.tenant):
        before = DeltaPage((old, replace(moved, master_remote_id="abc")))
        apply_page(calendar, before, me=frozenset(), now=timezone.now())
        kept = living(account)[moved.remote_id]
        until = replace(old, recurrence=("RRULE:FREQ=WEEKLY;UNTIL=20260330T065959Z",))
        after = DeltaPage((until, new, replace(moved, master_remote_id=new.remote_id)))
        apply_page(calendar, after, me=frozenset(), now=timezone.now())

    assert projected(account) == {
        ("abc", "20260316T080000Z"),
        ("abc", SECOND),
        (new.remote_id, THIRD),
        (new.remote_id, "20260413T070000Z"),
    }
    assert living(account)[moved.remote_id] == kept


def _series(remote_id: str, day: int) -> RemoteEvent:
    """A series of four Mondays from a day of March 2026."""
    start = datetime(2026, 3, day, 9, tzinfo=AMSTERDAM).astimezone(UTC)
    when = Timed(start, start + timedelta(minutes=15), AMSTERDAM.key)
    lines = ("RRULE:FREQ=WEEKLY;COUNT=4",) if day == 16 else ("RRULE:FREQ=WEEKLY;COUNT=3",)
    return RemoteEvent(remote_id, Kind.MASTER, when, recurrence=lines)


def test_series_that_is_moved_loses_its_exceptions(sandbox: Sandbox, account: Account) -> None:
    """S37: an hour later for all; what was moved or cancelled before is an ordinary Monday again."""
    master = weekly(sandbox)
    change(sandbox, f"{master['id']}_{SECOND}", summary="Special")
    delete(sandbox, f"{master['id']}_{THIRD}")
    sync(account)
    assert "Special" in titles(account)

    change(sandbox, master["id"], start=timed("2026-03-16T10:00:00"), end=timed("2026-03-16T10:15:00"))
    sync(account)

    assert starts(seen_between(account, *SPRING)) == [
        f"2026-{day} 10:00" for day in ("03-16", "03-23", "03-30", "04-06", "04-13")
    ]
    assert shown_here(account, *SPRING) == shown_at_google(sandbox, account, *SPRING)
    assert "Special" not in titles(account)
    assert {start[-7:] for _, start in projected(account)} == {"080000Z", "090000Z"}


@pytest.mark.parametrize("again", [False, True], ids=["deltas", "complete reading between"])
def test_series_that_is_moved_and_moved_back_has_no_holes(
    sandbox: Sandbox, account: Account, again: bool
) -> None:
    """S37: Google shows ordinary Mondays where dates were moved or cancelled before; so do we."""
    master = weekly(sandbox)
    change(sandbox, f"{master['id']}_{SECOND}", summary="Special")
    delete(sandbox, f"{master['id']}_{THIRD}")
    sync(account)

    for hour in ("10", "09"):
        times = {
            name: timed(f"2026-03-16T{hour}:{minute}:00") for name, minute in (("start", "00"), ("end", "15"))
        }
        sandbox.control("events/patch", mailbox=ALICE_AT_GOOGLE, id=master["id"], changes=times)
        sync(account)
        if again:
            sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)
            sync(account)

    assert len(shown_here(account, *SPRING)) == 5
    assert shown_here(account, *SPRING) == shown_at_google(sandbox, account, *SPRING)


def test_cancelled_date_that_comes_before_its_moved_series_is_a_hole(account: Account) -> None:
    """S29, S37: the series had no such date when it came, and is told only later that it has."""
    old = _series("abc", 16)
    cancelled = RemoteEvent(
        "abc_x", Kind.CANCELLED, None, master_remote_id="abc", original_start="20260323T090000Z"
    )
    assert isinstance(old.when, Timed)
    hour = timedelta(hours=1)
    later = replace(old, when=replace(old.when, start=old.when.start + hour, end=old.when.end + hour))
    calendar = primary(account)

    with tenant_scope(calendar.tenant):
        for item in (old, cancelled, later):
            apply_page(calendar, DeltaPage((item,)), me=frozenset(), now=timezone.now())

    assert [start for _, start in sorted(projected(account))] == [
        "20260316T090000Z",
        "20260330T080000Z",
        "20260406T080000Z",
    ]


@pytest.mark.parametrize("told", ["by a delta", "by the series alone", "by a complete reading"])
def test_deleted_series_leaves_nothing_behind(sandbox: Sandbox, account: Account, told: str) -> None:
    """S36: exceptions and occurrences go with their master, however we learn of it."""
    master = weekly(sandbox)
    sandbox.control("events/move", mailbox=ALICE_AT_GOOGLE, id=f"{master['id']}_{THIRD}", minutes=60)
    delete(sandbox, f"{master['id']}_{SECOND}")
    sync(account)

    delete(sandbox, master["id"])
    if told == "by a complete reading":
        sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)
    elif told == "by the series alone":
        answer = {"items": [{"id": master["id"], "status": "cancelled"}], "nextSyncToken": "next"}
        sandbox.control("faults", match={"path": "/events$"}, body=json.dumps(answer), times=1)
    sync(account)

    assert seen_between(account, "2026-03-01", "2026-06-01") == []
    assert living(account) == {}
    assert projected(account) == set()


def test_series_that_is_restored_has_the_dates_that_google_restored(
    sandbox: Sandbox, account: Account
) -> None:
    """Invariant 5: no delta tells what became of its exceptions, so the calendar is read completely once more."""
    master = weekly(sandbox)
    change(sandbox, f"{master['id']}_{SECOND}", summary="Special")
    delete(sandbox, f"{master['id']}_{THIRD}")
    sync(account)
    before = living(account)[master["id"]]
    delete(sandbox, master["id"])
    sync(account)

    change(sandbox, master["id"], status="confirmed")
    sync(account)

    assert shown_here(account, *SPRING) == shown_at_google(sandbox, account, *SPRING)
    assert living(account)[master["id"]] == before


def test_single_event_becomes_a_series_and_single_again(sandbox: Sandbox, account: Account) -> None:
    """S41: one row all the while; its kind flips and its occurrences come and go."""
    event = weekly(sandbox, recurrence=None)
    sync(account)
    before = living(account)

    change(sandbox, event["id"], recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    sync(account)
    as_series = starts(seen_between(account, *SPRING)), event_named(account, "Stand-up").kind
    change(sandbox, event["id"], recurrence=None)
    sync(account)

    assert as_series == (["2026-03-16 09:00", "2026-03-23 09:00", "2026-03-30 09:00"], "master")
    assert starts(seen_between(account, *SPRING)) == ["2026-03-16 09:00"]
    assert event_named(account, "Stand-up").kind == "single"
    assert living(account) == before
    assert projected(account) == set()


def test_timed_series_becomes_one_of_whole_days_and_timed_again(sandbox: Sandbox, account: Account) -> None:
    """S37, S41: the names of its dates change their form; what was moved is an ordinary date again."""
    master = weekly(sandbox, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    change(sandbox, f"{master['id']}_{SECOND}", summary="Special")
    sync(account)
    before = living(account)[master["id"]]

    whole = {"dateTime": None, "timeZone": None}
    first, end = {"date": "2026-03-16"} | whole, {"date": "2026-03-17"} | whole
    change(sandbox, master["id"], start=first, end=end)
    sync(account)
    as_days = shown_here(account, *SPRING)
    assert as_days == shown_at_google(sandbox, account, *SPRING)
    assert [start for _, start, _ in as_days] == ["2026-03-16", "2026-03-23", "2026-03-30", "2026-04-06"]

    begins, ends = timed("2026-03-16T09:00:00"), timed("2026-03-16T09:15:00")
    change(sandbox, master["id"], start={"date": None} | begins, end={"date": None} | ends)
    sync(account)
    assert shown_here(account, *SPRING) == shown_at_google(sandbox, account, *SPRING)
    assert len(shown_here(account, *SPRING)) == 4
    assert living(account)[master["id"]] == before


def test_importing_a_series_as_single_events_and_reverting_it_again_and_again_changes_no_count(
    sandbox: Sandbox, account: Account
) -> None:
    """S42: five rounds."""
    master = weekly(sandbox, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    sync(account)
    as_series = shown_here(account, *SPRING)
    stored = set()

    for _ in range(5):
        delete(sandbox, master["id"])
        singles = [_import(sandbox, account, day) for day in ("16", "23", "30")]
        sync(account)
        assert shown_here(account, *SPRING) == as_series
        for single in singles:
            delete(sandbox, single)
        change(sandbox, master["id"], status="confirmed")
        sync(account)
        assert shown_here(account, *SPRING) == as_series
        with every_tenant():
            stored.add((Event.objects.count(), Occurrence.objects.count()))

    assert stored == {(4, 3)}


def _import(sandbox: Sandbox, account: Account, day: str) -> str:
    """One occurrence as an event of its own, as other programs materialise series; answers its id."""
    body = {
        "iCalUID": f"stand-up-{day}@elsewhere.example",
        "summary": "Stand-up",
        "start": timed(f"2026-03-{day}T09:00:00"),
        "end": timed(f"2026-03-{day}T09:15:00"),
    }
    stored: dict[str, str] = call(sandbox, account, "POST", "calendars/primary/events/import", body)
    return stored["id"]
