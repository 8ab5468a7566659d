"""The page after a sign-in that came to nothing: what happened, what it means, what to do."""

import structlog
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calendarsync.errors import Actor, ApprovalNeeded, PermissionMissing, SetupFaulty, SyncError, Throttled
from calendarsync.providers import provider_of
from marketplace.access import MemberRequest

log = structlog.get_logger(__name__)

# Sentences of a running synchronisation promise that we go on by ourselves; after a sign-in only the user can.
_SENTENCES: dict[str, str | Promise] = {
    "denied": _("You cancelled. Nothing was connected."),
    "failed": _("The sign-in did not succeed. Nothing was connected; please try again."),
    Throttled.code: _(
        "%(provider)s is limiting us. Nothing was connected; please try again in some minutes."
    ),
    SetupFaulty.code: _(
        "This CRM is not set up correctly at %(provider)s. Its operator has been told and has to act first."
    ),
    PermissionMissing.code: _(
        "You did not tick the permission for your calendar, so nothing was connected. Try again and allow it."
    ),
    ApprovalNeeded.code: ApprovalNeeded.sentence,
}
_NO_PROPER_ANSWER = _("%(provider)s does not answer properly. Nothing was connected; please try again later.")


def refused(
    request: MemberRequest, provider: str, code: str, sentence: str | Promise, account_id: int | None
) -> HttpResponse:
    """A page with a sentence and the way to try again, with the same account to reconnect; nothing was connected."""
    error = SyncError.by_code.get(code)
    if error is not None and error.actor is Actor.US:
        log.error("operator_needed", error=code, provider=provider)
    found = provider_of(provider)
    said = _SENTENCES.get(code, sentence if error is None else _NO_PROPER_ANSWER)
    context = {
        "sentence": str(said) % {"provider": found.name},
        "code": code,
        "account_id": account_id,
        "provider": found,
        "client_id": found.client_id(),
    }
    return render(request, "calendarsync/connect_refused.html", context, status=400)
