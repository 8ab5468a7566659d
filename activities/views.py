"""The activities page with its export, one activity, and Calendar 1.0."""

from typing import cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from activities.csv_export import csv_response
from activities.filters import ActivityFilter
from activities.models import Activity
from activities.selectors.calendar_one import CalendarOne, calendar_one_is_shown
from activities.selectors.listing import Listing
from marketplace.access import MemberRequest, members_only
from marketplace.catalogue import CALENDAR
from marketplace.selectors import installation_of


def _filtered(request: HttpRequest) -> ActivityFilter:
    return ActivityFilter(request.GET, Activity.objects.with_names(), request=request)


@require_safe
@members_only
def activity_list(request: MemberRequest) -> HttpResponse:
    """Appointments that are not synchronised, tasks, calls and notes of the tenant."""
    chosen = {key: value for key, value in request.GET.items() if value}
    if len(chosen) < len(request.GET):
        return redirect(
            f"{request.path}?{urlencode(chosen)}"
        )  # an address fit to share, without empty fields
    return render(request, "activities/list.html", {"listing": Listing(_filtered(request), request.GET)})


@require_safe
@members_only
def activity_export(request: MemberRequest) -> HttpResponse:
    """The same rows as a CSV file."""
    return cast("HttpResponse", csv_response(request, request.user, _filtered(request).qs))


@require_safe
@members_only
def activity_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Everything about one activity; 404 when it is another tenant's."""
    activity = get_object_or_404(Activity.objects.with_names(), pk=pk)
    return render(request, "activities/detail.html", {"activity": activity})


@require_safe
@members_only
def calendar_one(request: MemberRequest) -> HttpResponse:
    """Calendar 1.0 over the legacy appointments, or the way to its successor."""
    if not calendar_one_is_shown(installation_of(CALENDAR.key)):
        return render(request, "activities/calendar_one_replaced.html")
    calendar = CalendarOne.from_query(request.GET, request.user, timezone.localdate())
    return render(request, "activities/calendar_one.html", {"calendar": calendar})
