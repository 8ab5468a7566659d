"""What belongs to a person: accounts that are connected or left their copies, and the calendars in them."""

from django.db.models import Q, QuerySet

from calendarsync.models import Account, Calendar
from calendarsync.models.account import CONNECTED, PRESENT
from calendarsync.models.calendar import FOLLOWED
from marketplace.models import User


def own_accounts(user: User) -> QuerySet[Account]:
    """The accounts of a person: connected, or disconnected with their copies kept."""
    return Account.objects.filter(PRESENT, owner=user)


def connected_accounts(user: User) -> QuerySet[Account]:
    """Only those that are connected: the others bring nothing new and cannot be told anything."""
    return Account.objects.filter(CONNECTED, owner=user)


def own_calendars(user: User) -> QuerySet[Calendar]:
    """The calendars in a person's accounts, chosen or not."""
    there = Q(account__closing_since=None) | Q(account__keeps_copies=True)
    return Calendar.objects.filter(there, account__owner=user)


def visible_calendars(user: User) -> QuerySet[Calendar]:
    """Those of them that are synchronised and still there, or kept, with their accounts."""
    return own_calendars(user).filter(FOLLOWED).select_related("account")


def calendar_to_retry(user: User, calendar_id: int) -> Calendar | None:
    """A chosen calendar of a connected account, with its account; None for any other."""
    chosen = Calendar.objects.filter(selected=True, account__in=connected_accounts(user))
    return chosen.filter(pk=calendar_id).select_related("account").first()


def ended_by_now(user: User, account_id: int) -> bool:
    """Whether a person's connection has ended and its copies are going."""
    return Account.objects.filter(owner=user, pk=account_id).exclude(PRESENT).exists()
