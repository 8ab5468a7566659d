"""Questions asked of activities."""

from datetime import date, datetime, time, tzinfo
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

if TYPE_CHECKING:
    from activities.models import Activity  # noqa: F401 (the linter misses the quoted base class)

SEARCHED_WORDS = 8


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Reads of activities; every method narrows or prepares, none evaluates."""

    def not_synchronised(self) -> "ActivityQuerySet":
        """Without the appointments whose place a meeting of a connected calendar has taken."""
        return self.filter(synchronised_as__isnull=True)

    def synchronised(self) -> "ActivityQuerySet":
        """Only those appointments."""
        return self.filter(synchronised_as__isnull=False)

    def legacy_appointments(self) -> "ActivityQuerySet":
        """What Calendar 1.0 shows."""
        return self.filter(kind=self.model.Kind.APPOINTMENT)

    def with_names(self) -> "ActivityQuerySet":
        """Bring along everything a line of the list names, in two statements however many lines."""
        return self.select_related("owner", "type", "result", "facility").prefetch_related("records")

    def search(self, text: str) -> "ActivityQuerySet":
        """Rows in which every word occurs in the subject, description, location or the name of a record."""
        found = self
        for word in text.split()[:SEARCHED_WORDS]:
            named = self.model.records.through.objects.filter(
                activity_id=OuterRef("pk"), record__name__icontains=word
            )
            own = Q(subject__icontains=word) | Q(description__icontains=word) | Q(location__icontains=word)
            found = found.filter(own | Exists(named))
        return found

    def between(self, first: date, until: date, zone: tzinfo) -> "ActivityQuerySet":
        """Rows that touch the days from `first` up to, not including, `until`, as lived in `zone`."""
        begin, end = (datetime.combine(day, time.min, zone) for day in (first, until))
        # The nulls repeat the conditions of the partial indexes, or PostgreSQL would not use them.
        timed = Q(start_date=None, end_date=None, starts_at__lt=end, ends_at__gte=begin)
        whole_days = Q(starts_at=None, ends_at=None, start_date__lt=until, end_date__gt=first)
        without_time = Q(starts_at=None, start_date=None, occurs_at__gte=begin, occurs_at__lt=end)
        ended_before = Q(ends_at=begin, starts_at__lt=begin)
        return self.filter(timed & ~ended_before | whole_days | without_time)


ActivityManager = models.Manager.from_queryset(ActivityQuerySet)
