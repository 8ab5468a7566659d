"""Lanes: one calendar is read by one worker at a time.

A claim is a conditional UPDATE; who changed the row holds the lease. The fence rises with every claim and stands in
the WHERE of every later write, so a worker that wakes up after its lease expired can no longer write anything.
An expired lease is the whole crash recovery. All conditions stand on the updated row itself or in EXISTS, because
PostgreSQL re-checks only those when two claims meet.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from secrets import token_hex
from threading import Event

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from calendarsync.models import Account, Calendar, Signal
from calendarsync.models.account import RUNNING
from calendarsync.models.calendar import FOLLOWED
from carerix_calendar.lib.errors import AppError
from marketplace.catalogue import CALENDAR
from marketplace.models import Installation
from marketplace.tenancy import every_tenant

# The columns of a lane after a success, or when it is to start as if nothing had happened.
UNTROUBLED: Mapping[str, object] = {
    "not_before": None, "failures": 0, "error_code": "", "error_detail": "", "error_at": None,
}  # fmt: skip


# This worker was asked to end: whoever runs a lane gives it back after the page at hand.
leaving = Event()


class LeaseLost(AppError):
    """Another worker, a pause or a disconnect took the lane; nothing may be written any more."""

    code = "lease_lost"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write for one calendar. `dirty_seq` is the signal this run answers."""

    calendar_id: int
    fence: int
    dirty_seq: int


@cache
def owner_name() -> str:
    """This process: host, worker name and a word of its own. A restarted worker has the same first two."""
    return f"{socket.gethostname()}/{os.environ.get('CALENDAR_WORKER', 'worker')}/{token_hex(4)}"


def startable(now: datetime) -> Q:
    """Lanes that may run: chosen and there, signed in, not stopped, not throttled, module active, nobody on it."""
    account = Account.objects.filter(RUNNING, pk=OuterRef("account_id"))
    installed = Installation.objects.filter(
        tenant=OuterRef("tenant"), module=CALENDAR.key, state=Installation.State.ACTIVE
    )
    return (
        FOLLOWED
        & (Q(lease_until=None) | Q(lease_until__lt=now))
        & (Q(not_before=None) | Q(not_before__lte=now))
        & Q(Exists(account.filter(Q(blocked_until=None) | Q(blocked_until__lte=now))))
        & Q(Exists(installed))
    )


def due(now: datetime) -> Q:
    """Startable lanes with a reason: their time has come, or something changed out there."""
    signalled = Signal.objects.filter(calendar=OuterRef("pk"), dirty_seq__gt=OuterRef("synced_seq"))
    return startable(now) & (Q(next_poll_at__lte=now) | Q(Exists(signalled)))


def claim(calendar_id: int, now: datetime) -> str:
    """Take the lease of a due lane, of any tenant; the name of this claim, or "" when it is not due or taken."""
    name = f"{owner_name()}/{token_hex(4)}"
    with every_tenant():
        won = Calendar.objects.filter(due(now), pk=calendar_id).update(
            lease_owner=name, lease_until=lease_end(now), fence=F("fence") + 1
        )
    return name if won == 1 else ""


def lease_end(now: datetime) -> datetime:
    """Until when a lease taken or renewed now holds."""
    return now + timedelta(seconds=settings.SYNC_LEASE_SECONDS)


def keep(lease: Lease, now: datetime, **values: object) -> None:
    """Renew the lease and write `values` on the lane. Raises LeaseLost. First statement of every page's commit."""
    held = Calendar.objects.filter(pk=lease.calendar_id, fence=lease.fence)
    if held.update(lease_until=lease_end(now), **values) != 1:
        raise LeaseLost(calendar=lease.calendar_id)


def release(lease: Lease, **values: object) -> bool:
    """Give the lane back with its last values; False when it was taken from us meanwhile."""
    held = Calendar.objects.filter(pk=lease.calendar_id, fence=lease.fence)
    return held.update(lease_owner="", lease_until=None, **values) == 1


def has_new_signal(lease: Lease) -> bool:
    """Whether something was signalled after this run began; asked after the release, so that no signal is lost."""
    return Signal.objects.filter(calendar=lease.calendar_id, dirty_seq__gt=lease.dirty_seq).exists()


def raise_signals(lanes: QuerySet[Calendar]) -> None:
    """Something may have changed out there: idle lanes become due, running ones look once more at their end."""
    Signal.objects.filter(calendar__in=lanes).update(dirty_seq=F("dirty_seq") + 1)


def evict(lanes: QuerySet[Calendar]) -> None:
    """Take lanes away from whoever has them, as pausing and disconnecting do; until the commit nobody claims them."""
    lanes.update(fence=F("fence") + 1, lease_owner="", lease_until=None)


def free_leases_of_former_self() -> int:
    """At a worker's start: leases of a predecessor with the same name are nobody's. Returns how many."""
    prefix = owner_name().rsplit("/", 1)[0] + "/"
    with every_tenant():
        leased = Calendar.objects.filter(lease_owner__startswith=prefix)
        orphans = leased.exclude(lease_owner__startswith=f"{owner_name()}/")
        return orphans.update(fence=F("fence") + 1, lease_owner="", lease_until=None)
