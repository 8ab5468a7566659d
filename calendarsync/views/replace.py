"""Signed in with another account than the one to reconnect: which of the two shall it be?"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from calendarsync.errors import SyncError
from calendarsync.models import Account
from calendarsync.providers import provider_of
from calendarsync.selectors.settings_tab import kept_events
from calendarsync.services.offers import offer_for
from calendarsync.services.refusals import ConnectRefused
from calendarsync.services.replace import decline, replace_account
from calendarsync.views.access import calendar_page, own_account
from calendarsync.views.disconnect import chosen_copies
from calendarsync.views.refusal import refused
from marketplace.access import MemberRequest


@calendar_page
@require_http_methods(["GET", "POST"])
def confirm_replace(request: MemberRequest, pk: int) -> HttpResponse:
    """Name both accounts and what replacing means (GET); replace (POST). Without an offer nothing is asked."""
    account = own_account(request, pk)
    if request.method == "POST":
        return _replace(request, account)
    offer = offer_for(session=request.session, account_id=pk)
    if offer is None:
        return redirect("calendar-sync")
    context = {
        "account": account,
        "provider": provider_of(account.provider),
        "events": kept_events(account),
        "other": offer.grant.address,
    }
    return render(request, "calendarsync/replace.html", context)


def _replace(request: MemberRequest, account: Account) -> HttpResponse:
    try:
        new = replace_account(
            account=account,
            session=request.session,
            copies=chosen_copies(request),
            by=request.user,
            now=timezone.now(),
        )
    except (ConnectRefused, SyncError) as error:
        return refused(request, account.provider, error.code, error.sentence, account.pk)
    said = _("%(old)s was replaced by %(new)s.") % {"old": account.address, "new": new.address}
    messages.success(request, said)
    return redirect("calendar-sync")


@calendar_page
@require_POST
def keep(request: MemberRequest, pk: int) -> HttpResponse:
    """Not after all: the other account's access is given back, this one stays as it is."""
    account = own_account(request, pk)
    decline(account=account, session=request.session)
    messages.info(
        request, _("Nothing was changed: %(address)s is still the one.") % {"address": account.address}
    )
    return redirect("calendar-sync")
