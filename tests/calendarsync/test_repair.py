"""The weekly complete reading: finds what went missing, disturbs nobody, and gives way to everything else."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from calendarsync import tasks
from calendarsync.engine import pull, repair, streams
from calendarsync.engine.lane import claim
from calendarsync.engine.run import Outcome
from calendarsync.models import Account, Calendar, Cursor, Event, SkippedItem, SyncRun
from calendarsync.selectors.facts import accounts_of
from calendarsync.selectors.lanes import queue_of
from calendarsync.selectors.states import State
from calendarsync.selectors.status import status_of
from marketplace.models import User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.conftest import Connect, Published
from tests.calendarsync.driving import drain, event_named, make_due, primary, sync, titles
from tests.calendarsync.rows import DAY, make_account, make_calendar
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
Phase = Calendar.Phase


@pytest.fixture
def account(alice: User, connected_account: Connect, sandbox: Sandbox, settings: Settings) -> Account:
    """Alice's mailbox with two events, completely read a month ago and up to date."""
    settings.WEBHOOK_URL = ""
    account = connected_account(alice, ALICE_AT_GOOGLE)
    for number, name in enumerate(("One", "Two")):
        sandbox.add_event(ALICE_AT_GOOGLE, name, (timezone.now() + (number + 1) * DAY).isoformat())
    drain()
    set_lane(account, reading_since=timezone.now() - 30 * DAY)
    sandbox.forget("log")
    return account


def set_lane(account: Account, **values: Any) -> None:
    with every_tenant():
        Calendar.objects.filter(account=account).update(**values)


def repairs() -> list[SyncRun]:
    with every_tenant():
        return list(SyncRun.objects.filter(phase=Phase.REPAIR))


def test_calendar_is_read_completely_when_its_week_is_over(sandbox: Sandbox, account: Account) -> None:
    make_due(account)

    outcomes = drain()

    assert outcomes == [Outcome.CONTINUE, Outcome.COMPLETE]
    assert [run.outcome for run in repairs()] == ["done"]
    assert primary(account).phase == Phase.LIVE
    assert sync(account) == [Outcome.DONE]


def test_repair_finds_what_went_missing_and_what_stayed_by_mistake(
    sandbox: Sandbox, account: Account
) -> None:
    kept = event_named(account, "One").pk
    with every_tenant():
        calendar = primary(account)
        Event.objects.filter(title="Two").delete()
        Event.objects.create(
            tenant=calendar.tenant, calendar=calendar, remote_id="ghost", title="Ghost", kind="single",
            identity_key="ghost", fingerprint="f", seen_generation=calendar.generation,
            starts_at=timezone.now(), ends_at=timezone.now(),
        )  # fmt: skip

    sync(account)

    assert titles(account) == {"One", "Two"}
    assert event_named(account, "One").pk == kept


def test_repair_of_a_calendar_without_drift_is_seen_by_nobody(account: Account, alice: User) -> None:
    """Same rows, same revision, no progress bar, no other state; only the history tells."""
    before = primary(account)
    with every_tenant():
        rows = list(Event.objects.order_by("pk").values())
    make_due(account)
    pull.run_lane(before.pk)
    assert primary(account).phase == Phase.REPAIR
    with tenant_scope(account.tenant):
        during = status_of(accounts_of(alice)[0], timezone.now())

    drain()

    assert (during.state, during.progress) == (State.ACTIVE, None)
    assert primary(account).revision == before.revision
    with every_tenant():
        ignoring = {"seen_generation": 0}
        assert [row | ignoring for row in Event.objects.order_by("pk").values()] == [
            row | ignoring for row in rows
        ]


def test_repair_is_long_work(account: Account, published: list[Published]) -> None:
    make_due(account)
    published.clear()

    assert tasks.run_lane(primary(account).pk) == "continue"

    assert published == [Published("run_lane", primary(account).pk, "backfill")]
    assert queue_of(primary(account).phase) == "backfill"


def test_changes_come_before_the_repair(sandbox: Sandbox, account: Account) -> None:
    sandbox.add_event(ALICE_AT_GOOGLE, "New", (timezone.now() + DAY).isoformat())
    make_due(account)

    pull.run_lane(primary(account).pk)

    assert titles(account) == {"One", "Two", "New"}
    assert primary(account).phase == Phase.REPAIR


def test_repair_that_fails_is_given_up_and_changes_go_on(sandbox: Sandbox, account: Account) -> None:
    """The complete listing is broken at the provider, its deltas are not."""
    make_due(account)
    pull.run_lane(primary(account).pk)
    sandbox.control("pages", size=1)
    sandbox.control("faults", match={"query": "pageToken="}, status=500)
    assert pull.run_lane(primary(account).pk) is Outcome.FAILED
    sandbox.add_event(ALICE_AT_GOOGLE, "New", (timezone.now() + DAY).isoformat())

    outcomes = sync(account)

    assert outcomes == [Outcome.DONE]
    assert titles(account) == {"One", "Two", "New"}
    assert (primary(account).phase, primary(account).error_code) == (Phase.LIVE, "")
    with every_tenant():
        assert Cursor.objects.get(calendar=primary(account), stream="full").page_token == ""


def test_calendar_that_was_read_lately_is_not_repaired(account: Account) -> None:
    set_lane(account, reading_since=timezone.now() - DAY)

    assert sync(account) == [Outcome.DONE]


def test_calendar_that_fails_is_not_repaired(sandbox: Sandbox, account: Account) -> None:
    sandbox.control("faults", match={"path": "/events"}, status=500)

    assert sync(account) == [Outcome.FAILED]

    assert primary(account).phase == Phase.LIVE
    assert repairs() == []


def test_repairs_can_be_switched_off(account: Account, settings: Settings) -> None:
    settings.SYNC_RESYNC_DAYS = 0

    assert sync(account) == [Outcome.DONE]


def test_repairs_wait_while_many_are_read_at_length(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Monday on which a hundred people connect: their history comes first. Who is signed out counts for nothing."""
    monkeypatch.setattr(repair, "_MOST_AT_ONCE", 1)
    make_due(account)
    calendar = primary(account)
    importing = make_calendar(account, "Importing", phase=Phase.FULL, next_poll_at=timezone.now())

    assert pull.run_lane(calendar.pk) is Outcome.DONE

    parked = make_account(account.owner, "parked@mail.example", auth_state="reconnect")
    with every_tenant():
        Calendar.objects.filter(pk=importing.pk).update(account=parked)
        Calendar.objects.filter(pk=calendar.pk).update(next_poll_at=timezone.now())
    assert pull.run_lane(calendar.pk) is Outcome.CONTINUE


def test_calendar_that_somebody_claims_meanwhile_is_not_repaired(account: Account) -> None:
    make_due(account)
    calendar = primary(account)
    lane = streams.load(calendar.pk, claim(calendar.pk, timezone.now()), timezone.now())
    assert lane is not None
    set_lane(account, fence=99)

    with tenant_scope(account.tenant):
        assert not repair.begin_repair(lane, timezone.now())

    assert primary(account).phase == Phase.LIVE


def test_repair_strikes_skipped_items_that_are_gone(sandbox: Sandbox, account: Account) -> None:
    with every_tenant():
        SkippedItem.objects.create(
            tenant=account.tenant, calendar=primary(account), remote_id="old", title="Old", reason="It has no id.",
            first_seen_at=timezone.now() - timedelta(days=9), last_seen_at=timezone.now() - timedelta(days=9),
        )  # fmt: skip

    sync(account)

    with every_tenant():
        assert not SkippedItem.objects.exists()
