"""Bringing stored credentials under the first key of the ring, so that older keys can be dropped."""

from dataclasses import dataclass, field

from django.db.models import QuerySet

from calendarsync.models import Account
from carerix_calendar.lib.crypto import SecretUnreadable, is_current, reseal
from marketplace.tenancy import every_tenant

_BATCH = 200


@dataclass(slots=True)
class Resealing:
    """What it came to; `unreadable` names accounts by id and public id, never by person."""

    resealed: int = 0
    current: int = 0
    unreadable: list[str] = field(default_factory=list)


def reseal_credentials() -> Resealing:
    """Reseal the credentials of every account of every tenant. Safe to repeat and to interrupt."""
    done, last = Resealing(), 0
    with every_tenant():
        while batch := list(_sealed().filter(pk__gt=last)[:_BATCH]):
            for account in batch:
                _reseal(account, done)
            last = batch[-1].pk
    return done


def _sealed() -> QuerySet[Account]:
    return Account.objects.exclude(sealed_credentials="").order_by("pk")


def _reseal(account: Account, done: Resealing) -> None:
    """A refresh that stores newer credentials meanwhile wins; those are sealed with the first key anyway."""
    if is_current(account.sealed_credentials):
        done.current += 1
        return
    try:
        sealed = reseal(account.sealed_credentials)
    except SecretUnreadable:
        done.unreadable.append(f"{account.pk} ({account.public_id})")
        return
    same = Account.objects.filter(pk=account.pk, sealed_credentials=account.sealed_credentials)
    done.resealed += same.update(sealed_credentials=sealed)
