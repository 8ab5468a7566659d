"""Lanes: who may read a calendar, who may still write, and whose turn it is."""

import os
import socket
from collections import Counter, deque
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from calendarsync.engine import lane, streams
from calendarsync.engine.lane import LeaseLost
from calendarsync.models import Account, Calendar, Signal
from calendarsync.selectors.lanes import due_lanes, queue_of
from marketplace.models import Installation, Tenant, User
from marketplace.tenancy import NoTenantScope, every_tenant
from tests.calendarsync.conftest import activate_calendar
from tests.calendarsync.rows import DAY, HOUR, MINUTE, NOW, make_account, make_calendar
from tests.calendarsync.together import at_once, shared_database

SCOPED = sorted(
    (model for model in apps.get_models() if any(field.name == "tenant" for field in model._meta.fields)),
    key=lambda model: model._meta.label,
)


@pytest.fixture
def calendar(calendar_active: Tenant, alice: User) -> Calendar:
    """A lane of Alice's that is due."""
    return make_calendar(make_account(alice), next_poll_at=NOW - MINUTE)


def change(row: Any, **values: Any) -> None:
    with every_tenant():
        type(row).objects.filter(pk=row.pk).update(**values)


def reread(calendar: Calendar) -> Calendar:
    with every_tenant():
        return Calendar.objects.get(pk=calendar.pk)


def claimed(calendar: Calendar, now: datetime = NOW) -> streams.Lane:
    name = lane.claim(calendar.pk, now)
    assert name
    loaded = streams.load(calendar.pk, name, now)
    assert loaded is not None
    return loaded


def signal(calendar: Calendar, dirty_seq: int = 1) -> None:
    with every_tenant():
        Signal.objects.filter(calendar=calendar).update(dirty_seq=dirty_seq)


# Claiming


