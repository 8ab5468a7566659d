"""My profile > Calendar sync settings: how it is, and the buttons."""

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calendarsync.forms import CalendarsForm
from calendarsync.models import Account
from calendarsync.providers import PROVIDERS, provider_of
from calendarsync.selectors.own import calendar_to_retry
from calendarsync.selectors.settings_tab import Action, Card, cards_of
from calendarsync.services import control
from calendarsync.services.choose_calendars import choose_calendars
from calendarsync.views.access import calendar_page, connected_account
from marketplace.access import MemberRequest
from marketplace.toasts import confirm_with_undo

# What is said once an action of `control.ACTIONS` is done.
DONE = {
    Action.SYNC_NOW: _("Looking for changes now."),
    Action.CHECK_AGAIN: _("Asking again whether this app may synchronise."),
    Action.PAUSE: _("Paused. Nothing changes here until you restart."),
    Action.RESTART: _("Restarted. Everything is read again; nothing is lost meanwhile."),
}


@calendar_page
@require_GET
def sync_settings(request: MemberRequest) -> HttpResponse:
    """One card for each connected account, or the invitation to connect."""
    return _page(request, _panels(request))


@calendar_page
@require_POST
def act(request: MemberRequest, pk: int, action: str) -> HttpResponse:
    """Sync now, check again, pause, restart. Harmless when repeated."""
    if action not in control.ACTIONS:
        raise Http404
    account, now = connected_account(request, pk), timezone.now()
    control.ACTIONS[action](account=account, now=now)
    said = DONE[Action(action)]
    if action == Action.SYNC_NOW and not account.may_start(now):
        messages.info(request, _("Not now. The card below says why."))
    elif action == Action.PAUSE:
        confirm_with_undo(request, str(said), undo=reverse("calendar-act", args=[pk, Action.RESTART.value]))
    else:
        messages.success(request, said)
    return redirect("calendar-sync")


@calendar_page
@require_http_methods(["GET", "POST"])
def choose(request: MemberRequest, pk: int) -> HttpResponse:
    """Save which calendars of an account are synchronised, their colours, and where new meetings go."""
    if request.method == "GET":  # the address of a refused form, opened again
        return redirect("calendar-sync")
    account = connected_account(request, pk)
    panels = _panels(request, account, request.POST)
    form = next(form for card, form in panels if card.account.pk == pk)
    if not form.is_valid():
        return _page(request, panels, status=422)
    choose_calendars(
        account=account,
        selected=set(form.cleaned_data["selected"]),
        colours=form.colours,
        receiver=form.cleaned_data["receiver"],
        now=timezone.now(),
    )
    messages.success(request, _("Your choice of calendars has been saved."))
    return redirect("calendar-sync")


@calendar_page
@require_POST
def retry_skipped(request: MemberRequest, pk: int) -> HttpResponse:
    """Read one calendar again for the sake of what was skipped."""
    calendar = calendar_to_retry(request.user, pk)
    if calendar is None:
        raise Http404
    control.retry_skipped(calendar=calendar, now=timezone.now())
    messages.success(request, _("“%(calendar)s” is being read again.") % {"calendar": calendar.name})
    return redirect("calendar-sync")


def _panels(
    request: MemberRequest, sent_for: Account | None = None, data: QueryDict | None = None
) -> list[tuple[Card, CalendarsForm]]:
    """Each card with its form; the form of `sent_for` holds what was sent."""
    cards = cards_of(request.user, timezone.now())
    return [
        (card, CalendarsForm(card.calendars, card.events, data if card.account == sent_for else None))
        for card in cards
    ]


def _page(
    request: MemberRequest, panels: list[tuple[Card, CalendarsForm]], *, status: int = 200
) -> HttpResponse:
    context = {"panels": panels, "providers": [provider_of(key) for key in PROVIDERS]}
    return render(request, "calendarsync/sync_settings.html", context, status=status)
