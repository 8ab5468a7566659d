"""Work that needs no provider: appointments of Calendar 1.0, tasks, calls and notes."""

import zoneinfo
from datetime import UTC, datetime, time
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activities.models.activity_type import ActivityType
from activities.models.facility import Facility
from activities.models.record import Record
from activities.models.result import Result
from activities.querysets import ActivityManager
from marketplace.models import TenantRow
from marketplace.models.tenant import validate_time_zone
from marketplace.tenancy import scoped

NO_TIMES = Q(starts_at__isnull=True, ends_at__isnull=True)
NO_DATES = Q(start_date__isnull=True, end_date__isnull=True)
HAS_TIMES = Q(starts_at__isnull=False, ends_at__isnull=False)
TIMED = HAS_TIMES & Q(ends_at__gte=F("starts_at")) & ~Q(tzid="") & NO_DATES
ALL_DAY = Q(start_date__isnull=False, end_date__isnull=False, end_date__gt=F("start_date")) & NO_TIMES


class Activity(TenantRow):
    """Work: timed (UTC and the zone of its plan), all-day (`end_date` exclusive), or without time.

    `occurs_at` places it in lists: the start; midnight in the tenant's zone when all-day; else its creation.
    """

    class Kind(models.TextChoices):
        APPOINTMENT = "appointment", _("Appointment")
        TASK = "task", _("Task")
        CALL = "call", _("Call")
        NOTE = "note", _("Note")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    subject = models.CharField(_("subject"), max_length=1000)
    description = models.TextField(_("description"), blank=True)
    location = models.CharField(_("location"), max_length=1024, blank=True)

    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    tzid = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_time_zone])
    start_date = models.DateField(_("first day"), null=True, blank=True)
    end_date = models.DateField(_("day after the last"), null=True, blank=True)
    occurs_at = models.DateTimeField(_("place in lists"), editable=False)

    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.OPEN)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    type = models.ForeignKey(
        ActivityType,
        verbose_name=_("type"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    result = models.ForeignKey(
        Result,
        verbose_name=_("result"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    facility = models.ForeignKey(
        Facility,
        verbose_name=_("facility"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    records = models.ManyToManyField(Record, blank=True, related_name="activities", verbose_name=_("records"))

    # Null says "not synchronised" and "not from the host CRM"; an empty text would be one more way to say it.
    synchronised_as = models.CharField(_("synchronised as"), max_length=1100, null=True, blank=True)  # noqa: DJ001
    external_id = models.CharField(_("id in the CRM"), max_length=100, null=True, blank=True)  # noqa: DJ001
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[ActivityManager["Activity"]] = scoped(ActivityManager)

    class Meta:
        ordering = ("-occurs_at", "-id")
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = (
            models.CheckConstraint(
                condition=TIMED | ALL_DAY | (NO_TIMES & NO_DATES & ~Q(kind="appointment")),
                name="activity_timed_or_all_day",
                violation_error_message=_(
                    "Give a start and an end, or a first day and the day after the last."
                ),
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(occurs_at=F("starts_at")),
                name="activity_timed_is_placed_at_start",
            ),
            models.CheckConstraint(
                condition=Q(synchronised_as__isnull=True) | (Q(kind="appointment") & ~Q(synchronised_as="")),
                name="activity_only_appointments_synchronise",
            ),
            models.CheckConstraint(
                condition=Q(external_id__isnull=True) | ~Q(external_id=""),
                name="activity_external_id_not_empty",
            ),
            models.UniqueConstraint("tenant", "external_id", name="activity_external_id_unique_in_tenant"),
        )
        indexes = (
            models.Index(fields=("tenant", "-occurs_at", "-id"), name="activity_list"),
            models.Index(fields=("tenant", "owner", "-occurs_at", "-id"), name="activity_list_of_owner"),
            models.Index(fields=("tenant", "owner", "ends_at"), name="activity_timed", condition=NO_DATES),
            models.Index(fields=("tenant", "owner", "end_date"), name="activity_all_day", condition=NO_TIMES),
            models.Index(
                fields=("tenant", "synchronised_as"),
                name="activity_of_meeting",
                condition=Q(synchronised_as__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.subject

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep `occurs_at` true; bulk writers call `place()` themselves."""
        self.place()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse links to rows of another tenant, which no constraint can see."""
        if self.tenant_id is None:
            return  # the missing tenant is an error of its own
        self.place()
        links = {"owner": self.owner, "type": self.type, "result": self.result, "facility": self.facility}
        foreign = [name for name, row in links.items() if row is not None and row.tenant_id != self.tenant_id]
        if foreign:
            raise ValidationError(dict.fromkeys(foreign, _("This belongs to another organisation.")))

    def place(self) -> None:
        """Set `occurs_at` from the times, in the zone of the tenant for whole days."""
        if self.start_date is not None:
            midnight = datetime.combine(self.start_date, time.min, zoneinfo.ZoneInfo(self.tenant.time_zone))
            self.occurs_at = midnight.astimezone(UTC)
        else:
            self.occurs_at = self.starts_at or self.created_at

    @property
    def is_all_day(self) -> bool:
        """Whether it covers whole days."""
        return self.start_date is not None

    @property
    def is_synchronised(self) -> bool:
        """Whether a meeting of a connected calendar took its place."""
        return self.synchronised_as is not None

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.status == self.Status.DONE
