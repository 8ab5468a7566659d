"""Ending a connection: asked first, with what becomes of its appointments here; and the way back."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from calendarsync.models import Account
from calendarsync.providers import provider_of
from calendarsync.selectors.own import ended_by_now
from calendarsync.selectors.settings_tab import kept_events
from calendarsync.services.disconnect import Copies, disconnect, take_back
from calendarsync.views.access import calendar_page, own_account
from marketplace.access import MemberRequest
from marketplace.toasts import confirm_with_undo


@calendar_page
@require_http_methods(["GET", "POST"])
def confirm_disconnect(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask first, saying what happens; then disconnect. A second click finds it done."""
    if request.method == "POST" and ended_by_now(request.user, pk):
        return redirect("calendar-sync")
    account = own_account(request, pk)
    if request.method == "GET":
        return render(request, _question(account), _context(account))
    copies = chosen_copies(request)
    if disconnect(account=account, by=request.user, now=timezone.now(), copies=copies):
        _say(request, account, copies)
    return redirect("calendar-sync")


@calendar_page
@require_POST
def undo_disconnect(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a disconnect back, while that is possible."""
    account = Account.objects.filter(owner=request.user, pk=pk).first()
    if account is None:
        raise Http404
    if take_back(account=account, by=request.user, now=timezone.now()):
        messages.success(request, _("%(address)s stays connected.") % {"address": account.address})
    elif account.is_ended:
        messages.warning(request, _("That was too late. You can connect the same account again."))
    return redirect("calendar-sync")


def chosen_copies(request: MemberRequest) -> Copies:
    """What the form asks for; anything unknown is the usual choice."""
    return Copies.KEEP if request.POST.get("copies") == Copies.KEEP else Copies.REMOVE


def _question(account: Account) -> str:
    """Kept copies can only go; a connection that works can end in two ways."""
    return f"calendarsync/{'remove_copies' if account.is_ended else 'disconnect'}.html"


def _context(account: Account) -> dict[str, object]:
    return {
        "account": account,
        "provider": provider_of(account.provider),
        "events": kept_events(account),
    }


def _say(request: MemberRequest, account: Account, copies: Copies) -> None:
    """What was done; `account` as it was before. What a connection left cannot be brought back."""
    if account.is_ended:
        messages.success(
            request, _("The copies of %(address)s are being removed.") % {"address": account.address}
        )
        return
    said = {
        Copies.REMOVE: _("%(address)s is disconnected."),
        Copies.KEEP: _("%(address)s is disconnected; its appointments stay here."),
    }
    undo = reverse("calendar-undo-disconnect", args=[account.pk])
    confirm_with_undo(request, said[copies] % {"address": account.address}, undo=undo)
