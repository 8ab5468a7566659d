"""What every page shows around its content: the menu and the sync pill; and which page comes first."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from activities.selectors.calendar_one import calendar_one_is_shown
from calendarsync.selectors.banner import banner_from
from calendarsync.selectors.pill import known_of, pill_from
from calendarsync.views.banner import SESSION_KEY
from marketplace.catalogue import CALENDAR
from marketplace.models import User
from marketplace.selectors import installation_of, is_active


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context of the frame; empty for visitors who are not logged in."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or user.tenant is None:
        return {}
    installation = installation_of(CALENDAR.key)
    frame = {"calendar_is_active": False, "shows_calendar_1": calendar_one_is_shown(installation)}
    if installation is None or not installation.is_active:
        return frame
    known = known_of(user)
    banner = banner_from(known, request.session.get(SESSION_KEY, ()))
    return {**frame, "calendar_is_active": True, "pill": pill_from(known), "banner": banner}


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The calendar that the menu shows first."""
    return redirect("calendar" if is_active(CALENDAR.key) else "calendar-1")
