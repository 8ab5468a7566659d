"""Maintenance > Marketplace: the catalogue, one module, its steps and options."""

from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from carerix_calendar.lib.errors import AppError
from marketplace import selectors
from marketplace.access import MemberRequest, administrators_only
from marketplace.catalogue import Module, Option
from marketplace.hooks import hooks_of
from marketplace.services.modules import set_options
from marketplace.steps import module_named, step_named

TRAIL_LENGTH = 20


def _option(module: Module, key: str) -> Option:
    try:
        return module.option(key)
    except KeyError as error:
        raise Http404 from error


@administrators_only
@require_safe
def marketplace(request: MemberRequest) -> HttpResponse:
    """The cards, by category."""
    entries = selectors.catalogue()
    categories = [
        (name, list(group)) for name, group in groupby(entries, key=lambda entry: entry.module.category)
    ]
    return render(request, "marketplace/marketplace.html", {"categories": categories})


@administrators_only
@require_safe
def module(request: MemberRequest, key: str) -> HttpResponse:
    """What a module does, its options, what it has cost, and who changed it."""
    found = module_named(key)
    entry = selectors.module_state(found)
    context = {
        "entry": entry,
        "attention": hooks_of(found).attention(tenant=request.tenant) if entry.is_active else (),
        "about": f"marketplace/{key}/about.html",
        "trail": selectors.audit_trail(module_key=key)[:TRAIL_LENGTH],
        "ledger": selectors.ledger(found)[:12],
    }
    return render(request, "marketplace/module.html", context)


@administrators_only
@require_http_methods(["GET", "POST"])
def step(request: MemberRequest, key: str, name: str) -> HttpResponse:
    """Say what a step will do, with real numbers (GET), and do it (POST)."""
    found, take_step = module_named(key), step_named(name)
    if request.method == "POST":
        try:
            take_step(tenant=request.tenant, module=found, by=request.user)
        except AppError as refusal:
            messages.warning(request, str(refusal))
        return redirect("module", key)
    context = {
        "entry": selectors.module_state(found),
        "facts": hooks_of(found).facts(tenant=request.tenant),
        "step": name,
        "body": f"marketplace/{key}/{name}.html",
    }
    return render(request, "marketplace/step.html", context)


@administrators_only
@require_http_methods(["GET", "POST"])
def option(request: MemberRequest, key: str, option_key: str) -> HttpResponse:
    """Switch an option; for a paid one the page asks for an explicit yes to its fee first."""
    found = module_named(key)
    chosen = _option(found, option_key)
    if request.method == "POST":
        choices = {option_key: request.POST.get("on") == "yes"}
        accepted = chosen.monthly_cents if request.POST.get("accept") == "yes" else 0
        try:
            set_options(
                tenant=request.tenant, module=found, choices=choices, by=request.user, accepted_cents=accepted
            )
        except AppError as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("The option has been changed."))
        return redirect(f"{reverse('module', args=[key])}#options")
    entry = selectors.module_state(found)
    on = next(state.on for state in entry.options if state.option.key == option_key)
    return render(request, "marketplace/option.html", {"entry": entry, "option": chosen, "on": on})
