"""Tasks: what follows a run, and that doing anything twice or too late does nothing."""

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.core.cache import cache
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from calendarsync import tasks
from calendarsync.engine.session import Session
from calendarsync.enqueue import enqueue_lane, lane_started
from calendarsync.models import Account, Calendar, Channel, Signal
from calendarsync.services.disconnect import UNDO, disconnect, take_back
from marketplace.models import Installation, User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.conftest import Connect, Published
from tests.calendarsync.driving import drain, make_due, primary
from tests.calendarsync.rows import DAY
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = 4711
Phase = Calendar.Phase


@pytest.fixture
def account(alice: User, connected_account: Connect, sandbox: Sandbox, settings: Settings) -> Account:
    """Alice's mailbox, signed in; nothing has been read yet and the log is empty."""
    settings.WEBHOOK_URL = ""
    account = connected_account(alice, ALICE_AT_GOOGLE)
    sandbox.forget("log")
    return account


def calls(sandbox: Sandbox) -> int:
    return len(sandbox.look("log")["requests"])


def read_completely(account: Account) -> Calendar:
    for _ in range(2):
        tasks.run_lane(primary(account).pk)
    return primary(account)


def test_sign_in_puts_the_calendar_on_the_queue_at_once(
    published: list[Published], alice: User, connected_account: Connect
):
    account = connected_account(alice, ALICE_AT_GOOGLE)

    assert Published("run_lane", primary(account).pk, "live") in published


def test_history_goes_on_as_long_work(account: Account, published: list[Published]):
    """S26"""
    outcome = tasks.run_lane(primary(account).pk)

    assert outcome == "continue"
    assert published == [Published("run_lane", primary(account).pk, "backfill")]


@pytest.mark.parametrize("phase", [Phase.FULL, Phase.RESYNC, Phase.REPAIR, Phase.NO_ACCESS])
def test_worker_for_urgent_work_leaves_long_readings_to_the_other(
    account: Account, sandbox: Sandbox, published: list[Published], phase: Phase
):
    """S26: a notification about a calendar that is being read at length does not make it urgent."""
    calendar = read_completely(account)
    with every_tenant():
        Calendar.objects.filter(pk=calendar.pk).update(phase=phase, next_poll_at=timezone.now())
    published.clear()
    sandbox.forget("log")

    outcome = tasks.run_lane.apply((calendar.pk,), routing_key="live").get()

    assert outcome == "continue"
    assert calls(sandbox) == 0
    assert published == [Published("run_lane", calendar.pk, "backfill")]
    assert tasks.run_lane.apply((calendar.pk,), routing_key="backfill").get() == "complete"


def test_void_token_costs_urgent_work_one_page(
    account: Account, sandbox: Sandbox, published: list[Published]
):
    """S26: the rest of the new reading is long work."""
    for number in range(4):
        sandbox.add_event(ALICE_AT_GOOGLE, f"Event {number}", (timezone.now() + number * DAY).isoformat())
    calendar = read_completely(account)
    sandbox.control("pages", size=1)
    sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)
    make_due(account)
    published.clear()

    outcome = tasks.run_lane.apply((calendar.pk,), routing_key="live").get()

    assert (outcome, primary(account).phase, primary(account).progress_done) == ("continue", Phase.RESYNC, 1)
    assert published == [Published("run_lane", calendar.pk, "backfill")]


def test_complete_reading_asks_for_a_push_channel(account: Account, published: list[Published]):
    read_completely(account)

    assert published[-1] == Published("watch_calendar", primary(account).pk, "maintenance")


def test_run_without_news_has_no_follow_up(account: Account, published: list[Published]):
    read_completely(account)
    make_due(account)
    published.clear()

    assert tasks.run_lane(primary(account).pk) == "done"
    assert published == []


def test_signal_during_the_run_puts_it_on_the_queue_again_after_a_pause(
    account: Account, published: list[Published], monkeypatch: pytest.MonkeyPatch
):
    """S21, S55: runs of one lane start at least a second apart."""
    calendar = read_completely(account)
    make_due(account)
    published.clear()
    pull = Session.pull

    def pull_while_something_changes(self: Session, *position: Any) -> Any:
        Signal.objects.update(dirty_seq=F("dirty_seq") + 1)
        return pull(self, *position)

    monkeypatch.setattr(Session, "pull", pull_while_something_changes)
    began = timezone.now()

    assert tasks.run_lane(calendar.pk) == "again"
    [again] = published
    assert again == Published("run_lane", calendar.pk, "live", again.not_before)
    assert again.not_before is not None
    assert again.not_before >= began + timedelta(seconds=1)


@pytest.mark.parametrize("when", ["running", "just done", "not chosen", "module inactive", "vanished"])
def test_redelivered_task_makes_no_call(when: str, account: Account, sandbox: Sandbox):
    """S19, S22"""
    calendar = read_completely(account)
    make_due(account)
    with every_tenant():
        row = Calendar.objects.filter(pk=calendar.pk)
        if when == "running":
            row.update(lease_until=timezone.now() + DAY, lease_owner="somebody")
        elif when == "just done":
            row.update(next_poll_at=timezone.now() + DAY)
        elif when == "not chosen":
            row.update(selected=False)
        elif when == "module inactive":
            Installation.objects.update(state=Installation.State.INSTALLED)
        else:
            Account.objects.all().delete()
    sandbox.forget("log")

    assert tasks.run_lane(calendar.pk) == "not_claimed"
    assert calls(sandbox) == 0


