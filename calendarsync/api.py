"""REST resources of the calendar: the range view, events, calendars, accounts, status."""

from typing import Any, cast

from django.http import Http404
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from calendarsync import serializers
from calendarsync.domain import Window
from calendarsync.fingerprints import fingerprint
from calendarsync.models import Calendar
from calendarsync.selectors.details import event_for, search
from calendarsync.selectors.own import (
    calendar_to_retry,
    connected_accounts,
    own_accounts,
    own_calendars,
    visible_calendars,
)
from calendarsync.selectors.pill import pill_of
from calendarsync.selectors.range_view import Item, items_between, revision_of
from calendarsync.selectors.settings_tab import cards_of
from calendarsync.services import choose_calendars, control
from calendarsync.services.disconnect import Copies, disconnect
from calendarsync.text import clean_line
from marketplace.catalogue import CALENDAR
from marketplace.models import User
from marketplace.selectors import is_active

_SEARCH_LIMIT = 50


class ModuleIsActive(BasePermission):
    """Without the Calendar module there is no calendar."""

    code = "module_inactive"

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the tenant in scope uses Calendar 2.0."""
        self.message = _("Calendar 2.0 is not active. Ask your administrator to activate it.")
        return is_active(CALENDAR.key)


class CalendarView(APIView):
    """Base of everything here: a login and the active module."""

    permission_classes = (IsAuthenticated, ModuleIsActive)

    @property
    def user(self) -> User:
        """The logged-in person."""
        return cast("User", self.request.user)


class RangeView(CalendarView):
    """What happens between two moments."""

    @extend_schema(
        operation_id="calendar_range",
        parameters=[
            OpenApiParameter("from", str, required=True, description="ISO 8601 with offset"),
            OpenApiParameter("to", str, required=True, description="ISO 8601 with offset, exclusive"),
            OpenApiParameter("calendars", str, description="Only these ids, comma-separated"),
        ],
        responses=serializers.RangeSerializer,
    )
    def get(self, request: Request) -> Response:
        """Events and occurrences that overlap the range. Send the ETag back to get 304 while nothing changed."""
        query = serializers.RangeQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        calendars = self._calendars(query.validated_data.get("calendars"))
        zone = self.user.tenant_zone
        question = {"zone": zone.key, "revisions": revision_of(calendars), **request.query_params}
        etag = f'"{fingerprint(question)}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headers=headers)
        window = Window(query.validated_data["from"], query.validated_data["to"])
        items: list[Item] = items_between(calendars, window, zone)
        answer = {
            "revision": revision_of(calendars),
            "time_zone": zone.key,
            "events": items,
        }
        return Response(serializers.RangeSerializer(answer).data, headers=headers)

    def _calendars(self, ids: str | None) -> list[Calendar]:
        chosen = visible_calendars(self.user).order_by("pk")
        return list(chosen.filter(pk__in=ids.split(",")) if ids else chosen)


class EventView(CalendarView):
    """One event."""

    @extend_schema(operation_id="event", responses=serializers.EventSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Everything about one event of an own calendar."""
        event = event_for(self.user, pk)
        if event is None:
            raise Http404
        return Response(serializers.EventSerializer(event).data)


