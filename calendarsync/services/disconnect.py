"""Ending a connection. Nothing at the provider is changed; our access goes, and our copies go or stay as they were.

A disconnect hides or freezes at once and begins its work some seconds later, so that it can be taken back. That work
(`close_account`) may be killed anywhere and started over: the row says what is left to do.
"""

import contextlib
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from calendarsync.engine.lane import evict
from calendarsync.engine.session import Session
from calendarsync.enqueue import enqueue_task
from calendarsync.errors import SyncError
from calendarsync.live import publish_status, show_change
from calendarsync.models import Account, Channel, Event
from calendarsync.models.account import CONNECTED, PRESENT
from calendarsync.models.calendar import FOLLOWED
from calendarsync.providers import provider_of
from calendarsync.services.control import sync_now
from carerix_calendar.lib.crypto import SecretUnreadable
from marketplace.catalogue import CALENDAR
from marketplace.models import AuditEntry, User
from marketplace.services.audit import record
from marketplace.tenancy import every_tenant, tenant_scope

# Small slices keep the database free for others.
_SLICE = 500
# A little longer than Undo is offered.
UNDO = timedelta(seconds=15)


class Copies(StrEnum):
    """What becomes of the appointments that were synchronised."""

    REMOVE = "remove"
    KEEP = "keep"


@transaction.atomic
def disconnect(*, account: Account, by: User, now: datetime, copies: Copies = Copies.REMOVE) -> bool:
    """Nothing runs any more, and the copies are hidden or frozen; the rest happens in the queue.

    False when nothing was left to do: a second click. Kept copies of an ended connection are removed by REMOVE.
    """
    keeps = copies is Copies.KEEP
    endable = Account.objects.filter(CONNECTED if keeps else PRESENT, pk=account.pk)
    if not endable.update(closing_since=now, keeps_copies=keeps):
        return False
    evict(account.calendars.all())
    _show_again(account)
    _note(AuditEntry.Action.ACCOUNT_DISCONNECTED, account, by)
    enqueue_task("close_account", account.pk, wait_seconds=UNDO.seconds)
    return True


@transaction.atomic
def take_back(*, account: Account, by: User, now: datetime) -> bool:
    """Undo a disconnect whose work has not begun: everything goes on as before. False when it is too late."""
    waiting = Account.objects.filter(pk=account.pk, closing_since__isnull=False)
    if not waiting.exclude(auth_state=Account.AuthState.ENDED).update(closing_since=None, keeps_copies=False):
        return False
    _note(AuditEntry.Action.ACCOUNT_CONNECTED, account, by)
    sync_now(account=account, now=now)
    _show_again(account)
    return True


def is_final(account_id: int, now: datetime) -> bool:
    """Whether a disconnect can be taken back no more.

    One that was taken back leaves its message on the queue, which must not cut short the time of the next one.
    """
    with every_tenant():
        return Account.objects.filter(pk=account_id, closing_since__lte=now - UNDO).exists()


def close_account(account_id: int) -> None:
    """Stop channels while the grant still lives, give the grant back, then freeze or remove the copies.

    Idempotent: a killed worker's task starts over and finds less to do. Does nothing if the user reconnected meanwhile.
    """
    with every_tenant():
        closing = Account.objects.filter(pk=account_id, closing_since__isnull=False)
        # From here on it cannot be taken back.
        closing.update(auth_state=Account.AuthState.ENDED)
        account = closing.select_related("tenant", "owner").first()
    if account is None:
        return
    with tenant_scope(account.tenant):
        _stop_channels(account)
        _give_grant_back(account)
        if account.keeps_copies:
            _freeze(account)
        else:
            while _remove_slice(account):
                pass
        publish_status(account)


def is_shared(account: Account) -> bool:
    """Whether another connection uses the same mailbox: giving back this grant would end that one's access too."""
    same = {"provider": account.provider, "host": account.host, "subject": account.subject}
    with every_tenant():
        return Account.objects.filter(CONNECTED, **same).exclude(pk=account.pk).exists()


def _stop_channels(account: Account) -> None:
    session = Session(account, timezone.now)
    channels = list(Channel.objects.filter(calendar__account=account))
    for channel in channels:
        if channel.resource_id:
            with contextlib.suppress(SyncError, SecretUnreadable):
                session.unwatch(channel_id=str(channel.channel_id), resource_id=channel.resource_id)
    session.close()
    Channel.objects.filter(pk__in=[channel.pk for channel in channels]).delete()


def _give_grant_back(account: Account) -> None:
    if not _is_closing(account) or is_shared(account):
        return
    with contextlib.suppress(SyncError, SecretUnreadable):
        provider_of(account.provider).revoke(account.credentials)


def _freeze(account: Account) -> None:
    """The connection is over: without credentials, its copies as they were."""
    closing = Account.objects.filter(pk=account.pk, closing_since__isnull=False, keeps_copies=True)
    closing.update(
        stopped_at=F("closing_since"),
        stopped_by=Account.StoppedBy.USER,
        closing_since=None,
        sealed_credentials="",
        cred_version=F("cred_version") + 1,
        error_code="",
        error_detail="",
        error_at=None,
        blocked_until=None,
        refreshing_until=None,
        told_at=None,
    )


@transaction.atomic
def _remove_slice(account: Account) -> bool:
    """Remove some copies, or at last the account; False when nothing is left to do.

    The row is locked meanwhile: a reconnect has happened before and is seen, or waits and begins anew.
    """
    Account.objects.select_for_update().filter(pk=account.pk).first()
    if not _is_closing(account):
        return False
    ids = list(Event.objects.filter(calendar__account=account).values_list("pk", flat=True)[:_SLICE])
    if ids:
        Event.objects.filter(pk__in=ids).delete()
        return True
    Account.objects.filter(pk=account.pk, keeps_copies=False).delete()
    return False


def _is_closing(account: Account) -> bool:
    """False as soon as the user connected the same mailbox again."""
    return Account.objects.filter(pk=account.pk, closing_since__isnull=False).exists()


def _show_again(account: Account) -> None:
    """Open pages ask anew: what they show has gone, or is back."""
    for calendar in account.calendars.filter(FOLLOWED):
        show_change(calendar)
    publish_status(account)


def _note(action: AuditEntry.Action, account: Account, by: User) -> None:
    record(tenant=account.tenant, by=by, action=action, subject=account.address, module=CALENDAR.key)
