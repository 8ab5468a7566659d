"""Lanes on the queue: the first signal starts a run at once, the rest waits together, and nothing lost stays lost."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from calendarsync import enqueue, tasks
from calendarsync.enqueue import continue_lane, enqueue_lane, lane_started
from calendarsync.models import Calendar, Signal
from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Published
from tests.calendarsync.rows import DAY, make_account, make_calendar

pytestmark = pytest.mark.django_db(transaction=True)
LANE = 4711


@pytest.fixture(autouse=True)
def clock(settings: Settings) -> Iterator[time_machine.Traveller]:
    """A clock that stands still until it is moved; the cache of this process obeys it, a real Redis would not."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "standing still"}
    }
    cache.clear()
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def calendar(calendar_active: Tenant, alice: User) -> Calendar:
    """A calendar of which something was signalled, and nothing else makes it due."""
    calendar = make_calendar(make_account(alice), next_poll_at=timezone.now() + DAY)
    with every_tenant():
        Signal.objects.filter(calendar=calendar).update(dirty_seq=1)
    return calendar


def pauses(published: list[Published]) -> list[float]:
    """In how many seconds each may start."""
    now = timezone.now()
    return [round((task.not_before - now).total_seconds(), 3) if task.not_before else 0 for task in published]


def test_first_signal_starts_a_run_at_once(published: list[Published]):
    """S55"""
    enqueue_lane(LANE)

    assert published == [Published("run_lane", LANE, "live")]


def test_what_follows_while_a_task_waits_waits_with_it(published: list[Published]):
    """S55"""
    for _ in range(500):
        enqueue_lane(LANE)

    assert len(published) == 1


@pytest.mark.parametrize(("later", "pause"), [(0.0, 1.0), (0.3, 0.7), (1.0, 0), (5.0, 0)])
def test_runs_of_one_lane_start_a_second_apart(
    published: list[Published], clock: time_machine.Traveller, later: float, pause: float
):
    """S55: counted from the start, however long the run took."""
    enqueue_lane(LANE)
    lane_started(LANE)
    published.clear()
    clock.shift(timedelta(seconds=later))

    enqueue_lane(LANE)
    enqueue_lane(LANE + 1)

    assert pauses(published) == [pause, 0]


def test_run_that_starts_while_its_successor_is_put_on_the_queue_keeps_it_waiting(
    published: list[Published], monkeypatch: pytest.MonkeyPatch
):
    """S55: seen with five hundred messages from many threads."""
    is_first = enqueue._is_first

    def starts_meanwhile(calendar_id: int) -> bool:
        lane_started(calendar_id)
        return is_first(calendar_id)

    monkeypatch.setattr(enqueue, "_is_first", starts_meanwhile)

    enqueue_lane(LANE)

    assert pauses(published) == [1.0]


def test_clock_of_another_machine_never_makes_the_pause_longer(
    published: list[Published], clock: time_machine.Traveller
):
    lane_started(LANE)
    clock.shift(timedelta(seconds=-30))

    enqueue_lane(LANE)

    assert pauses(published) == [1.0]


def test_long_reading_goes_on_without_a_pause(published: list[Published]):
    lane_started(LANE)

    continue_lane(LANE)

    assert published == [Published("run_lane", LANE, "backfill")]


def test_task_that_the_broker_lost_is_sent_again_within_seconds(
    calendar: Calendar, published: list[Published], clock: time_machine.Traveller
):
    """S21: dirty_seq is ahead of synced_seq, so the lane is due until it was read."""
    enqueue_lane(calendar.pk)
    published.clear()

    sent_after = []
    for tick in range(4):
        tasks.enqueue_due_lanes()
        sent_after += [tick * 5.0] * len(published)
        published.clear()
        clock.shift(timedelta(seconds=5))

    assert sent_after == [10.0]


def test_broker_that_is_away_keeps_nobody_waiting_for_the_next_one(
    published: list[Published], settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    def away(*args: object, **options: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("calendarsync.enqueue.current_app.send_task", away)
        enqueue_lane(LANE)

    enqueue_lane(LANE)

    assert [task.about for task in published] == [LANE]
