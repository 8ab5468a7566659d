"""When a lane may try again."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from calendarsync.engine.pace import (
    LONGEST_WAIT,
    is_repair_due,
    longer_than,
    next_poll,
    page_size,
    retry_moment,
)
from calendarsync.errors import (
    AccessRefused,
    Forbidden,
    ReconnectNeeded,
    Refused,
    SyncError,
    Throttled,
    Unavailable,
    Unexpected,
    UnexpectedAgain,
    WritingBlocked,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def longest(low: float, high: float) -> float:
    return high


def shortest(low: float, high: float) -> float:
    return low


def seconds(error: SyncError, failures: int = 1, dice=longest) -> float:
    moment = retry_moment(error, failures, NOW, dice)
    assert moment is not None
    return (moment - NOW).total_seconds()


def test_waiting_doubles_with_each_failure_up_to_an_hour():
    waits = [seconds(Unavailable(), failures) for failures in (1, 2, 3, 4, 5)]

    assert waits == [10, 20, 40, 80, 160]
    assert seconds(Unavailable(), 500) == LONGEST_WAIT


def test_what_failed_together_does_not_return_together():
    assert seconds(Unavailable(), 5, shortest) == 1
    assert seconds(Unavailable(), 5, longest) == 160


@pytest.mark.parametrize("wait", [1, 30, 7200, 86_400])
def test_time_named_by_the_provider_is_never_undercut_and_hardly_overrun(wait: int):
    """S66"""
    named = Throttled(retry_at=NOW + timedelta(seconds=wait))

    assert seconds(named, dice=shortest) == wait
    assert seconds(named, dice=longest) == pytest.approx(1.1 * wait)


@pytest.mark.parametrize("wait", [0, -1, -86_400])
def test_time_in_the_past_is_no_permission_to_hammer(wait: int):
    """S66"""
    assert seconds(Throttled(retry_at=NOW + timedelta(seconds=wait)), dice=shortest) == 1


def test_throttle_after_a_throttle_lasts_twice_as_long_up_to_an_hour():
    """S66"""
    soon, late = NOW + timedelta(seconds=1), NOW + timedelta(hours=9)

    assert longer_than(timedelta(minutes=4), soon, NOW) == NOW + timedelta(minutes=8)
    assert longer_than(timedelta(minutes=50), soon, NOW) == NOW + timedelta(hours=1)
    assert longer_than(timedelta(minutes=50), late, NOW) == late
    assert longer_than(timedelta(), soon, NOW) == soon


def test_throttle_without_a_time_waits_out_the_quota_of_a_minute():
    """S66: throttles are no failures, so the first wait has to be enough."""
    assert 30 <= seconds(Throttled(), 0, shortest) <= seconds(Throttled(), 0, longest) == 60


def test_doubts_about_a_token_last_for_minutes_before_anybody_must_reconnect():
    waits = [(seconds(AccessRefused(), n, shortest), seconds(AccessRefused(), n, longest)) for n in (1, 2, 3)]

    assert waits == [(30, 60), (60, 120), (120, 240)]


def test_blocked_writing_rests_for_an_hour():
    assert seconds(WritingBlocked(), 0) == 3600


@pytest.mark.parametrize("error", [Forbidden(), Refused(), UnexpectedAgain()])
def test_hopeless_request_is_tried_once_a_day_at_varying_hours(error: SyncError):
    assert seconds(error, 1, shortest) == 18 * 3600
    assert seconds(error, 50, longest) == 24 * 3600


def test_dead_grant_is_never_tried_again_by_itself():
    assert retry_moment(ReconnectNeeded(), 1, NOW, longest) is None


def test_bug_of_ours_backs_off_too():
    assert seconds(Unexpected(), 2) == 20


def test_regular_looks_do_not_march_in_step():
    assert next_poll(600, NOW, shortest) - NOW == timedelta(seconds=450)
    assert next_poll(600, NOW, longest) - NOW == timedelta(seconds=750)


def test_smaller_pages_are_asked_for_after_failures_in_a_row():
    assert [page_size(failures) for failures in (0, 1, 2, 3, 4, 99)] == [0, 0, 250, 250, 50, 50]


def repairs_within(days: int, calendar_id: int = 1, every: int = 7) -> list[datetime]:
    """When a calendar that was read completely now is read again, looked at every hour."""
    read_at, found = NOW, []
    for hour in range(days * 24):
        now = NOW + timedelta(hours=hour)
        if is_repair_due(calendar_id, read_at, now, every):
            read_at = now
            found.append(now)
    return found


@pytest.mark.parametrize("calendar_id", range(1, 40))
def test_calendar_is_repaired_every_seven_days_at_its_own_hour(calendar_id: int):
    first, *later = repairs_within(60, calendar_id)

    assert timedelta(days=3.4) <= first - NOW <= timedelta(days=10.6)
    assert {after - before for before, after in pairwise([first, *later])} == {timedelta(days=7)}


def test_calendars_connected_together_are_not_repaired_together():
    hours = Counter(repairs_within(11, calendar_id)[0] for calendar_id in range(1, 337))

    assert max(hours.values()) <= 12
    assert len({moment.date() for moment in hours}) >= 7


def test_repair_that_was_never_begun_is_due_and_one_that_is_switched_off_never():
    assert is_repair_due(1, None, NOW, 7)
    assert not is_repair_due(1, None, NOW, 0)
    assert not is_repair_due(1, NOW - timedelta(days=900), NOW, 0)
