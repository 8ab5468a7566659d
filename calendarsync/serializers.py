"""Shapes of the calendar's REST resources."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from calendarsync.domain import AllDay
from calendarsync.models import Calendar, Event
from calendarsync.selectors.details import read_only_reason
from calendarsync.selectors.range_view import Item
from calendarsync.services.disconnect import Copies


class RangeQuery(serializers.Serializer[dict[str, Any]]):
    """Query of the range view. Instants need an offset; `to` is exclusive."""

    MAX_DAYS = 400
    # Beyond these years no provider's event is believed, and arithmetic with time zones overflows.
    FIRST_YEAR, LAST_YEAR = 1900, 2200

    to = serializers.DateTimeField()
    calendars = serializers.RegexField(
        r"^[0-9]{1,18}(,[0-9]{1,18})*$",
        required=False,
        max_length=2000,
        help_text="Only these ids, comma-separated",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is a keyword in Python, hence added by name."""
        return {"from": serializers.DateTimeField(), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The range lies in years that calendars have, runs forward and is at most MAX_DAYS long."""
        for name, moment in attrs.items():
            if isinstance(moment, datetime) and not self.FIRST_YEAR <= moment.year <= self.LAST_YEAR:
                years = {"first": self.FIRST_YEAR, "last": self.LAST_YEAR}
                raise serializers.ValidationError(
                    {name: _("must lie between %(first)s and %(last)s") % years}
                )
        if attrs["to"] <= attrs["from"]:
            raise serializers.ValidationError({"to": _("must be later than from")})
        if (attrs["to"] - attrs["from"]) > timedelta(days=self.MAX_DAYS):
            too_long = _("at most %(days)s days after from") % {"days": self.MAX_DAYS}
            raise serializers.ValidationError({"to": too_long})
        return attrs


class ItemSerializer(serializers.Serializer[Item]):
    """One thing on the calendar. Timed: instants in UTC; all-day: dates, `end` exclusive."""

    id = serializers.CharField(
        source="key", help_text="Stable on the page: event, or event and original start"
    )
    event = serializers.IntegerField(source="event.pk")
    calendar = serializers.IntegerField(source="calendar.pk")
    original_start = serializers.CharField(
        help_text="Names one occurrence of a series; empty for other events"
    )
    title = serializers.CharField(source="event.title")
    start = serializers.SerializerMethodField()
    end = serializers.SerializerMethodField()
    all_day = serializers.SerializerMethodField()
    time_zone = serializers.CharField(source="event.tzid")
    location = serializers.CharField(source="event.location")
    status = serializers.CharField(source="event.status")
    busy = serializers.CharField(source="event.busy")
    visibility = serializers.CharField(source="event.visibility")
    response = serializers.CharField(
        source="event.my_response", help_text="Own answer; empty when not invited"
    )
    recurring = serializers.SerializerMethodField()
    special = serializers.CharField(source="event.special")
    colour = serializers.CharField(source="event.colour", help_text="#rrggbb of the event itself, else empty")
    conference_url = serializers.CharField(source="event.conference_url")

    def get_start(self, item: Item) -> str:
        """Start as ISO 8601."""
        return _iso(item.when.start)

    def get_end(self, item: Item) -> str:
        """End as ISO 8601, exclusive."""
        return _iso(item.when.end)

    def get_all_day(self, item: Item) -> bool:
        """Whether start and end are dates."""
        return isinstance(item.when, AllDay)

    def get_recurring(self, item: Item) -> bool:
        """Whether it belongs to a series."""
        return bool(item.original_start or item.event.master_remote_id)


class RangeSerializer(serializers.Serializer[dict[str, Any]]):
    """Answer of the range view."""

    revision = serializers.CharField(help_text="Changes with every commit visible in these calendars")
    time_zone = serializers.CharField(help_text="Zone of the tenant, in which the page is shown")
    events = ItemSerializer(many=True)


class PersonSerializer(serializers.Serializer[dict[str, Any]]):
    """An attendee or the organiser."""

    address = serializers.CharField(default="")
    name = serializers.CharField(default="")
    response = serializers.CharField(default="none")
    optional = serializers.BooleanField(default=False)
    resource = serializers.BooleanField(default=False)
    me = serializers.BooleanField(default=False)


class EventSerializer(serializers.ModelSerializer[Event]):
    """One event in full; the details panel shows exactly this."""

    calendar_name = serializers.CharField(source="calendar.name")
    account_address = serializers.CharField(source="calendar.account.address")
    start = serializers.SerializerMethodField()
    end = serializers.SerializerMethodField()
    all_day = serializers.SerializerMethodField()
    attendees = PersonSerializer(many=True)
    organiser = PersonSerializer(allow_null=True)
    read_only_reason = serializers.SerializerMethodField()

    class Meta:
        model = Event
        fields = (
            "id", "calendar", "calendar_name", "account_address", "kind", "title", "description", "location", "start",
            "end", "all_day", "tzid", "status", "busy", "visibility", "special", "my_response", "organiser",
            "attendees", "recurrence", "conference_url", "html_link", "remote_updated_at", "read_only_reason",
        )  # fmt: skip
        read_only_fields = fields

    def get_start(self, event: Event) -> str:
        """Start as ISO 8601; a series shows its first."""
        return _iso(event.when.start)

    def get_end(self, event: Event) -> str:
        """End as ISO 8601, exclusive."""
        return _iso(event.when.end)

    def get_all_day(self, event: Event) -> bool:
        """Whether start and end are dates."""
        return isinstance(event.when, AllDay)

    def get_read_only_reason(self, event: Event) -> str:
        """Why it cannot be edited here; empty when nothing forbids it."""
        return str(read_only_reason(event))


class CalendarSerializer(serializers.ModelSerializer[Calendar]):
    """One synchronised calendar and how its reading stands."""

    class Meta:
        model = Calendar
        fields = (
            "id", "account", "name", "colour", "time_zone", "can_write", "is_primary", "selected", "receives_new",
            "phase", "last_ok_at", "next_poll_at", "revision", "progress_done", "progress_total", "error_code",
        )  # fmt: skip
        read_only_fields = tuple(set(fields) - {"colour", "selected", "receives_new"})

    colour = serializers.RegexField(r"^#[0-9a-fA-F]{6}$", required=False)


class ProgressSerializer(serializers.Serializer[Any]):
    """The first import."""

    done = serializers.IntegerField()
    total = serializers.IntegerField(help_text="0 while unknown")
    share = serializers.FloatField(help_text="0 to 1")


class AccountSerializer(serializers.Serializer[Any]):
    """One connection with its honest state."""

    id = serializers.IntegerField(source="account.pk")
    provider = serializers.CharField(source="account.provider")
    protocol = serializers.CharField(source="provider.protocol")
    address = serializers.CharField(source="account.address")
    connected_at = serializers.DateTimeField(source="account.connected_at")
    state = serializers.CharField(source="status.state.value")
    ended = serializers.BooleanField(
        source="is_ended", help_text="Disconnected; only what was here is kept, read-only"
    )
    tone = serializers.CharField(source="status.tone")
    words = serializers.CharField()
    sentence = serializers.CharField(source="status.sentence")
    last_ok_at = serializers.DateTimeField(source="status.last_ok_at", allow_null=True)
    next_run_at = serializers.DateTimeField(source="status.next_run_at", allow_null=True)
    error_code = serializers.CharField(source="status.error_code")
    skipped = serializers.IntegerField(source="status.skipped")
    events = serializers.IntegerField(source="event_total")
    progress = ProgressSerializer(source="status.progress", allow_null=True)


class DisconnectSerializer(serializers.Serializer[Any]):
    """What becomes of the appointments that were synchronised."""

    copies = serializers.ChoiceField(
        choices=[(choice.value, choice.value) for choice in Copies], default=Copies.REMOVE.value
    )


class StatusSerializer(serializers.Serializer[Any]):
    """What the pill says; of a Pill."""

    state = serializers.CharField()
    tone = serializers.CharField()
    words = serializers.CharField()
    progress = ProgressSerializer(allow_null=True)


def _iso(moment: date | datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
