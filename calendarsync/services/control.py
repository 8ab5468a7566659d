"""The buttons of the settings tab: sync now, check again, pause, restart, retry what was skipped."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from calendarsync.engine.lane import UNTROUBLED, evict, raise_signals
from calendarsync.enqueue import enqueue_lane
from calendarsync.live import publish_status
from calendarsync.models import Account, Calendar, Cursor
from calendarsync.models.account import CONNECTED
from calendarsync.models.calendar import FOLLOWED
from calendarsync.selectors.lanes import queue_of

Phase = Calendar.Phase


@transaction.atomic
def sync_now(*, account: Account, now: datetime) -> None:
    """Look for changes at once; a back-off of ours is cut short, a throttle of the provider is not.

    A signal, not only a time: a run that is under way may have asked already, and looks once more at its end.
    """
    lanes = _chosen(account)
    lanes.update(next_poll_at=now, not_before=None)
    raise_signals(lanes)
    _enqueue(lanes)


@transaction.atomic
def check_again(*, account: Account, now: datetime) -> None:
    """An administrator may have approved meanwhile: try once more. A second refusal parks the account again."""
    Account.objects.filter(pk=account.pk, auth_state=Account.AuthState.WAITING).update(
        auth_state=Account.AuthState.OK
    )
    sync_now(account=account, now=now)
    publish_status(account)


@transaction.atomic
def pause(*, account: Account, stopped_by: str = Account.StoppedBy.USER, now: datetime) -> None:
    """Stop until somebody restarts. Running work is fenced off; nothing is removed."""
    Account.objects.filter(pk=account.pk, stopped_at=None).update(stopped_at=now, stopped_by=stopped_by)
    evict(account.calendars.all())
    publish_status(account)


@transaction.atomic
def restart(*, account: Account, now: datetime) -> None:
    """Go on, and read everything again beside the rows we have, in case something was missed."""
    Account.objects.filter(CONNECTED, pk=account.pk).update(stopped_at=None, stopped_by="")
    # Why the user must sign in again stays known until that has happened.
    Account.objects.filter(pk=account.pk, auth_state=Account.AuthState.OK).update(
        error_code="", error_detail="", error_at=None
    )
    _read_again(_chosen(account), now)
    wake(account=account, now=now)


@transaction.atomic
def retry_skipped(*, calendar: Calendar, now: datetime) -> None:
    """Read one calendar completely again; what can be read by now leaves the list of skipped items."""
    lane = _chosen(calendar.account).filter(pk=calendar.pk)
    _read_again(lane, now)
    lane.update(next_poll_at=now, not_before=None)
    _enqueue(lane)
    publish_status(calendar.account)


# By the name they have in addresses.
ACTIONS: Mapping[str, Callable[..., None]] = {
    "sync-now": sync_now,
    "check-again": check_again,
    "pause": pause,
    "restart": restart,
}


def wake(*, account: Account, now: datetime) -> None:
    """Every chosen calendar starts at once, whatever it was waiting for. In the caller's transaction."""
    _chosen(account).update(next_poll_at=now, **UNTROUBLED)
    _enqueue(_chosen(account))
    publish_status(account)


def _chosen(account: Account) -> QuerySet[Calendar]:
    return account.calendars.filter(FOLLOWED)


def _read_again(lanes: QuerySet[Calendar], now: datetime) -> None:
    """Begin a complete reading; a first one that is under way goes on where it is."""
    evict(lanes)
    complete = lanes.filter(first_complete_at__isnull=False)
    Cursor.objects.filter(calendar__in=complete).update(page_token="")
    complete.update(phase=Phase.RESYNC, generation=F("generation") + 1, reading_since=now, progress_done=0)


def _enqueue(lanes: QuerySet[Calendar]) -> None:
    for calendar in lanes:
        enqueue_lane(calendar.pk, queue=queue_of(calendar.phase))
