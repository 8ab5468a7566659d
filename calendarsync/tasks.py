"""Celery tasks: they take ids, find the tenant themselves, and leave every decision to engine and services."""

from collections.abc import Callable

from celery import shared_task
from django.utils import timezone

from calendarsync.engine import pull
from calendarsync.engine.run import Outcome
from calendarsync.enqueue import continue_lane, enqueue_lane, lane_started
from calendarsync.heartbeat import is_ticking, tick
from calendarsync.selectors.lanes import due_lanes
from calendarsync.services import disconnect, maintenance, notices, unwatch, watch

_AT_ONCE = 200


@shared_task
def run_lane(calendar_id: int) -> str:
    """Read one calendar; go on later when there is more. Safe to run twice: the second run fails to claim."""
    lane_started(calendar_id)
    came_by = run_lane.request.delivery_info or {}
    outcome = pull.run_lane(calendar_id, may_be_long=came_by.get("routing_key") != "live")
    _FOLLOW_UPS.get(outcome, _nothing)(calendar_id)
    return outcome.value


@shared_task
def enqueue_due_lanes() -> int:
    """Hand out due lanes; also picks up what a dead worker left behind."""
    now = timezone.now()
    if not is_ticking():
        maintenance.catch_up(now)
    tick()
    lanes = due_lanes(now, limit=_AT_ONCE)
    for lane in lanes:
        enqueue_lane(lane.calendar_id, queue=lane.queue)
    return len(lanes)


@shared_task
def watch_calendar(calendar_id: int) -> None:
    """Open a push channel for one calendar where its provider has push."""
    watch.open_channel(calendar_id)


@shared_task
def renew_channels() -> int:
    """Replace channels near their end and those that never spoke, open missing ones, stop useless ones."""
    now = timezone.now()
    watch.review_channels(now)
    for account_id in unwatch.accounts_with_useless_channels(now):
        stop_channels.delay(account_id)
    calendars = watch.calendars_to_watch(now)
    for calendar_id in calendars:
        watch_calendar.delay(calendar_id)
    return len(calendars)


@shared_task
def stop_channels(account_id: int) -> None:
    """Stop the push channels of one account that are of no use any more."""
    unwatch.stop_channels(account_id)


@shared_task
def refresh_calendar_list(account_id: int) -> None:
    """Read the list of calendars of one account again."""
    maintenance.refresh_list(account_id)


@shared_task
def refresh_calendar_lists() -> int:
    """Read the lists that are a day old."""
    accounts = maintenance.accounts_with_old_list(timezone.now())
    for account_id in accounts:
        refresh_calendar_list.delay(account_id)
    return len(accounts)


@shared_task
def close_account(account_id: int) -> None:
    """Finish a disconnect that is final: stop channels, give the grant back, remove the copies here."""
    if disconnect.is_final(account_id, timezone.now()):
        disconnect.close_account(account_id)


@shared_task
def finish_disconnects() -> int:
    """Close the accounts whose closing was lost."""
    accounts = maintenance.accounts_left_closing(timezone.now())
    for account_id in accounts:
        close_account.delay(account_id)
    return len(accounts)


@shared_task
def tell_owners() -> int:
    """Mail people whose connection needs them."""
    return notices.tell_owners(timezone.now())


@shared_task
def recognise_me(user_id: int) -> None:
    """Mark a person's new addresses as "me" in the events already here."""
    maintenance.recognise_me(user_id)


@shared_task
def extend_projections() -> int:
    """Move the projected years on when a month has passed."""
    return maintenance.extend_projections(timezone.now())


@shared_task
def clean_history() -> None:
    """Drop run history older than the settings tab shows."""
    maintenance.clean_history(timezone.now())


def _nothing(calendar_id: int) -> None:
    """Most runs need no follow-up."""


def _check_list(calendar_id: int) -> None:
    refresh_calendar_list.delay(maintenance.account_of(calendar_id))


_FOLLOW_UPS: dict[Outcome, Callable[[int], object]] = {
    Outcome.CONTINUE: continue_lane,
    Outcome.AGAIN: enqueue_lane,
    Outcome.COMPLETE: lambda calendar_id: watch_calendar.delay(calendar_id),
    Outcome.MISSING: _check_list,
}
