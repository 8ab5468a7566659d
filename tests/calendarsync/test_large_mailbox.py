"""Mailboxes of any size: the near weeks first, a bounded number of events in memory, a fixed cost for each page."""

import gc
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calendarsync.domain import RemoteEvent
from calendarsync.engine import pull
from calendarsync.engine import run as attempt
from calendarsync.engine.apply import apply_page
from calendarsync.engine.run import Outcome
from calendarsync.models import Account, Calendar, Event, SyncRun
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, event_named, primary, seen_between, sync
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
EVENTS, PAGE = 1_200, 100
# Each of them once for a whole page, among them those for series and for what was there before.
MOST_STATEMENTS = 13


def _stored(account: Account) -> int:
    with every_tenant():
        return Event.objects.living().filter(calendar__account=account).count()


def _in_memory() -> int:
    # not isinstance: it would wake up lazy objects of the framework
    return sum(type(each) is RemoteEvent for each in gc.get_objects())


@pytest.mark.slow
def test_large_mailbox_is_seen_early_read_in_pages_and_continued(
    sandbox: Sandbox, alice: User, connected_account: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S88: this week is there long before the rest, memory holds two pages at most, a dead worker costs one page."""
    sandbox.add_mailbox(ALICE_AT_GOOGLE, events=EVENTS)
    sandbox.control("pages", size=PAGE)
    account = connected_account(alice, ALICE_AT_GOOGLE)
    held: list[int] = []

    def die_on_the_sixth_page(*args: Any, **kwargs: Any) -> Any:
        held.append(_in_memory())
        if len(held) == 6:
            raise KeyboardInterrupt
        return apply_page(*args, **kwargs)

    near = pull.run_lane(primary(account).pk)
    soon = timezone.now().date()
    week = seen_between(account, str(soon), str(soon + timedelta(days=7)))
    stored_when_seen = _stored(account)
    monkeypatch.setattr(attempt, "apply_page", die_on_the_sixth_page)
    with pytest.raises(KeyboardInterrupt):
        pull.run_lane(primary(account).pk)
    with every_tenant():
        Calendar.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    sandbox.forget("log")
    drain()

    assert near == Outcome.CONTINUE
    assert week
    assert stored_when_seen < EVENTS / 4
    assert max(held) <= 2 * PAGE
    assert _stored(account) == EVENTS
    pages = [line for line in sandbox.look("log")["requests"] if "attendees" in line["path"]]
    assert len(pages) == EVENTS / PAGE - 5


def _dearest_transaction(account: Account) -> int:
    """Statements within the one of the most; every page is one transaction."""
    with CaptureQueriesContext(connection) as captured:
        drain()
    most = now = 0
    for query in captured.captured_queries:
        if query["sql"].startswith("BEGIN"):
            now = 0
        elif query["sql"].startswith("COMMIT"):
            most = max(most, now)
        else:
            now += 1
    return most


@pytest.mark.slow
@pytest.mark.parametrize("size", [50, 500])
def test_page_costs_few_statements_however_much_it_holds(
    sandbox: Sandbox, alice: User, connected_account: Connect, size: int
) -> None:
    sandbox.add_mailbox(ALICE_AT_GOOGLE, events=1_000)
    sandbox.control("pages", size=size)
    account = connected_account(alice, ALICE_AT_GOOGLE)

    statements = _dearest_transaction(account)

    assert statements <= MOST_STATEMENTS


def test_new_etag_alone_is_stored_and_shown_to_nobody(
    sandbox: Sandbox, alice: User, connected_account: Connect
) -> None:
    account = connected_account(alice, ALICE_AT_GOOGLE)
    added = sandbox.add_event(ALICE_AT_GOOGLE, "Interview", "2026-11-25T09:00:00Z")
    drain()
    before, revision = event_named(account, "Interview"), primary(account).revision

    reminders = {"reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]}}
    sandbox.control("events/patch", mailbox=ALICE_AT_GOOGLE, id=added["id"], changes=reminders)
    with every_tenant():
        SyncRun.objects.all().delete()
    sync(account)

    after = event_named(account, "Interview")
    assert after.etag != before.etag
    assert (after.pk, after.fingerprint) == (before.pk, before.fingerprint)
    assert primary(account).revision == revision
    with every_tenant():
        assert not SyncRun.objects.exists()