class SearchView(CalendarView):
    """Finding events by words."""

    @extend_schema(
        operation_id="event_search",
        parameters=[OpenApiParameter("q", str, required=True)],
        responses=serializers.EventSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Up to 50 events whose title, place or people contain all the words; what is ahead comes first."""
        words = clean_line(request.query_params.get("q"))[:200]
        found = search(self.user, words, limit=_SEARCH_LIMIT, now=timezone.now()) if words else []
        return Response(serializers.EventSerializer(found, many=True).data)


class CalendarsView(CalendarView):
    """Calendars of the own accounts."""

    @extend_schema(operation_id="calendars", responses=serializers.CalendarSerializer(many=True))
    def get(self, request: Request) -> Response:
        """All calendars, chosen or not."""
        calendars = own_calendars(self.user)
        return Response(serializers.CalendarSerializer(calendars, many=True).data)


class OneCalendarView(CalendarView):
    """One calendar's choices."""

    @extend_schema(
        operation_id="calendar_choose",
        request=serializers.CalendarSerializer,
        responses=serializers.CalendarSerializer,
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Choose whether it is synchronised, its colour, and whether new meetings go there (only `true`)."""
        calendar = self._calendar(pk)
        change = serializers.CalendarSerializer(calendar, data=request.data, partial=True)
        change.is_valid(raise_exception=True)
        wanted: dict[str, Any] = change.validated_data
        if wanted.get("receives_new"):
            choose_calendars.choose_receiver(calendar=calendar)
        if "colour" in wanted:
            choose_calendars.choose_colour(calendar=calendar, colour=wanted["colour"])
        if "selected" in wanted:
            choose_calendars.choose_one(calendar=calendar, selected=wanted["selected"], now=timezone.now())
        return Response(serializers.CalendarSerializer(self._calendar(pk)).data)

    def _calendar(self, pk: int) -> Calendar:
        connected = own_calendars(self.user).filter(account__in=connected_accounts(self.user))
        there = connected.exclude(phase=Calendar.Phase.GONE)
        calendar = there.filter(pk=pk).select_related("account").first()
        if calendar is None:
            raise Http404
        return calendar


class AccountsView(CalendarView):
    """Connections of the logged-in person."""

    @extend_schema(operation_id="accounts", responses=serializers.AccountSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every connected account with its state in words."""
        return Response(serializers.AccountSerializer(cards_of(self.user, timezone.now()), many=True).data)


class AccountActionView(CalendarView):
    """The buttons of the settings tab."""

    @extend_schema(operation_id="account_act", request=None, responses={204: None})
    def post(self, request: Request, pk: int, action: str) -> Response:
        """sync-now, pause, restart or check-again, of a connected account."""
        account = connected_accounts(self.user).filter(pk=pk).first()
        if account is None or action not in control.ACTIONS:
            raise Http404
        control.ACTIONS[action](account=account, now=timezone.now())
        return Response(status=204)


class AccountDisconnectView(CalendarView):
    """Ending a connection."""

    @extend_schema(
        operation_id="account_disconnect",
        request=serializers.DisconnectSerializer,
        responses={204: None},
    )
    def post(self, request: Request, pk: int) -> Response:
        """End it and remove or keep what was synchronised. Nothing at the provider is changed.

        For an account that has ended with its copies kept, `remove` removes them.
        """
        account = own_accounts(self.user).filter(pk=pk).first()
        if account is None:
            raise Http404
        choice = serializers.DisconnectSerializer(data=request.data)
        choice.is_valid(raise_exception=True)
        copies = Copies(choice.validated_data["copies"])
        disconnect(account=account, by=self.user, now=timezone.now(), copies=copies)
        return Response(status=204)


class RetrySkippedView(CalendarView):
    """Reading again what was skipped."""

    @extend_schema(operation_id="calendar_retry_skipped", request=None, responses={204: None})
    def post(self, request: Request, pk: int) -> Response:
        """Read one chosen calendar completely again; what can be read by now leaves the list of skipped items."""
        calendar = calendar_to_retry(self.user, pk)
        if calendar is None:
            raise Http404
        control.retry_skipped(calendar=calendar, now=timezone.now())
        return Response(status=204)


class StatusView(CalendarView):
    """The sync pill."""

    @extend_schema(operation_id="sync_status", responses=serializers.StatusSerializer)
    def get(self, request: Request) -> Response:
        """The most urgent state of all accounts, and the progress of a running import."""
        return Response(serializers.StatusSerializer(pill_of(self.user)).data)


urlpatterns = [
    path("calendar/", RangeView.as_view(), name="api-calendar"),
    path("events/search/", SearchView.as_view(), name="api-event-search"),
    path("events/<int:pk>/", EventView.as_view(), name="api-event"),
    path("calendars/", CalendarsView.as_view(), name="api-calendars"),
    path("calendars/<int:pk>/", OneCalendarView.as_view(), name="api-calendar-choices"),
    path("accounts/", AccountsView.as_view(), name="api-accounts"),
    path("calendars/<int:pk>/retry-skipped/", RetrySkippedView.as_view(), name="api-calendar-retry"),
    path("accounts/<int:pk>/disconnect/", AccountDisconnectView.as_view(), name="api-account-disconnect"),
    path("accounts/<int:pk>/<slug:action>/", AccountActionView.as_view(), name="api-account-act"),
    path("sync-status/", StatusView.as_view(), name="api-sync-status"),
]
