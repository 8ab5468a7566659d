"""The Calendar 2.0 page."""

from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from calendarsync.selectors.own import visible_calendars
from calendarsync.selectors.pill import pill_of
from calendarsync.selectors.states import State
from calendarsync.views.access import calendar_page
from calendarsync.views.page_settings import page_settings
from marketplace.access import MemberRequest


@calendar_page
@require_GET
def calendar(request: MemberRequest) -> HttpResponse:
    """The calendar, or the invitation to start synchronising (`?step=choose` asks which provider)."""
    user = request.user
    pill = pill_of(user)
    calendars = list(visible_calendars(user))
    if pill.state == State.NOT_STARTED and not calendars:
        choosing = request.GET.get("step") == "choose"
        return render(request, "calendarsync/start.html", {"choosing": choosing})
    context = {
        "calendars": calendars,
        "progress": pill.progress,
        "settings": page_settings(user, calendars),
        "zones": [_city(zone) for zone in (user.tenant_zone, user.zone)],
    }
    return render(request, "calendarsync/calendar.html", context)


def _city(zone: ZoneInfo) -> str:
    """The place a zone is named after, as people say it: "New York"."""
    return zone.key.rpartition("/")[2].replace("_", " ")
