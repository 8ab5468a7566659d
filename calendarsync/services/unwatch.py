"""Push channels that are of no use any more: stopped at the provider, then forgotten."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from calendarsync.engine.session import Session
from calendarsync.errors import Retry, SyncError
from calendarsync.models import Account, Calendar, Channel
from calendarsync.models.account import RUNNING
from calendarsync.models.calendar import FOLLOWED
from calendarsync.models.channel import verified
from carerix_calendar.lib.crypto import SecretUnreadable
from marketplace.catalogue import CALENDAR
from marketplace.models import Installation
from marketplace.tenancy import every_tenant, tenant_scope

_AT_ONCE = 500


def accounts_with_useless_channels(now: datetime) -> list[int]:
    """Accounts that have one, of any tenant; those that are being disconnected stop theirs themselves."""
    with every_tenant():
        useless = Channel.objects.filter(_useless(now), calendar__account__closing_since=None)
        return list(useless.values_list("calendar__account", flat=True).distinct()[:_AT_ONCE])


def stop_channels(account_id: int) -> None:
    """Stop one account's useless channels; those that cannot be stopped now are tried again later."""
    with every_tenant():
        account = Account.objects.select_related("tenant", "owner").filter(pk=account_id).first()
    if account is None:
        return
    with tenant_scope(account.tenant):
        session = Session(account, timezone.now)
        try:
            stop_useless(account, session, timezone.now())
        finally:
            session.close()


def stop_useless(account: Account, session: Session, now: datetime) -> None:
    """As `stop_channels`, with a session that is open. Without a living grant they are only forgotten.

    The provider's messages of a forgotten channel are refused until it ends by itself.
    """
    is_signed_in = account.auth_state == Account.AuthState.OK
    for channel in Channel.objects.filter(_useless(now), calendar__account=account):
        if not is_signed_in or _stop(channel, session):
            channel.delete()


def _useless(now: datetime) -> Q:
    """Over, replaced by one that has spoken, or of a calendar that is not read."""
    followed = Calendar.objects.filter(
        FOLLOWED,
        Exists(Account.objects.filter(RUNNING, pk=OuterRef("account_id"))),
        Exists(
            Installation.objects.filter(
                tenant=OuterRef("tenant"), module=CALENDAR.key, state=Installation.State.ACTIVE
            )
        ),
        pk=OuterRef("calendar_id"),
    ).exclude(phase=Calendar.Phase.NO_ACCESS)
    younger = Channel.objects.filter(calendar=OuterRef("calendar_id"), pk__gt=OuterRef("pk"))
    return (
        Q(expires_at__lte=now)
        | ~Exists(followed)
        | Q(Exists(younger.filter(verified(now))))
        | Q(Exists(younger.filter(state=Channel.State.ACTIVE)), state=Channel.State.SILENT)
    )


def _stop(channel: Channel, session: Session) -> bool:
    """Whether it is stopped, or never will be."""
    if not channel.resource_id:
        return True  # never opened, or nothing is known of it: it ends by itself
    try:
        session.unwatch(channel_id=str(channel.channel_id), resource_id=channel.resource_id)
    except SecretUnreadable:
        return True
    except SyncError as error:
        return error.retry in (Retry.DAILY, Retry.NEVER)
    return True