def test_due_lane_is_claimed_once(calendar: Calendar):
    """S19"""
    first, second = lane.claim(calendar.pk, NOW), lane.claim(calendar.pk, NOW)

    assert (bool(first), second) == (True, "")
    assert (reread(calendar).lease_owner, reread(calendar).fence) == (first, 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_claims_at_the_same_moment_one_wins(calendar: Calendar, tmp_path: Path):
    """S19"""
    with shared_database(tmp_path):
        won = at_once(8, lambda: lane.claim(calendar.pk, NOW))

        assert len([name for name in won if name]) == 1
        assert reread(calendar).fence == 1


@pytest.mark.parametrize(
    "values",
    [
        {"selected": False},
        {"not_before": NOW + MINUTE},
        {"lease_until": NOW + MINUTE},
        {"next_poll_at": NOW + MINUTE},
        {"next_poll_at": None},
    ],
    ids=["not chosen", "waits", "taken", "not yet", "never by itself"],
)
def test_lane_that_may_not_run_is_not_claimed(calendar: Calendar, values: dict[str, Any]):
    change(calendar, **values)

    assert lane.claim(calendar.pk, NOW) == ""


@pytest.mark.parametrize(
    "values",
    [
        {"auth_state": Account.AuthState.RECONNECT},
        {"auth_state": Account.AuthState.WAITING},
        {"stopped_at": NOW, "stopped_by": Account.StoppedBy.USER},
        {"blocked_until": NOW + MINUTE},
    ],
    ids=["signed out", "waits for approval", "paused", "throttled"],
)
@pytest.mark.parametrize("is_signalled", [False, True])
def test_lane_of_an_account_at_rest_is_not_claimed(
    calendar: Calendar, values: dict[str, Any], is_signalled: bool
):
    change(calendar.account, **values)
    signal(calendar, int(is_signalled))

    assert lane.claim(calendar.pk, NOW) == ""


def test_lane_of_a_tenant_without_the_module_is_not_claimed(calendar: Calendar):
    with every_tenant():
        Installation.objects.update(state=Installation.State.INSTALLED)
    assert lane.claim(calendar.pk, NOW) == ""

    with every_tenant():
        Installation.objects.all().delete()
    assert lane.claim(calendar.pk, NOW) == ""


def test_module_of_another_tenant_does_not_help(calendar: Calendar, other_tenant: Tenant):
    activate_calendar(other_tenant)
    with every_tenant():
        Installation.objects.filter(tenant=calendar.tenant).delete()

    assert lane.claim(calendar.pk, NOW) == ""


def test_signal_overrides_the_clock(calendar: Calendar):
    change(calendar, next_poll_at=NOW + HOUR)
    signal(calendar)

    assert lane.claim(calendar.pk, NOW)


def test_signal_that_was_answered_is_no_reason(calendar: Calendar):
    change(calendar, next_poll_at=NOW + HOUR, synced_seq=7)
    signal(calendar, 7)

    assert lane.claim(calendar.pk, NOW) == ""


def test_signal_overrides_no_back_off(calendar: Calendar):
    change(calendar, not_before=NOW + MINUTE)
    signal(calendar)

    assert lane.claim(calendar.pk, NOW) == ""
    assert lane.claim(calendar.pk, NOW + MINUTE)


def test_unknown_lane_is_not_claimed(db: None):
    assert lane.claim(4711, NOW) == ""


# Holding and losing


def test_expired_lease_is_taken_over_and_the_former_holder_cannot_write(calendar: Calendar):
    """S20, S23"""
    zombie = claimed(calendar)
    later = NOW + HOUR
    heir = claimed(calendar, later)

    with every_tenant():
        with pytest.raises(LeaseLost):
            lane.keep(zombie.lease, later, progress_done=99)
        assert lane.release(zombie.lease, progress_done=99) is False
        lane.keep(heir.lease, later, progress_done=1)

    assert reread(calendar).progress_done == 1
    assert reread(calendar).lease_owner == heir.calendar.lease_owner


def test_claim_that_was_taken_before_it_was_read_gives_no_lease(calendar: Calendar):
    """S20: a worker may stall between its two first statements."""
    stalled = lane.claim(calendar.pk, NOW)
    with every_tenant():
        lane.evict(Calendar.objects.filter(pk=calendar.pk))
    heir = claimed(calendar)

    assert streams.load(calendar.pk, stalled, NOW) is None
    assert heir.lease.fence == reread(calendar).fence


def test_calendar_that_vanished_after_the_claim_gives_no_lease(calendar: Calendar):
    name = lane.claim(calendar.pk, NOW)
    with every_tenant():
        Account.objects.all().delete()

    assert streams.load(calendar.pk, name, NOW) is None


def test_eviction_stops_a_running_reader(calendar: Calendar):
    """S27"""
    running = claimed(calendar)

    with every_tenant():
        lane.evict(Calendar.objects.filter(pk=calendar.pk))
        with pytest.raises(LeaseLost):
            lane.keep(running.lease, NOW)


def test_keeping_renews_the_lease_and_writes(calendar: Calendar, settings: Any):
    running = claimed(calendar)

    with every_tenant():
        lane.keep(running.lease, NOW + MINUTE, progress_done=3)

    kept = reread(calendar)
    assert kept.progress_done == 3
    assert kept.lease_until == lane.lease_end(NOW + MINUTE) > lane.lease_end(NOW)


def test_release_makes_the_lane_free_at_once(calendar: Calendar):
    running = claimed(calendar)

    with every_tenant():
        assert lane.release(running.lease, next_poll_at=NOW)

    assert lane.claim(calendar.pk, NOW)


def test_fence_only_rises(calendar: Calendar):
    """Invariant 8."""
    fences = [claimed(calendar, NOW + hour * HOUR).lease.fence for hour in range(4)]

    assert fences == sorted(set(fences))


def test_signal_after_the_claim_asks_for_another_run(calendar: Calendar):
    """S21"""
    signal(calendar, 1)
    running = claimed(calendar)
    with every_tenant():
        assert not lane.has_new_signal(running.lease)

    signal(calendar, 2)

    with every_tenant():
        assert lane.has_new_signal(running.lease)


def test_restarted_worker_frees_what_its_predecessor_held(
    calendar: Calendar, monkeypatch: pytest.MonkeyPatch
):
    """S23"""
    monkeypatch.setenv("CALENDAR_WORKER", "live@here")
    others = {
        "elsewhere": f"elsewhere/live@here/{os.getpid()}/1",
        "other worker": f"{socket.gethostname()}/backfill@here/{os.getpid()}/1",
    }
    kept = [
        make_calendar(calendar.account, name, lease_owner=owner, lease_until=NOW + HOUR)
        for name, owner in others.items()
    ]
    lane.owner_name.cache_clear()
    predecessor = claimed(calendar)
    lane.owner_name.cache_clear()
    own = make_calendar(calendar.account, "Own", lease_owner=f"{lane.owner_name()}/1", lease_until=NOW + HOUR)

    freed = lane.free_leases_of_former_self()

    lane.owner_name.cache_clear()
    assert freed == 1
    assert (reread(calendar).lease_owner, reread(calendar).lease_until) == ("", None)
    assert all(reread(each).lease_until == NOW + HOUR for each in (*kept, own))
    with every_tenant(), pytest.raises(LeaseLost):
        lane.keep(predecessor.lease, NOW)


# Whose turn it is


def test_large_tenant_does_not_starve_a_small_one(
    calendar_active: Tenant, alice: User, other_tenant: Tenant, charlie: User
):
    """S25"""
    activate_calendar(other_tenant)
    many = make_account(alice)
    for number in range(30):
        make_calendar(many, f"Calendar {number}", next_poll_at=NOW - DAY, last_ok_at=NOW - DAY)
    small = make_account(charlie, "charlie@mail.example")
    waiting = {make_calendar(small, name, next_poll_at=NOW - MINUTE).pk for name in ("One", "Two")}

    first = [found.calendar_id for found in due_lanes(NOW, limit=4)]

    assert waiting <= set(first)


@pytest.mark.slow
def test_two_thousand_due_calendars_of_which_one_tenant_has_nineteen_hundred(calendar_active: Tenant):
    """S25: workers take twenty between two ticks; what becomes due at another tenant is read within ten ticks."""
    large, *small = [_busy_tenant(number, 1_900 if number == 0 else 10) for number in range(11)]
    late = make_calendar(small[0], "Late", next_poll_at=NOW + 10 * MINUTE)
    queue: deque[int] = deque()
    read: list[int] = []

    for tick in range(30):
        now = NOW + tick * MINUTE
        queue.extend(lane.calendar_id for lane in due_lanes(now, limit=200) if lane.calendar_id not in queue)
        done = [queue.popleft() for _ in range(20)]
        read += done
        with every_tenant():
            Calendar.objects.filter(pk__in=done).update(next_poll_at=NOW + DAY, last_ok_at=now)

    with every_tenant():
        others = set(Calendar.objects.exclude(tenant=large.tenant).values_list("pk", flat=True))
    assert others - {late.pk} <= set(read[:220])
    assert 10 * 20 <= read.index(late.pk) < 21 * 20
    assert len(read) == len(set(read)) == 600


def _busy_tenant(number: int, calendars: int) -> Account:
    """A tenant whose calendars are all due since long; the larger, the longer."""
    with every_tenant():
        tenant = Tenant.objects.create(name=f"Tenant {number}", slug=f"tenant-{number}")
        owner = User.objects.create(email=f"owner{number}@busy.example", tenant=tenant)
    activate_calendar(tenant)
    account = make_account(owner, owner.email)
    due = [
        Calendar(
            tenant=tenant, account=account, remote_id=str(each), name=str(each), selected=True, phase="live",
            next_poll_at=NOW - HOUR, last_ok_at=NOW - calendars * MINUTE, projected_from=NOW, projected_until=NOW,
        )
        for each in range(calendars)
    ]  # fmt: skip
    with every_tenant():
        Calendar.objects.bulk_create(due)
    return account


def test_within_a_tenant_the_longest_neglected_comes_first(calendar_active: Tenant, alice: User):
    account = make_account(alice)
    ages = {"Fresh": NOW - MINUTE, "Never": None, "Old": NOW - DAY}
    made = {
        name: make_calendar(account, name, next_poll_at=NOW - MINUTE, last_ok_at=last)
        for name, last in ages.items()
    }

    order = [found.calendar_id for found in due_lanes(NOW, limit=10)]

    assert order == [made["Never"].pk, made["Old"].pk, made["Fresh"].pk]


def test_only_due_lanes_are_handed_out(calendar: Calendar):
    make_calendar(calendar.account, "Later", next_poll_at=NOW + HOUR)
    make_calendar(calendar.account, "Not chosen", next_poll_at=NOW - HOUR, selected=False)

    assert [found.calendar_id for found in due_lanes(NOW, limit=10)] == [calendar.pk]


def test_looking_for_due_lanes_is_one_statement(calendar: Calendar, django_assert_num_queries: Any):
    with django_assert_num_queries(1):
        due_lanes(NOW, limit=10)


@pytest.mark.parametrize(
    ("phase", "queue"),
    [
        ("near", "live"),
        ("live", "live"),
        ("full", "backfill"),
        ("resync", "backfill"),
        ("no_access", "backfill"),
    ],
)
def test_long_readings_have_a_queue_of_their_own(phase: str, queue: str):
    """S26"""
    assert queue_of(phase) == queue


# Tenancy


def test_phases_and_queues_are_complete():
    assert Counter(queue_of(phase) for phase in Calendar.Phase.values)["live"] == 3


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model._meta.label)
def test_table_of_a_tenant_cannot_be_read_without_a_scope(model: type[models.Model], db: None):
    """Invariant 18."""
    manager: Any = model._default_manager
    reads = (
        "all",
        "count",
        "first",
        "last",
        "exists",
        "get",
        "values",
        "in_bulk",
        "iterator",
        "delete",
        "explain",
    )
    for read in reads:
        with pytest.raises((NoTenantScope, AttributeError)):
            getattr(manager, read)()
    for narrowed in (
        manager.exclude(pk=0),
        manager.select_related(),
        manager.defer("pk"),
        manager.distinct(),
    ):
        with pytest.raises(NoTenantScope):
            list(narrowed)


def test_every_table_of_ours_belongs_to_a_tenant():
    own = {"activities", "calendarsync", "marketplace"}
    unscoped = {model._meta.label for model in apps.get_models() if model._meta.app_label in own} - {
        model._meta.label for model in SCOPED
    }

    assert unscoped == {"marketplace.Tenant"}


def test_rows_reached_through_another_row_are_scoped_too(calendar: Calendar):
    with pytest.raises(NoTenantScope):
        list(calendar.account.calendars.all())
