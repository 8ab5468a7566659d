"""Maintenance > Audit log."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace.access import MemberRequest, administrators_only
from marketplace.models import AuditEntry
from marketplace.selectors import audit_trail

PAGE = 50


@administrators_only
@require_safe
def audit_log(request: MemberRequest) -> HttpResponse:
    """Who changed what, newest first; `action` in the address narrows it."""
    action = request.GET.get("action", "")
    if action not in AuditEntry.Action.values:
        action = ""
    page = Paginator(audit_trail(action=action), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "action": action, "actions": AuditEntry.Action.choices}
    return render(request, "marketplace/audit.html", context)
