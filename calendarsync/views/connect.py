"""Start synchronization, and the way back from the provider."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from calendarsync.errors import SyncError, sentence_of
from calendarsync.providers import PROVIDERS
from calendarsync.providers.base import SignInRefused
from calendarsync.services.connect import account_to_reconnect, finish_sign_in, start_sign_in
from calendarsync.services.refusals import ConnectRefused, OtherMailbox
from calendarsync.services.replace import decline
from calendarsync.text import clean_line
from calendarsync.views.access import calendar_page, own_account
from calendarsync.views.refusal import refused
from marketplace.access import MemberRequest

# What a database can hold and a mail address can have (RFC 5321 4.5.3.1); Python refuses to read endless numbers.
_LONGEST_NUMBER, _LONGEST_ADDRESS = 19, 320


@calendar_page
@require_POST
def connect(request: MemberRequest, provider: str) -> HttpResponse:
    """Send the browser to the provider's consent page; `account` in the form reconnects that account."""
    if provider not in PROVIDERS:
        raise Http404
    account_id = request.POST.get("account", "")[:_LONGEST_NUMBER]
    account = own_account(request, int(account_id)) if account_id.isdecimal() else None
    if account:  # choosing the right account now declines another one that was offered
        decline(account=account, session=request.session)
    url = start_sign_in(
        session=request.session,
        provider_key=provider,
        hint=account.address if account else clean_line(request.POST.get("address"))[:_LONGEST_ADDRESS],
        account_id=account.pk if account else None,
    )
    return redirect(url)


@calendar_page
@require_GET
def callback(request: MemberRequest, provider: str) -> HttpResponse:
    """The provider sent the browser back: with a code, with an error, or somebody forged it."""
    if provider not in PROVIDERS:
        raise Http404
    state = request.GET.get("state", "")
    reconnects = account_to_reconnect(session=request.session, state=state)
    try:
        account = finish_sign_in(
            session=request.session,
            provider_key=provider,
            answer=request.GET.dict(),
            by=request.user,
            now=timezone.now(),
        )
    except SignInRefused as refusal:
        return refused(request, provider, refusal.code, sentence_of(refusal.code), reconnects)
    except OtherMailbox as other:
        return redirect("calendar-replace", other.account_id)
    except (ConnectRefused, SyncError) as error:
        return refused(request, provider, error.code, error.sentence, reconnects)
    messages.success(request, _("%(address)s is connected.") % {"address": account.address})
    return redirect("calendar")
