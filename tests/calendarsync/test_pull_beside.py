"""What happens beside a run: people who stop it, other runs, requests that hang, tasks that come hours late."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from calendarsync import tasks
from calendarsync.engine import pull
from calendarsync.engine.run import Outcome
from calendarsync.engine.session import Session
from calendarsync.models import Account, Calendar, Cursor, Event, Signal, SyncRun
from calendarsync.services import control, maintenance, watch
from calendarsync.services.choose_calendars import choose_one
from calendarsync.services.disconnect import Copies, close_account, disconnect
from carerix_calendar.lib.http import GuardedAdapter
from marketplace.models import User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, make_due, primary, sync, titles
from tests.calendarsync.failing import run_team
from tests.calendarsync.rows import DAY, HOUR
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox
from tests.calendarsync.together import at_once, shared_database

pytestmark = pytest.mark.django_db(transaction=True)
Phase = Calendar.Phase
Stop = Callable[[Account], object]


def in_days(days: float) -> str:
    return (timezone.now() + timedelta(days=days)).isoformat()


def listings(sandbox: Sandbox) -> int:
    asked = sandbox.look("log", limit=1000)["requests"]
    return sum("/events" in each["path"] and "timeZone" in each["path"] for each in asked)


STOPS: dict[str, Stop] = {
    "disconnect": lambda account: disconnect(account=account, by=account.owner, now=timezone.now()),
    "disconnect and keep": lambda account: disconnect(
        account=account, by=account.owner, now=timezone.now(), copies=Copies.KEEP
    ),
    "pause": lambda account: control.pause(account=account, now=timezone.now()),
    "leave out": lambda account: choose_one(calendar=primary(account), selected=False, now=timezone.now()),
}


@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS)
@pytest.mark.parametrize(
    ("is_first", "size"),
    [(True, 0), (False, 0), (False, 1)],
    ids=["first reading", "last page", "page in the middle"],
)
def test_nothing_is_written_after_somebody_stopped_the_calendar(
    sandbox: Sandbox, alice: User, connected_account: Connect, monkeypatch: pytest.MonkeyPatch,
    stop: Stop, is_first: bool, size: int,
) -> None:  # fmt: skip
    """S27: in the middle of a run, between asking and writing."""
    account = connected_account(alice, ALICE_AT_GOOGLE)
    if not is_first:
        drain()
        make_due(account)
    for name in ("Too late", "Too late as well"):
        sandbox.add_event(ALICE_AT_GOOGLE, name, in_days(1))
    sandbox.control("pages", size=size)
    real = Session.pull

    def stopped_meanwhile(session: Session, *asked: Any) -> Any:
        page = real(session, *asked)
        stop(Account.objects.select_related("owner", "tenant").get(pk=account.pk))
        return page

    monkeypatch.setattr(Session, "pull", stopped_meanwhile)
    with every_tenant():
        token = Cursor.objects.get(calendar=primary(account), stream="full").sync_token
        runs = SyncRun.objects.count()

    outcome = pull.run_lane(primary(account).pk)

    assert outcome is Outcome.NOT_CLAIMED
    with every_tenant():
        assert not Event.objects.exists()
        assert SyncRun.objects.count() == runs
        assert Cursor.objects.get(calendar=primary(account), stream="full").sync_token == token
    assert primary(account).lease_until is None
    assert drain() == []


def test_two_tasks_of_one_calendar_at_the_same_moment_ask_once(
    sandbox: Sandbox, alice: User, connected_account: Connect, tmp_path: Path
) -> None:
    """S19"""
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    make_due(account)
    calendar_id = primary(account).pk
    sandbox.control("latency", ms=150, match={"path": "/events"})
    sandbox.forget("log")

    with shared_database(tmp_path):
        outcomes = at_once(4, lambda: pull.run_lane(calendar_id))

    assert sorted(outcomes) == [Outcome.DONE] + [Outcome.NOT_CLAIMED] * 3
    assert listings(sandbox) == 1


def test_task_that_is_delivered_hours_late_is_a_look_without_effect(
    sandbox: Sandbox, alice: User, connected_account: Connect
) -> None:
    """S22: the second delivery does not even ask."""
    account = connected_account(alice, ALICE_AT_GOOGLE)
    sandbox.add_event(ALICE_AT_GOOGLE, "Here", in_days(1))
    drain()
    before, rows = primary(account), titles(account)
    sandbox.forget("log")

    with time_machine.travel(timezone.now() + 5 * HOUR, tick=True):
        first, second = tasks.run_lane(before.pk), tasks.run_lane(before.pk)

    assert (first, second) == ("done", "not_claimed")
    assert listings(sandbox) == 1
    assert (primary(account).revision, titles(account)) == (before.revision, rows)


@pytest.mark.slow
def test_small_calendar_is_up_to_date_while_a_huge_one_is_read(
    sandbox: Sandbox, team_account: Account, tmp_path: Path
) -> None:
    """S26: the notified change is there before the second page of the long reading."""
    with every_tenant():
        team = Calendar.objects.get(name="Team")
    for number in range(30):
        sandbox.add_event(ALICE_AT_GOOGLE, f"Event {number}", in_days(number))
    sandbox.control("pages", calendar=ALICE_AT_GOOGLE, size=4)
    sandbox.control("latency", ms=100, match={"path": f"/calendars/{ALICE_AT_GOOGLE}/events"})
    with tenant_scope(team_account.tenant):
        control.restart(account=team_account, now=timezone.now())
        Calendar.objects.filter(pk=team.pk).update(phase=Phase.LIVE)
    huge = threading.Thread(target=in_thread, args=(primary(team_account).pk,))
    sandbox.control(
        "events",
        mailbox=ALICE_AT_GOOGLE,
        calendar=team.remote_id,
        summary="Notified",
        start=in_days(1),
        minutes=60,
    )

    with shared_database(tmp_path):
        huge.start()
        with every_tenant():
            Signal.objects.filter(calendar=team).update(dirty_seq=F("dirty_seq") + 1)
        outcome = run_team(team_account)
        was_reading = huge.is_alive()
        there = "Notified" in titles(team_account)
        huge.join(30)
        all_there = len(titles(team_account))

    assert outcome is Outcome.DONE
    assert there
    assert was_reading
    assert all_there == 32


def in_thread(calendar_id: int) -> None:
    """A run in a thread of its own, with a connection of its own."""
    try:
        pull.run_lane(calendar_id)
    finally:
        connection.close()


@pytest.fixture
def transactions_while_asking(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses of requests that were sent while a transaction was open; every request passes here."""
    found: list[str] = []
    sent = []
    real = GuardedAdapter.send

    def noted(self: GuardedAdapter, request: Any, **more: Any) -> Any:
        sent.append(request.url)
        if connection.in_atomic_block:
            found.append(request.url)
        return real(self, request, **more)

    monkeypatch.setattr(GuardedAdapter, "send", noted)
    return found


