"""What the API says about activities, records and lists. Every field is named on purpose."""

from typing import ClassVar

from rest_framework import serializers

from activities.models import Activity, ActivityType, Facility, Record, RecordAddress, Result
from marketplace.models import User


class ColleagueSerializer(serializers.ModelSerializer[User]):
    """A colleague, as far as others see."""

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["id", "name"]


class ActivityTypeSerializer(serializers.ModelSerializer[ActivityType]):
    """A type; `colour` is #rrggbb."""

    class Meta:
        model = ActivityType
        fields: ClassVar[list[str]] = ["id", "name", "colour", "position", "is_active"]


class ResultSerializer(serializers.ModelSerializer[Result]):
    """An outcome."""

    class Meta:
        model = Result
        fields: ClassVar[list[str]] = ["id", "name", "position", "is_active"]


class FacilitySerializer(serializers.ModelSerializer[Facility]):
    """A room or a thing."""

    class Meta:
        model = Facility
        fields: ClassVar[list[str]] = [
            "id",
            "name",
            "location",
            "description",
            "url",
            "position",
            "is_active",
        ]


class RecordLinkSerializer(serializers.ModelSerializer[Record]):
    """A record as others refer to it."""

    class Meta:
        model = Record
        fields: ClassVar[list[str]] = ["id", "kind", "external_id", "name"]


class RecordSerializer(serializers.ModelSerializer[Record]):
    """A record of the host CRM with the addresses by which attendees are recognised."""

    owner = ColleagueSerializer(allow_null=True)
    addresses: "serializers.SlugRelatedField[RecordAddress]" = serializers.SlugRelatedField(
        "address", many=True, read_only=True
    )

    class Meta:
        model = Record
        fields: ClassVar[list[str]] = [
            "id",
            "kind",
            "external_id",
            "name",
            "headline",
            "owner",
            "addresses",
            "changed_at",
        ]


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    """Timed: `starts_at`, `ends_at` (UTC), `tzid`; whole days: `start_date` and `end_date` (exclusive)."""

    owner = ColleagueSerializer(allow_null=True)
    type = ActivityTypeSerializer(allow_null=True)
    result = ResultSerializer(allow_null=True)
    facility = FacilitySerializer(allow_null=True)
    records = RecordLinkSerializer(many=True)
    is_synchronised = serializers.BooleanField()

    class Meta:
        model = Activity
        fields: ClassVar[list[str]] = [
            "id",
            "external_id",
            "kind",
            "subject",
            "description",
            "location",
            "owner",
            "starts_at",
            "ends_at",
            "tzid",
            "start_date",
            "end_date",
            "status",
            "priority",
            "type",
            "result",
            "facility",
            "records",
            "is_synchronised",
            "created_at",
            "changed_at",
        ]
