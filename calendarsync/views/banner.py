"""Putting the banner away for this session."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from calendarsync.views.access import calendar_page
from marketplace.access import MemberRequest

SESSION_KEY = "calendar_banner_dismissed"
_MOST = 20


@calendar_page
@require_POST
def dismiss(request: MemberRequest) -> HttpResponse:
    """Remember what was put away and go back to where one was; a script gets an empty answer."""
    known = request.session.get(SESSION_KEY, [])
    request.session[SESSION_KEY] = [*known, *request.POST.get("keys", "").split()][-_MOST:]
    if request.headers.get("HX-Request"):
        return HttpResponse()
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if is_ours else "home")