def test_no_request_is_made_inside_a_transaction(
    sandbox: Sandbox, alice: User, connected_account: Connect, transactions_while_asking: list[str],
    settings: Settings,
) -> None:  # fmt: skip
    """S24: whatever hangs holds no lock: sign-in, reading, counting, probing, refresh, watching, disconnect."""
    settings.WEBHOOK_URL = "http://127.0.0.1:9"
    ids = [sandbox.add_event(ALICE_AT_GOOGLE, f"Event {n}", in_days(n))["id"] for n in range(40)]
    sandbox.control("pages", size=30)
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    sandbox.forget("log")
    watch.open_channel(primary(account).pk)
    sandbox.control("tokens/expire", mailbox=ALICE_AT_GOOGLE)
    for remote_id in ids[:30]:
        sandbox.control("events/delete", mailbox=ALICE_AT_GOOGLE, id=remote_id)
    sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)
    sync(account)
    maintenance.refresh_list(account.pk)
    with tenant_scope(account.tenant):
        disconnect(account=account, by=alice, now=timezone.now() - DAY)
    close_account(account.pk)

    asked = {
        each["path"].split("?")[0].rpartition("/")[2] for each in sandbox.look("log", limit=1000)["requests"]
    }
    assert {"token", "events", "calendarList", "watch", "stop", "revoke"} <= asked
    assert any(remote_id in asked for remote_id in ids)
    assert transactions_while_asking == []


def test_provider_that_hangs_costs_the_lane_a_delay_and_blocks_no_writer(
    sandbox: Sandbox, team_account: Account, settings: Settings, tmp_path: Path
) -> None:
    """S24: the request ends by its deadline; meanwhile everybody else writes."""
    settings.HTTP_READ_TIMEOUT = 0.6
    sandbox.control("latency", ms=3000, match={"path": f"/calendars/{ALICE_AT_GOOGLE}/events"})
    make_due(team_account)
    hanging = threading.Thread(target=in_thread, args=(primary(team_account).pk,))

    with shared_database(tmp_path):
        hanging.start()
        outcome = run_team(team_account)
        was_hanging = hanging.is_alive()
        hanging.join(20)
        delayed = primary(team_account)

    assert outcome is Outcome.DONE
    assert was_hanging
    assert (delayed.error_code, delayed.failures, delayed.lease_until) == ("unavailable", 1, None)
