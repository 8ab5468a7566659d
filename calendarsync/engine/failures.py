"""What a failed run leaves behind: a state, a time, and a sentence's code on the row it concerns."""

import traceback
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q

from calendarsync.engine.lane import Lease, release
from calendarsync.engine.pace import Dice, longer_than, retry_moment
from calendarsync.errors import (
    Actor,
    ApprovalNeeded,
    Forbidden,
    ReconnectNeeded,
    RefreshElsewhere,
    SetupFaulty,
    StorageAway,
    SyncError,
    Throttled,
    Unexpected,
    UnexpectedAgain,
    VoidedOften,
)
from calendarsync.live import publish_status
from calendarsync.models import Account, Calendar, Cursor, SyncRun

log = structlog.get_logger(__name__)

_AUTH_STATES: Mapping[type[SyncError], str] = {
    ReconnectNeeded: Account.AuthState.RECONNECT,
    ApprovalNeeded: Account.AuthState.WAITING,
}
# The same bug so often in a row does not go away by waiting.
_BUGS_IN_A_ROW = 5
# These name a time of ours, for one lane.
_OWN_TIMES = (RefreshElsewhere, VoidedOften)
# A throttle within this time after the last one is the same throttle still.
_SAME_THROTTLE = timedelta(minutes=1)


def settle_failure(
    calendar: Calendar, lease: Lease, error: Exception, *, started_at: datetime, now: datetime, dice: Dice
) -> None:
    """Record the failure where it belongs and give the lane back. Data stays as it is."""
    failure = _judged(calendar, named(error))
    counts = not isinstance(failure, Throttled | RefreshElsewhere)
    failures = calendar.failures + 1 if counts else calendar.failures
    wait_until = wait_after(calendar.account, failure, failures, now, dice)
    values: dict[str, object] = {
        "failures": failures, "not_before": wait_until, "next_poll_at": wait_until,
        "phase": _phase_after(calendar, failure),
    }  # fmt: skip
    if counts:
        values |= _told(failure, now)
    with transaction.atomic():
        if not release(lease, **values):
            return
        if calendar.phase == Calendar.Phase.REPAIR:
            Cursor.objects.filter(calendar=calendar, stream=Cursor.Stream.FULL).update(page_token="")
        settle_account(calendar.account, failure, wait_until, now)
        if counts:
            _note_run(calendar, failure, started_at, now)
    if failure.actor is Actor.US:
        log.error("operator_needed", lane=calendar.pk, error=failure.code, detail=_detail(failure))
    publish_status(calendar.account)


def settle_account(account: Account, failure: SyncError, wait_until: datetime | None, now: datetime) -> None:
    """Faults of the whole mailbox stand on the account: its grant, its quota, our registration.

    Whatever error a provider names a time with, it means the mailbox. A failure that belongs to credentials which
    were replaced meanwhile, as by reconnecting, changes nothing.
    """
    same = Account.objects.filter(pk=account.pk, cred_version=account.cred_version)
    told = _told(failure, now)
    for kind, state in _AUTH_STATES.items():
        if isinstance(failure, kind):
            same.update(auth_state=state, **told)
    if isinstance(failure, SetupFaulty | Throttled):
        same.update(**told)
    if isinstance(failure, Throttled) or (failure.retry_at and not isinstance(failure, _OWN_TIMES)):
        # Of several answers the one that asks for most patience counts.
        same.filter(Q(blocked_until=None) | Q(blocked_until__lt=wait_until)).update(blocked_until=wait_until)


def wait_after(
    account: Account, failure: SyncError, failures: int, now: datetime, dice: Dice
) -> datetime | None:
    """When to try again; longer each time where a throttle follows a throttle."""
    moment = retry_moment(failure, failures, now, dice)
    if moment is None or not isinstance(failure, Throttled):
        return moment
    return longer_than(_last_throttle(account, now), moment, now)


def named(error: Exception) -> SyncError:
    """Our name for whatever ended a run. Of a bug only its kind and place are kept: its text may be content."""
    if isinstance(error, SyncError):
        return error
    if isinstance(error, OperationalError | InterfaceError):
        return StorageAway(kind=type(error).__name__)
    return Unexpected(kind=type(error).__name__, at=_place_of(error))


def in_a_row(calendar: Calendar, *kinds: type[SyncError]) -> int:
    """How many of this lane's latest runs ended in these errors, with no success or other failure between."""
    codes = {code for code, leaf in SyncError.by_code.items() if issubclass(leaf, kinds)}
    runs = calendar.runs.order_by("-started_at", "-pk").values_list("error_code", flat=True)
    recent = runs[: min(calendar.failures, _BUGS_IN_A_ROW)]
    return sum(1 for _ in takewhile(codes.__contains__, recent))


def _judged(calendar: Calendar, failure: SyncError) -> SyncError:
    """The same bug for the fifth time: once a day is enough."""
    if not isinstance(failure, Unexpected) or in_a_row(calendar, Unexpected) < _BUGS_IN_A_ROW - 1:
        return failure
    return UnexpectedAgain(retry_at=None, **failure.context)


def _phase_after(calendar: Calendar, failure: SyncError) -> str:
    """A repair that fails is given up, because the changes it would hold up matter more."""
    if isinstance(failure, Forbidden):
        return Calendar.Phase.NO_ACCESS
    return Calendar.Phase.LIVE if calendar.phase == Calendar.Phase.REPAIR else calendar.phase


def _last_throttle(account: Account, now: datetime) -> timedelta:
    """How long the mailbox was throttled until a moment ago; zero when it was not."""
    since, until = account.error_at, account.blocked_until
    if account.error_code != Throttled.code or since is None or until is None:
        return timedelta()
    held = until - since
    return held if now <= until + max(held, _SAME_THROTTLE) else timedelta()


def _told(failure: SyncError, now: datetime) -> dict[str, object]:
    return {"error_code": failure.code, "error_detail": _detail(failure), "error_at": now}


def _note_run(calendar: Calendar, failure: SyncError, started_at: datetime, now: datetime) -> None:
    SyncRun.objects.create(
        tenant=calendar.tenant,
        calendar=calendar,
        phase=calendar.phase,
        started_at=started_at,
        finished_at=now,
        outcome=SyncRun.Outcome.FAILED,
        error_code=failure.code,
        error_detail=_detail(failure),
    )


def _place_of(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _detail(failure: SyncError) -> str:
    """For support: status and reason, never content or secrets."""
    return " ".join(f"{key}={value}" for key, value in failure.context.items() if value)[:500]
