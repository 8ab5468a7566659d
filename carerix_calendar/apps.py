"""Django's entry to the wiring: system checks that guard production."""

from django.apps import AppConfig


class WiringConfig(AppConfig):
    name = "carerix_calendar"
    label = "wiring"

    def ready(self) -> None:
        """Register the system checks, and start crash reports where they are wanted."""
        from carerix_calendar import checks, crash_reports  # noqa: F401

        crash_reports.start()