def test_no_op_run_is_one_call(account: Account, sandbox: Sandbox):
    """Invariant 20."""
    read_completely(account)
    make_due(account)
    sandbox.forget("log")

    tasks.run_lane(primary(account).pk)

    assert calls(sandbox) == 1


def test_waiting_lane_is_put_on_the_queue_once_and_again_after_it_started(
    account: Account, published: list[Published]
):
    """S55"""
    published.clear()
    for _ in range(5):
        enqueue_lane(primary(account).pk)
    waiting = list(published)
    lane_started(primary(account).pk)
    enqueue_lane(primary(account).pk)

    assert len(waiting) <= 1
    assert len(published) == len(waiting) + 1


def test_due_lanes_are_handed_out_to_their_queues(account: Account, published: list[Published]):
    read_completely(account)
    make_due(account)
    published.clear()
    cache.clear()

    assert tasks.enqueue_due_lanes() == 1
    assert published == [Published("run_lane", primary(account).pk, "live")]


def test_lane_of_a_dead_worker_is_handed_out_again(account: Account, published: list[Published]):
    """S23"""
    calendar = read_completely(account)
    with every_tenant():
        Calendar.objects.update(
            lease_owner="dead", lease_until=timezone.now() - DAY, next_poll_at=timezone.now()
        )
    lane_started(calendar.pk)
    published.clear()

    tasks.enqueue_due_lanes()

    assert [task.about for task in published] == [calendar.pk]


def test_missing_calendar_makes_the_list_be_read_again(
    account: Account, sandbox: Sandbox, published: list[Published]
):
    read_completely(account)
    make_due(account)
    sandbox.control("faults", match={"path": "/events"}, status=404, reason="notFound", times=1)

    assert tasks.run_lane(primary(account).pk) == "missing"
    assert published[-1] == Published("refresh_calendar_list", account.pk, "maintenance")


@pytest.mark.parametrize(
    "task",
    [
        tasks.run_lane,
        tasks.watch_calendar,
        tasks.refresh_calendar_list,
        tasks.close_account,
        tasks.recognise_me,
    ],
    ids=lambda task: task.name.rpartition(".")[2],
)
def test_task_about_something_that_vanished_is_no_error(task, db: None):
    task(NOBODY)


@pytest.mark.parametrize(
    "name",
    ["renew_channels", "refresh_calendar_lists", "finish_disconnects", "extend_projections", "clean_history"],
)
def test_regular_work_finds_nothing_to_do_on_an_empty_table(name: str, db: None, published: list[Published]):
    assert not getattr(tasks, name)()
    assert published == []


def test_every_scheduled_task_exists():
    current_app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in current_app.conf.beat_schedule.values()}

    assert scheduled <= set(current_app.tasks)


def test_list_that_is_throttled_blocks_the_mailbox_for_a_while(account: Account, sandbox: Sandbox):
    """S66"""
    sandbox.control("faults", match={"path": "calendarList"}, status=429, times=1)

    tasks.refresh_calendar_list(account.pk)

    with every_tenant():
        account.refresh_from_db()
    assert account.blocked_until is not None
    assert account.blocked_until > timezone.now()


def test_message_of_a_disconnect_that_was_taken_back_leaves_the_next_one_its_time(
    account: Account, alice: User, published: list[Published]
):
    now = timezone.now()
    with every_tenant():
        disconnect(account=account, by=alice, now=now - UNDO)
        take_back(account=account, by=alice, now=now)
        disconnect(account=account, by=alice, now=now)

    tasks.close_account(account.pk)

    with every_tenant():
        assert take_back(account=account, by=alice, now=now)


def test_closing_twice_is_closing_once(account: Account, sandbox: Sandbox, published: list[Published]):
    with every_tenant():
        Account.objects.update(closing_since=timezone.now() - UNDO)
    tasks.close_account(account.pk)
    sandbox.forget("log")

    tasks.close_account(account.pk)

    assert calls(sandbox) == 0
    with every_tenant():
        left = [model.objects.count() for model in (Account, Calendar, Channel, Signal)]
    assert left == [0, 0, 0, 0]


def test_old_runs_are_forgotten(account: Account):
    calendar = read_completely(account)
    with tenant_scope(account.tenant):
        calendar.runs.update(started_at=timezone.now() - 31 * DAY)

    tasks.clean_history()

    with tenant_scope(account.tenant):
        assert calendar.runs.count() == 0


def test_calendars_are_looked_at_soon_after_the_schedule_stood_still(
    account: Account, monkeypatch: pytest.MonkeyPatch
):
    """What was notified while everything was switched off reached nobody."""
    monkeypatch.setattr(tasks, "is_ticking", lambda: False)
    drain()
    calendar = primary(account)

    tasks.enqueue_due_lanes()

    after = primary(account)
    assert calendar.next_poll_at is not None
    assert after.next_poll_at is not None
    assert after.next_poll_at <= timezone.now() < calendar.next_poll_at


def test_ticking_schedule_leaves_the_planned_looks_alone(account: Account, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "is_ticking", lambda: True)
    drain()
    planned = primary(account).next_poll_at

    tasks.enqueue_due_lanes()

    assert primary(account).next_poll_at == planned
