"""The product's Celery app in a hurry: its schedule ticks often, and what a dead worker held is handed out soon."""

from carerix_calendar.celery import app

__all__ = ["app"]

app.conf.beat_schedule["enqueue-due-lanes"]["schedule"] = 0.5
app.conf.broker_transport_options |= {"visibility_timeout": 1}
