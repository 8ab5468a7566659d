"""The wiring: settings, routes, processes. Loads the Celery app so that tasks find it."""

from carerix_calendar.celery import app as celery_app

__all__ = ["celery_app"]
