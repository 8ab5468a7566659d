"""Pages of changes into rows: what they name changes, what they do not name stays, and the cost is fixed."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calendarsync.domain import DeltaPage, Kind, RemoteCalendar, RemoteEvent, Timed
from calendarsync.engine import pull
from calendarsync.engine import run as attempt
from calendarsync.engine.apply import apply_page
from calendarsync.models import Account, Calendar, Cursor, Event, SyncRun
from calendarsync.services.calendar_list import store_list
from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.at_google import add, timed
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, event_named, make_due, primary, seen_between, sync, titles
from tests.calendarsync.rows import make_account, make_calendar
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db
NINE = timed("2026-11-25T09:00:00")
TEN = timed("2026-11-25T10:00:00")
DAY = "2026-11-25", "2026-11-26"


@pytest.fixture
def account(alice: User, connected_account: Connect) -> Account:
    """Alice's empty mailbox, read once."""
    found = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    return found


@pytest.fixture
def calendar(calendar_active: Tenant, alice: User) -> Calendar:
    """A calendar without a provider."""
    return make_calendar(make_account(alice))


def stored(account: Account) -> set[tuple[Any, ...]]:
    """Every row with everything that could change."""
    with every_tenant():
        rows = Event.objects.filter(calendar__account=account)
        return set(rows.values_list("pk", "remote_id", "fingerprint", "etag", "removed_at"))


# Deltas


