"""A calendar at a provider, which is also one sync lane; its wake-up signal and its position."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from calendarsync.models.account import Account
from marketplace.models import TenantRow


class Calendar(TenantRow):
    """One remote calendar. Everything about *when* and *how far* it is read stands on this row."""

    class Phase(models.TextChoices):
        NEAR = "near", _("Reading the near weeks")
        FULL = "full", _("Reading the history")
        LIVE = "live", _("Following changes")
        RESYNC = "resync", _("Reading everything again")
        REPAIR = "repair", _("Comparing everything")
        NO_ACCESS = "no_access", _("No access")
        GONE = "gone", _("Removed at the provider")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="calendars")
    remote_id = models.CharField(max_length=1024)
    name = models.CharField(max_length=500)
    colour = models.CharField(max_length=7, default="#3b6fd4")
    time_zone = models.CharField(max_length=64, blank=True)
    can_write = models.BooleanField(default=False)
    is_primary = models.BooleanField(default=False)
    selected = models.BooleanField(default=False)
    receives_new = models.BooleanField(default=False, help_text="New meetings go here")

    phase = models.CharField(max_length=20, choices=Phase.choices, default=Phase.NEAR)
    lease_owner = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)
    generation = models.IntegerField(default=1)
    synced_seq = models.BigIntegerField(default=0)
    next_poll_at = models.DateTimeField(null=True, help_text="Null: never by itself")
    not_before = models.DateTimeField(null=True, help_text="Not even a webhook may start it before then")
    failures = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=50, blank=True)
    error_detail = models.CharField(max_length=500, blank=True)
    error_at = models.DateTimeField(null=True)
    last_ok_at = models.DateTimeField(null=True)
    reading_since = models.DateTimeField(
        null=True, help_text="Start of the complete reading under way, or the last"
    )
    first_complete_at = models.DateTimeField(null=True)
    # How often the provider made us read from the beginning again since then; bounds that to a few times a day.
    voids = models.PositiveSmallIntegerField(default=0)
    voids_since = models.DateTimeField(null=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0, help_text="0 while unknown")
    # Series are stored as occurrences within these days; outside them they are expanded on read.
    projected_from = models.DateField()
    projected_until = models.DateField()
    # Rises with every commit a viewer could see; browsers ask for what is newer.
    revision = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("-is_primary", "name")
        constraints = (
            models.UniqueConstraint("account", "remote_id", name="calendar_once_per_account"),
            models.UniqueConstraint(
                "account", condition=Q(receives_new=True), name="one_calendar_receives_new_meetings"
            ),
            models.CheckConstraint(
                condition=Q(receives_new=False) | Q(can_write=True), name="receives_only_if_writable"
            ),
        )
        indexes = (models.Index(fields=("next_poll_at",), condition=Q(selected=True), name="calendar_due"),)

    def __str__(self) -> str:
        return self.name


# What we show is complete: everything has been read, and no reading begins because something is missing.
COMPLETE = (Calendar.Phase.LIVE, Calendar.Phase.REPAIR)
# Phases whose work may take minutes; everything else is short and urgent.
LONG = (Calendar.Phase.FULL, Calendar.Phase.RESYNC, Calendar.Phase.REPAIR, Calendar.Phase.NO_ACCESS)
# Synchronised and still there.
FOLLOWED = Q(selected=True) & ~Q(phase=Calendar.Phase.GONE)


class Signal(TenantRow):
    """ "Something changed out there": its own small row, so that a webhook never waits behind a page being written."""

    calendar = models.OneToOneField(
        Calendar, on_delete=models.CASCADE, primary_key=True, related_name="signal"
    )
    dirty_seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.calendar_id}: {self.dirty_seq}"


class Cursor(TenantRow):
    """Our position in one stream of one calendar; committed together with the rows it covers."""

    class Stream(models.TextChoices):
        NEAR = "near", _("near weeks")
        FULL = "full", _("everything")

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="cursors")
    stream = models.CharField(max_length=10, choices=Stream.choices)
    sync_token = models.TextField(blank=True)
    page_token = models.TextField(blank=True)
    window_start = models.DateTimeField(null=True)
    window_end = models.DateTimeField(null=True)
    # What the provider was asked for; a token only continues the same question.
    params_hash = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint("calendar", "stream", name="cursor_once_per_stream"),)

    def __str__(self) -> str:
        return f"{self.calendar_id}: {self.stream}"
