"""Pages that exist only while the Calendar module is active, and whose account one may touch there."""

from functools import wraps
from typing import ParamSpec

from django.db.models import QuerySet
from django.http import Http404, HttpResponse

from calendarsync.models import Account
from calendarsync.selectors.own import connected_accounts, own_accounts
from marketplace.access import GuardedView, MemberRequest, MemberView, members_only
from marketplace.catalogue import CALENDAR
from marketplace.selectors import is_active

P = ParamSpec("P")


def calendar_page(view: MemberView[P]) -> GuardedView:
    """Demand a login and the active module; 404 without the module, like any page that does not exist."""

    @wraps(view)
    def checked(request: MemberRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not is_active(CALENDAR.key):
            raise Http404
        return view(request, *args, **kwargs)

    return members_only(checked)


def own_account(request: MemberRequest, pk: int) -> Account:
    """An account of the logged-in person, ended ones with copies included; 404 for anybody else's."""
    return _found(own_accounts(request.user), pk)


def connected_account(request: MemberRequest, pk: int) -> Account:
    """A connected account of the logged-in person: one that can still be told something; else 404."""
    return _found(connected_accounts(request.user), pk)


def _found(accounts: QuerySet[Account], pk: int) -> Account:
    account = accounts.filter(pk=pk).first()
    if account is None:
        raise Http404
    return account
