"""Agreeing with the providers, and the Calendar 2.0 page."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CalendarSyncConfig(AppConfig):
    name = "calendarsync"
    verbose_name = _("Calendar synchronisation")

    def ready(self) -> None:
        """Register the metrics."""
        from calendarsync import metrics

        metrics.register()
