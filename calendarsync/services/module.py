"""What happens here when the Calendar module is activated, deactivated or uninstalled at a tenant."""

from collections.abc import Sequence

from django.utils import timezone

from calendarsync.engine.lane import evict
from calendarsync.enqueue import enqueue_task
from calendarsync.models import Account, Calendar, Event
from calendarsync.models.account import CONNECTED, PRESENT
from calendarsync.models.calendar import FOLLOWED
from calendarsync.selectors.attention import connections_in_need
from calendarsync.services.disconnect import disconnect
from marketplace.hooks import Attention, ModuleFacts
from marketplace.models import Tenant, User


def facts(*, tenant: Tenant) -> ModuleFacts:
    """Count what deactivating or uninstalling would concern; kept copies of ended connections are among the events."""
    present = Account.objects.filter(PRESENT)
    return ModuleFacts(
        connections=Account.objects.filter(CONNECTED).count(),
        events=Event.objects.living().filter(calendar__account__in=present).count(),
    )


def attention(*, tenant: Tenant) -> Sequence[Attention]:
    """Connections that need their owner, an administrator at the provider, or the operator."""
    return connections_in_need(timezone.now())


def on_activated(*, tenant: Tenant, by: User) -> None:
    """Connections of an earlier activation go on where they stopped."""
    Calendar.objects.filter(FOLLOWED).update(next_poll_at=timezone.now())


def on_deactivated(*, tenant: Tenant, by: User) -> None:
    """Nothing runs any more; everything stays for a later activation."""
    evict(Calendar.objects.all())


def on_uninstalled(*, tenant: Tenant, by: User) -> None:
    """Every connection ends and our copies go, kept ones too; nothing at the provider is touched, CRM data stays."""
    for account in Account.objects.filter(PRESENT):
        disconnect(account=account, by=by, now=timezone.now())


def on_addresses_changed(*, user: User) -> None:
    """Events already here learn the new addresses, in the queue."""
    enqueue_task("recognise_me", user.pk)
