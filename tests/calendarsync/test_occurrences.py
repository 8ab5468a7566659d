"""Moved and cancelled dates of series, in whatever order they come: what we show is what Google itself expands."""

from itertools import permutations
from typing import Any

import pytest
from django.utils import timezone

from calendarsync.domain import DeltaPage, Position, RemoteEvent
from calendarsync.engine.apply import apply_page
from calendarsync.engine.session import Session
from calendarsync.models import Account, Event
from marketplace.models import User
from marketplace.tenancy import tenant_scope
from tests.calendarsync.at_google import (
    change,
    delete,
    shown_at_google,
    shown_here,
    starts,
    timed,
    weekly,
)
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, event_named, primary, projected, seen_between, sync
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, BOB_AT_GOOGLE, Sandbox

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


def test_exception_and_master_may_come_in_any_order(sandbox: Sandbox, account: Account) -> None:
    """S29, invariant 4: Google's own items, one page each, in all orders; rows and occurrences are the same."""
    master = weekly(sandbox, recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=6"])
    moved: dict[str, Any] = {"start": timed("2026-03-24T11:00:00"), "end": timed("2026-03-24T11:15:00")}
    change(sandbox, f"{master['id']}_{SECOND}", **moved)
    delete(sandbox, f"{master['id']}_{THIRD}")
    calendar = primary(account)
    with tenant_scope(calendar.tenant):
        session = Session(calendar.account, timezone.now)
        items = session.pull(calendar, Position()).items
        session.close()
    assert len(items) == 3

    found = [_after(account, order) for order in permutations(items)]

    assert starts(seen_between(account, *SPRING)) == [
        "2026-03-16 09:00",
        "2026-03-24 11:00",
        "2026-04-06 09:00",
        "2026-04-13 09:00",
    ]
    assert all(each == found[0] for each in found)


def _after(account: Account, order: tuple[RemoteEvent, ...]) -> tuple[object, object]:
    """What is stored and shown once these were applied, one by one, to an empty calendar."""
    calendar = primary(account)
    with tenant_scope(calendar.tenant):
        Event.objects.all().delete()
        for item in order:
            apply_page(calendar, DeltaPage((item,)), me=frozenset(), now=timezone.now())
        content = Event.objects.living().values_list("remote_id", "kind", "fingerprint")
        return set(content), (projected(account), shown_here(account, *SPRING))


def test_moved_occurrence_is_shown_once_at_its_new_time(sandbox: Sandbox, account: Account) -> None:
    """S30."""
    master = weekly(sandbox)
    sync(account)
    moved: dict[str, Any] = {"start": timed("2026-03-31T11:00:00"), "end": timed("2026-03-31T11:15:00")}

    change(sandbox, f"{master['id']}_{THIRD}", **moved)
    sync(account)

    assert starts(seen_between(account, "2026-03-23", "2026-04-07")) == [
        "2026-03-23 09:00",
        "2026-03-31 11:00",
        "2026-04-06 09:00",
    ]
    assert shown_here(account, *SPRING) == shown_at_google(sandbox, account, *SPRING)


def test_cancelled_occurrence_stays_away_when_the_series_is_renamed(
    sandbox: Sandbox, account: Account
) -> None:
    """S31: a master edit that leaves the rule alone brings no cancelled or moved occurrence back."""
    master = weekly(sandbox)
    delete(sandbox, f"{master['id']}_{THIRD}")
    sync(account)

    change(sandbox, master["id"], summary="Daily", location="Room 2")
    sync(account)

    items = seen_between(account, "2026-03-23", "2026-04-07")
    assert starts(items) == ["2026-03-23 09:00", "2026-04-06 09:00"]
    assert {(item.event.title, item.event.location) for item in items} == {("Daily", "Room 2")}
    assert shown_here(account, *SPRING) == shown_at_google(sandbox, account, *SPRING)


def test_occurrence_of_a_series_we_are_not_invited_to_is_shown(sandbox: Sandbox, account: Account) -> None:
    """S40: Bob invites Alice to one Monday; the master exists in his calendar only."""
    master = weekly(sandbox, BOB_AT_GOOGLE)
    guests = [{"email": ALICE_AT_GOOGLE}]

    change(sandbox, f"{master['id']}_{THIRD}", BOB_AT_GOOGLE, attendees=guests)
    sync(account)

    assert starts(seen_between(account, *SPRING)) == ["2026-03-30 09:00"]
    assert shown_here(account, *SPRING) == shown_at_google(sandbox, account, *SPRING)
    assert event_named(account, "Stand-up").master_remote_id == master["id"]


def test_invitation_to_the_whole_series_joins_the_lone_occurrence(sandbox: Sandbox, account: Account) -> None:
    """S29, S40: the master arrives long after its exception, which keeps its row and replaces its slot."""
    master = weekly(sandbox, BOB_AT_GOOGLE)
    guests = [{"email": ALICE_AT_GOOGLE}]
    change(sandbox, f"{master['id']}_{THIRD}", BOB_AT_GOOGLE, attendees=guests, summary="With Alice")
    sync(account)
    before = event_named(account, "With Alice").pk

    change(sandbox, master["id"], BOB_AT_GOOGLE, attendees=guests)
    sync(account)

    assert event_named(account, "With Alice").pk == before
    assert shown_here(account, *SPRING) == shown_at_google(sandbox, account, *SPRING)
    assert len(shown_here(account, *SPRING)) == 5


def test_occurrence_the_organiser_moved_wins_over_our_stale_copy(sandbox: Sandbox, account: Account) -> None:
    """S97: our copy has the old time; the new one replaces it, and nothing but questions ever goes to Google."""
    master = weekly(sandbox, BOB_AT_GOOGLE, attendees=[{"email": ALICE_AT_GOOGLE}])
    sync(account)
    assert "2026-03-30 09:00" in starts(seen_between(account, *SPRING))
    moved: dict[str, Any] = {"start": timed("2026-03-31T16:00:00"), "end": timed("2026-03-31T16:15:00")}
    sandbox.forget("log")

    change(sandbox, f"{master['id']}_{THIRD}", BOB_AT_GOOGLE, **moved)
    sync(account)
    sync(account)

    assert starts(seen_between(account, "2026-03-24", "2026-04-06")) == ["2026-03-31 16:00"]
    assert shown_here(account, *SPRING) == shown_at_google(sandbox, account, *SPRING)
    assert {entry["method"] for entry in sandbox.look("log")["requests"]} == {"GET"}
    assert sandbox.look("outbox")["count"] == 0
