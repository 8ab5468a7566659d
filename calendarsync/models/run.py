"""What each run did, and what it could not read."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from calendarsync.models.calendar import Calendar
from marketplace.models import TenantRow


class SyncRun(TenantRow):
    """One attempt that changed something or failed. Checks that found nothing new only move `last_ok_at`."""

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        CONTINUES = "continues", _("Continues")
        FAILED = "failed", _("Failed")

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="runs")
    phase = models.CharField(max_length=20, choices=Calendar.Phase.choices)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    pages = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=50, blank=True)
    error_detail = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-started_at",)
        indexes = (models.Index(fields=("calendar", "-started_at"), name="run_history"),)

    def __str__(self) -> str:
        return f"{self.calendar_id} {self.outcome} {self.started_at:%Y-%m-%d %H:%M}"


class SkippedItem(TenantRow):
    """One item of the provider we could not read; it disappears as soon as it becomes readable."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="skipped_items")
    remote_id = models.CharField(max_length=1024)
    title = models.CharField(max_length=300, blank=True)
    date = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ("-last_seen_at",)
        constraints = (models.UniqueConstraint("calendar", "remote_id", name="skipped_once"),)

    def __str__(self) -> str:
        return self.title or self.remote_id
