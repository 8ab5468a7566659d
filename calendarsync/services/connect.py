"""Starting synchronisation: to the provider's consent page and back, to a connected account with its calendars."""

import contextlib
import secrets
import time
from collections.abc import Mapping, MutableMapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from calendarsync.domain import Grant, RemoteCalendar
from calendarsync.models import Account
from calendarsync.models.account import PRESENT
from calendarsync.providers import provider_of
from calendarsync.services.calendar_list import store_list
from calendarsync.services.control import wake
from calendarsync.services.offers import Offer, put_aside
from calendarsync.services.refusals import (
    ConnectRefused,
    MailboxKept,
    MailboxLeaving,
    MailboxTaken,
    OtherMailbox,
    StateUnknown,
)
from calendarsync.services.watch import distrust_channels
from carerix_calendar.lib.crypto import SecretUnreadable
from marketplace.catalogue import CALENDAR
from marketplace.models import AuditEntry, User
from marketplace.services.audit import record

_SESSION_KEY = "calendar_sign_in"
_STATE_SECONDS = 600
_OPEN_STATES = 5


def start_sign_in(
    *, session: MutableMapping[str, Any], provider_key: str, hint: str, account_id: int | None
) -> str:
    """Remember this sign-in in the browser's session and return the consent address. Raises KeyError."""
    state = secrets.token_urlsafe(32)
    start = provider_of(provider_key).begin_sign_in(
        redirect_uri=redirect_uri(provider_key), state=state, hint=hint
    )
    opened = {
        "provider": provider_key,
        "verifier": start.verifier,
        "account": account_id,
        "until": time.time() + _STATE_SECONDS,
    }
    known = {**session.get(_SESSION_KEY, {}), state: opened}
    session[_SESSION_KEY] = dict(list(known.items())[-_OPEN_STATES:])
    return start.url


def finish_sign_in(
    *,
    session: MutableMapping[str, Any],
    provider_key: str,
    answer: Mapping[str, str],
    by: User,
    now: datetime,
) -> Account:
    """Turn the redirect into a connected account. Raises ConnectRefused, SignInRefused or a SyncError.

    With OtherMailbox the grant waits in the session (`offers`) for the decision of its owner.
    """
    opened = _take_state(session, answer.get("state", ""), provider_key)
    grant = provider_of(provider_key).finish_sign_in(
        redirect_uri=redirect_uri(provider_key),
        state=answer["state"],
        verifier=opened["verifier"],
        answer=answer,
    )
    calendars = calendars_of(provider_key, grant)
    grant = _named(grant, calendars)
    try:
        return connect_account(
            provider_key=provider_key,
            grant=grant,
            calendars=calendars,
            reconnects=opened["account"],
            by=by,
            now=now,
        )
    except OtherMailbox as refusal:
        put_aside(session=session, account_id=refusal.account_id, offer=Offer(provider_key, grant))
        raise


def account_to_reconnect(*, session: Mapping[str, Any], state: str) -> int | None:
    """Which account the sign-in opened under `state` is to reconnect; None for a new one, or a state unknown here."""
    opened = session.get(_SESSION_KEY, {}).get(state)
    return opened["account"] if opened else None


def calendars_of(provider_key: str, grant: Grant) -> tuple[RemoteCalendar, ...]:
    """What a new grant may see. Raises a SyncError; outside any transaction."""
    mailbox = provider_of(provider_key).open(grant.credentials)
    try:
        return mailbox.list_calendars()
    finally:
        mailbox.close()


@transaction.atomic
def connect_account(
    *,
    provider_key: str,
    grant: Grant,
    calendars: tuple[RemoteCalendar, ...],
    reconnects: int | None,
    by: User,
    now: datetime,
) -> Account:
    """Create the account, or revive the one with the same subject: same row, same ids, same calendars."""
    account, _is_new = Account.objects.select_for_update().get_or_create(
        tenant=by.tenant,
        provider=provider_key,
        host="",
        subject=grant.subject,
        defaults={"owner": by, "connected_at": now},
    )
    if account.owner_id != by.pk:
        raise _taken(account)
    if reconnects is not None and account.pk != reconnects and _is_there(reconnects):
        raise OtherMailbox(reconnects)
    if _is_half_removed(account):
        account.calendars.all().delete()  # begin anew rather than continue from a position
    _revive(account, grant)
    account.save()
    store_list(account=account, calendars=calendars, now=now)
    distrust_channels(account=account, now=now)
    wake(account=account, now=now)
    record(
        tenant=account.tenant,
        by=by,
        action=AuditEntry.Action.ACCOUNT_CONNECTED,
        subject=account.address,
        module=CALENDAR.key,
    )
    return account


def redirect_uri(provider_key: str) -> str:
    """The address to register at the provider."""
    return settings.PUBLIC_URL + reverse("calendar-callback", args=[provider_key])


def _taken(account: Account) -> MailboxTaken:
    """Why somebody else's mailbox cannot be connected: in use, kept, or about to be free."""
    if account.closing_since is not None and not account.keeps_copies:
        return MailboxLeaving()
    return MailboxKept() if account.is_ended else MailboxTaken()


def _is_there(account_id: int) -> bool:
    """Whether the account to reconnect still exists: it may have been removed during the sign-in."""
    return Account.objects.filter(PRESENT, pk=account_id).exists()


def _is_half_removed(account: Account) -> bool:
    is_closing = account.closing_since is not None and not account.keeps_copies
    return is_closing and account.auth_state == Account.AuthState.ENDED


def _revive(account: Account, grant: Grant) -> None:
    credentials = dict(grant.credentials)
    if not credentials.get("refresh_token") and account.sealed_credentials:
        with contextlib.suppress(SecretUnreadable):
            credentials["refresh_token"] = account.credentials.get("refresh_token", "")
    account.address, account.display_name = grant.address, grant.name
    account.seal_credentials(credentials)
    account.cred_version += 1
    account.auth_state = Account.AuthState.OK
    account.error_code = account.error_detail = ""
    account.error_at = account.blocked_until = account.refreshing_until = None
    account.stopped_at = account.closing_since = account.told_at = None
    account.stopped_by, account.keeps_copies = "", False


def _take_state(session: MutableMapping[str, Any], state: str, provider_key: str) -> dict[str, Any]:
    """The sign-in this session opened under `state`; usable once."""
    known = dict(session.get(_SESSION_KEY, {}))
    opened: dict[str, Any] | None = known.pop(state, None)
    session[_SESSION_KEY] = known
    if opened is None or opened["provider"] != provider_key or opened["until"] < time.time():
        raise StateUnknown
    return opened


def _named(grant: Grant, calendars: tuple[RemoteCalendar, ...]) -> Grant:
    """Who this is, by the primary calendar where the provider sent no identity."""
    if grant.subject and grant.address:
        return grant
    primary = next((calendar.remote_id for calendar in calendars if calendar.is_primary), "")
    if not (grant.subject or primary):
        raise ConnectRefused(_("The provider did not say whose account this is. Please try again."))
    return Grant(
        subject=grant.subject or primary,
        address=grant.address or primary.casefold(),
        name=grant.name,
        credentials=grant.credentials,
        scopes=grant.scopes,
    )
