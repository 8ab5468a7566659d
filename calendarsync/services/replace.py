"""Another mailbox in the place of a connected one, once its owner has said so; or not after all."""

import contextlib
from collections.abc import MutableMapping
from datetime import datetime
from typing import Any

from django.db import transaction

from calendarsync.errors import SyncError
from calendarsync.models import Account
from calendarsync.models.account import CONNECTED
from calendarsync.providers import provider_of
from calendarsync.services.connect import calendars_of, connect_account
from calendarsync.services.disconnect import Copies, disconnect
from calendarsync.services.offers import Offer, take
from calendarsync.services.refusals import StateUnknown
from marketplace.models import User
from marketplace.tenancy import every_tenant


def replace_account(
    *, account: Account, session: MutableMapping[str, Any], copies: Copies, by: User, now: datetime
) -> Account:
    """Connect the mailbox that was offered in the place of `account`, and end `account`; both or neither.

    Nothing of the old mailbox is attached to the new one. Raises StateUnknown without an offer (used, too old, another
    session's), ConnectRefused or a SyncError.
    """
    offer = take(session=session, account_id=account.pk)
    if offer is None:
        raise StateUnknown
    calendars = calendars_of(offer.provider, offer.grant)
    with transaction.atomic():
        disconnect(account=account, by=by, now=now, copies=copies)
        return connect_account(
            provider_key=offer.provider,
            grant=offer.grant,
            calendars=calendars,
            reconnects=None,
            by=by,
            now=now,
        )


def decline(*, account: Account, session: MutableMapping[str, Any]) -> None:
    """Keep `account` and give the offered grant back, unless some connection lives by it. Fine without an offer."""
    offer = take(session=session, account_id=account.pk)
    if offer is None or _is_in_use(offer):
        return
    with contextlib.suppress(SyncError):
        provider_of(offer.provider).revoke(offer.grant.credentials)


def _is_in_use(offer: Offer) -> bool:
    """Google ends every grant of the mailbox with one of them, also those of other tenants."""
    with every_tenant():
        known = Account.objects.filter(CONNECTED, provider=offer.provider, subject=offer.grant.subject)
        return known.exists()
