"""Refreshing a grant once, however many lanes notice at the same moment.

Whoever wins a conditional UPDATE refreshes; the result is stored only over the version it started from, so an old
answer that arrives late never replaces a newer one.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q

from calendarsync.errors import ReconnectNeeded, RefreshElsewhere, SyncError
from calendarsync.models import Account
from calendarsync.providers import provider_of
from carerix_calendar.lib.crypto import SecretUnreadable

_ASK_AGAIN_SECONDS = 2


def fresh_credentials(
    account: Account, now: datetime, *, refused_version: int | None = None
) -> dict[str, Any]:
    """Credentials whose access token still lives; refreshes when needed or when `refused_version` got a 401.

    Raises ReconnectNeeded, Unavailable, or RefreshElsewhere while another worker is at it.
    """
    credentials = _open(account)
    if not _is_stale(account, credentials, now, refused_version):
        return credentials
    # Another worker may have refreshed since this row was read.
    account.refresh_from_db(fields=["sealed_credentials", "cred_version", "refreshing_until"])
    credentials = _open(account)
    if not _is_stale(account, credentials, now, refused_version):
        return credentials
    _claim_refresh(account, now)
    renewed = _refreshed(account, credentials)
    return renewed if store_credentials(account, renewed) else _adopt(account)


def _is_stale(
    account: Account, credentials: dict[str, Any], now: datetime, refused_version: int | None
) -> bool:
    was_refused = account.cred_version == refused_version
    return was_refused or provider_of(account.provider).needs_refresh(credentials, now.timestamp())


def store_credentials(account: Account, credentials: dict[str, Any]) -> bool:
    """Save over the version we read; False when somebody stored newer ones meanwhile."""
    account.seal_credentials(credentials)
    stored = Account.objects.filter(pk=account.pk, cred_version=account.cred_version).update(
        sealed_credentials=account.sealed_credentials,
        cred_version=F("cred_version") + 1,
        refreshing_until=None,
    )
    account.cred_version += stored
    return stored == 1


def _open(account: Account) -> dict[str, Any]:
    """The secrets in clear. When their key is lost, only a new sign-in helps."""
    try:
        return account.credentials
    except SecretUnreadable as error:
        raise ReconnectNeeded(reason=error.code) from error


def _claim_refresh(account: Account, now: datetime) -> None:
    # As long as the request can take: a worker killed during it holds up its mailbox no longer than that.
    longest = timedelta(seconds=settings.HTTP_CONNECT_TIMEOUT + settings.HTTP_READ_TIMEOUT)
    free = Q(refreshing_until=None) | Q(refreshing_until__lt=now)
    won = Account.objects.filter(free, pk=account.pk, cred_version=account.cred_version).update(
        refreshing_until=now + longest
    )
    if won != 1:
        raise RefreshElsewhere(retry_at=now + timedelta(seconds=_ASK_AGAIN_SECONDS))


def _refreshed(account: Account, credentials: dict[str, Any]) -> dict[str, Any]:
    """Ask the provider; when it fails, the next one may try as soon as its own waiting is over."""
    try:
        return provider_of(account.provider).refresh(credentials)
    except SyncError:
        same = Account.objects.filter(pk=account.pk, cred_version=account.cred_version)
        same.update(refreshing_until=None)
        raise


def _adopt(account: Account) -> dict[str, Any]:
    account.refresh_from_db(fields=["sealed_credentials", "cred_version"])
    return account.credentials