def test_delta_that_dies_between_two_pages_continues_behind_the_last_one(
    sandbox: Sandbox, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S1: three pages of changes, the process dies after the second; until the end the sync token stays the old one."""
    for number in range(25):
        add(sandbox, summary=f"New {number}", start=NINE, end=TEN)
    sandbox.control("pages", size=10)
    token, pages, real = _cursor(account).sync_token, 0, apply_page

    def die_on_the_third_page(*args: Any, **kwargs: Any) -> Any:
        nonlocal pages
        pages += 1
        if pages == 3:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(attempt, "apply_page", die_on_the_third_page)
    make_due(account)
    with pytest.raises(KeyboardInterrupt):
        pull.run_lane(primary(account).pk)
    monkeypatch.undo()
    half = _cursor(account)
    assert (len(titles(account)), half.sync_token == token, bool(half.page_token)) == (20, True, True)
    with every_tenant():
        Calendar.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    drain()

    assert len(titles(account)) == 25
    assert (_cursor(account).sync_token != token, _cursor(account).page_token) == (True, "")
    with every_tenant():
        assert Event.objects.count() == 25


def _cursor(account: Account) -> Cursor:
    with every_tenant():
        return Cursor.objects.get(calendar=primary(account).pk, stream="full")


def test_what_a_delta_does_not_name_stays_as_it_is(sandbox: Sandbox, account: Account) -> None:
    """S7: thirty events, one is changed, one deleted; the other rows are not even written."""
    events = [add(sandbox, summary=f"Event {number}", start=NINE, end=TEN) for number in range(30)]
    sync(account)
    before = stored(account)

    sandbox.control("events/delete", mailbox=ALICE_AT_GOOGLE, id=events[0]["id"])
    sandbox.control(
        "events/patch", mailbox=ALICE_AT_GOOGLE, id=events[1]["id"], changes={"summary": "Changed"}
    )
    sync(account)

    assert len(stored(account) - before) == 2
    assert len(titles(account)) == 29
    with every_tenant():
        last = SyncRun.objects.latest("pk")
    assert (last.changed, last.removed) == (1, 1)


def test_removal_of_what_we_never_saw_changes_nothing(sandbox: Sandbox, account: Account) -> None:
    """S10: an event came and went between two readings."""
    add(sandbox, summary="Here", start=NINE, end=TEN)
    sync(account)
    before, revision = stored(account), primary(account).revision
    short = add(sandbox, summary="Short", start=NINE, end=TEN)
    sandbox.control("events/delete", mailbox=ALICE_AT_GOOGLE, id=short["id"])
    sandbox.forget("log")

    sync(account)

    assert stored(account) == before
    assert primary(account).revision == revision
    assert primary(account).failures == 0


def test_of_one_event_twice_in_a_delta_the_newer_is_stored(sandbox: Sandbox, account: Account) -> None:
    """S11: the older one comes last, in one answer and over a socket."""
    event = add(sandbox, summary="First", start=NINE, end=TEN)
    sync(account)
    older = event | {"summary": "Older", "updated": "2026-11-20T08:00:00.000Z"}
    newer = event | {"summary": "Newer", "updated": "2026-11-21T08:00:00.000Z"}
    answer = {"items": [newer, older], "nextSyncToken": _cursor(account).sync_token}
    sandbox.control("faults", match={"path": "/events"}, body=json.dumps(answer), times=1)

    sync(account)

    assert titles(account) == {"Newer"}
    with every_tenant():
        assert Event.objects.count() == 1


def test_item_that_stands_twice_on_every_page_is_one_row(sandbox: Sandbox, account: Account) -> None:
    """S11: repeated in one page and again at the start of another."""
    for number in range(6):
        add(sandbox, summary=f"Event {number}", start=NINE, end=TEN)
    sandbox.control("pages", size=2, duplicates=True)

    sync(account)

    assert len(seen_between(account, *DAY)) == 6
    with every_tenant():
        assert Event.objects.count() == 6


# Ids


def remote(remote_id: str, title: str = "", **more: Any) -> RemoteEvent:
    start = datetime(2026, 11, 25, 9, tzinfo=UTC)
    when = Timed(start, start + timedelta(hours=1), "Europe/Amsterdam")
    usual: dict[str, Any] = {"kind": Kind.SINGLE, "when": when, "title": title or remote_id}
    return RemoteEvent(remote_id, **usual | more)


def test_ids_that_differ_by_a_letters_case_or_a_sign_are_different_events(calendar: Calendar) -> None:
    """S87: each is stored, changed and removed by itself, and their meetings are different ones."""
    ids = ("AbC-d_1", "abc-d_1", "ABC-D_1", "abc_d-1", "abc-d-1", "abc-d%1")

    with tenant_scope(calendar.tenant):
        for delta in (
            DeltaPage(tuple(remote(each, ical_uid=f"{each}@mail.example") for each in ids)),
            DeltaPage((remote("abc-d_1", "Changed"),), removed=("ABC-D_1", "aBc-D_1")),
        ):
            apply_page(calendar, delta, me=frozenset(), now=timezone.now())
        living = dict(Event.objects.living().values_list("remote_id", "title"))
        meetings = set(Event.objects.values_list("identity_key", flat=True))

    gone = {"ABC-D_1"}
    assert living == {each: each for each in ids if each not in gone} | {"abc-d_1": "Changed"}
    assert len(meetings) == len(ids)


def test_exceptions_belong_to_the_series_with_exactly_their_id(calendar: Calendar) -> None:
    """S87: two series whose ids differ by case; a cancelled date of one is none of the other."""
    rule: dict[str, Any] = {"kind": Kind.MASTER, "recurrence": ("RRULE:FREQ=WEEKLY;COUNT=2",)}
    cancelled: dict[str, Any] = {
        "kind": Kind.CANCELLED,
        "when": None,
        "master_remote_id": "Series",
        "original_start": "20261125T090000Z",
    }

    with tenant_scope(calendar.tenant):
        make_wide = Calendar.objects.filter(pk=calendar.pk)
        make_wide.update(projected_from="2026-01-01", projected_until="2027-12-31")
        calendar.refresh_from_db()
        items = (remote("Series", **rule), remote("series", **rule), remote("x", **cancelled))
        apply_page(calendar, DeltaPage(items), me=frozenset(), now=timezone.now())
        occurrences = Event.objects.exclude(occurrences=None).values_list(
            "remote_id", "occurrences__original_start"
        )
        found = set(occurrences)

    assert found == {
        ("Series", "20261202T090000Z"),
        ("series", "20261125T090000Z"),
        ("series", "20261202T090000Z"),
    }


def test_calendars_whose_ids_differ_by_case_are_two(calendar: Calendar) -> None:
    """S87"""
    with tenant_scope(calendar.tenant):
        listed = tuple(RemoteCalendar(each, each) for each in ("Team", "team", "work"))
        for _ in range(2):
            store_list(account=calendar.account, calendars=listed, now=timezone.now())

        assert sorted(Calendar.objects.values_list("remote_id", flat=True)) == ["Team", "team", "work"]


# Costs


def statements(account: Account) -> int:
    """How many statements the next run needs."""
    make_due(account)
    with CaptureQueriesContext(connection) as captured:
        drain()
    return len(captured)


def test_five_hundred_guests_cost_as_much_as_five(sandbox: Sandbox, account: Account) -> None:
    """S89: a new meeting, and a changed one; every guest is there."""
    costs = {}
    for guests in (5, 500):
        people = [{"email": f"guest{number}@maple.example"} for number in range(guests)]
        event = add(sandbox, summary=f"{guests} guests", start=NINE, end=TEN, attendees=people)
        new = statements(account)
        people[0]["responseStatus"] = "accepted"
        sandbox.control(
            "events/patch", mailbox=ALICE_AT_GOOGLE, id=event["id"], changes={"attendees": people}
        )
        costs[guests] = new, statements(account)

    assert costs[5] == costs[500]
    everybody = event_named(account, "500 guests").attendees
    assert len(everybody) == 500
    assert [person["response"] for person in everybody if "response" in person] == ["accepted"]
