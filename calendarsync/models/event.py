"""Events as calendars have them, and the projection of their series."""

from collections.abc import Collection
from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.db.models import Q

from calendarsync import domain
from calendarsync.models.calendar import Calendar
from marketplace.models import TenantRow
from marketplace.tenancy import scoped


def _choices(values: type[StrEnum]) -> list[tuple[str, str]]:
    return [(value.value, value.value) for value in values]


class EventQuerySet(models.QuerySet["Event"]):
    """Reads on events."""

    def living(self) -> "EventQuerySet":
        """Events that still exist at the provider."""
        return self.filter(removed_at__isnull=True)

    def shown(self) -> "EventQuerySet":
        """Living events that appear themselves: not masters, not cancelled occurrences."""
        return self.living().filter(kind__in=(domain.Kind.SINGLE, domain.Kind.EXCEPTION))

    def masters(self) -> "EventQuerySet":
        """Living series."""
        return self.living().filter(kind=domain.Kind.MASTER)

    def of_series(self, master_ids: Collection[str]) -> "EventQuerySet":
        """Exceptions and cancelled occurrences of these series (remote ids)."""
        # said in the words of their index, or SQLite does not use it and looks at every event of the calendar
        return self.filter(master_remote_id__in=master_ids).exclude(master_remote_id="")


EventManager = models.Manager.from_queryset(EventQuerySet)


class Event(TenantRow):
    """One event of one calendar in our normal form. Two colleagues in one meeting are two events."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="+")
    remote_id = models.CharField(max_length=1024)
    kind = models.CharField(max_length=10, choices=_choices(domain.Kind))
    # Text, because an exception may arrive before its master, or without one.
    master_remote_id = models.CharField(max_length=1024, blank=True)
    original_start = models.CharField(max_length=16, blank=True)
    ical_uid = models.TextField(blank=True)
    identity_key = models.CharField(max_length=32)
    etag = models.CharField(max_length=255, blank=True)
    fingerprint = models.CharField(max_length=32)
    seen_generation = models.IntegerField()
    removed_at = models.DateTimeField(null=True)

    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    tzid = models.CharField(max_length=64, blank=True)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True, help_text="Exclusive")
    recurrence = models.JSONField(default=list)
    recurs_until = models.DateTimeField(
        null=True, help_text="No occurrence after this; null for endless or single"
    )

    title = models.TextField(blank=True)
    description = models.TextField(blank=True)
    location = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=_choices(domain.Status), default=domain.Status.CONFIRMED)
    busy = models.CharField(max_length=10, choices=_choices(domain.Busy), default=domain.Busy.BUSY)
    visibility = models.CharField(
        max_length=12, choices=_choices(domain.Visibility), default=domain.Visibility.DEFAULT
    )
    special = models.CharField(max_length=20, choices=_choices(domain.Special), blank=True)
    colour = models.CharField(max_length=7, blank=True)
    organiser = models.JSONField(null=True)
    attendees = models.JSONField(default=list)
    my_response = models.CharField(max_length=10, choices=_choices(domain.Response), blank=True)
    conference_url = models.TextField(blank=True)
    html_link = models.TextField(blank=True)
    remote_updated_at = models.DateTimeField(null=True)

    objects: ClassVar[EventManager["Event"]] = scoped(EventManager)

    class Meta:
        constraints = (
            models.UniqueConstraint("calendar", "remote_id", name="event_once_per_calendar"),
            models.CheckConstraint(
                name="event_timed_or_all_day",
                condition=Q(kind=domain.Kind.CANCELLED)
                | Q(
                    starts_at__isnull=False,
                    ends_at__isnull=False,
                    start_date__isnull=True,
                    end_date__isnull=True,
                )
                | Q(
                    starts_at__isnull=True,
                    ends_at__isnull=True,
                    start_date__isnull=False,
                    end_date__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="event_ends_after_start",
                condition=Q(ends_at__gte=models.F("starts_at")) | Q(ends_at__isnull=True),
            ),
            models.CheckConstraint(
                name="event_end_date_exclusive",
                condition=Q(end_date__gt=models.F("start_date")) | Q(end_date__isnull=True),
            ),
        )
        indexes = (
            models.Index(fields=("calendar", "ends_at"), name="event_by_end"),
            models.Index(fields=("calendar", "end_date"), name="event_by_end_date"),
            models.Index(
                fields=("calendar", "master_remote_id"),
                condition=~Q(master_remote_id=""),
                name="event_by_master",
            ),
            models.Index(fields=("tenant", "identity_key"), name="event_by_identity"),
        )

    def __str__(self) -> str:
        return self.title or self.remote_id

    @property
    def when(self) -> domain.When:
        """The event's own time; only for events that have one (all but cancelled occurrences)."""
        return domain.when_of(self.starts_at, self.ends_at, self.tzid, self.start_date, self.end_date)


class Occurrence(TenantRow):
    """One occurrence of a series within the projected years; made from the master, never edited."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="+")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="occurrences")
    original_start = models.CharField(max_length=16)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    start_date = models.DateField(null=True)
    end_date = models.DateField(null=True, help_text="Exclusive")

    class Meta:
        constraints = (models.UniqueConstraint("event", "original_start", name="occurrence_once_per_start"),)
        indexes = (
            models.Index(fields=("calendar", "ends_at"), name="occurrence_by_end"),
            models.Index(fields=("calendar", "end_date"), name="occurrence_by_end_date"),
        )

    def __str__(self) -> str:
        return f"{self.event_id}@{self.original_start}"
