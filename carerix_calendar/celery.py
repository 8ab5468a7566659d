"""The Celery app and its schedule.

Four queues keep urgent work from waiting behind long work: `live` (webhooks, near window, small deltas),
`backfill` (whole histories), `write-back` (users' edits) and `maintenance` (renewals, projections, cleaning).
The schedule only asks "what is due?"; what is due stands on rows, so a lost or doubled tick harms nothing.
"""

import gc
import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import celeryd_init, worker_init, worker_ready, worker_shutting_down
from kombu.transport import TRANSPORT_ALIASES

from carerix_calendar.lib.broker import TRANSPORT

# By these names URLs ask for it, with and without TLS.
TRANSPORT_ALIASES |= {"redis": TRANSPORT, "rediss": TRANSPORT}
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carerix_calendar.settings")

app = Celery("carerix_calendar")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Everything else goes to the default queue, maintenance; a lane's run may name another queue.
app.conf.task_routes = {
    "calendarsync.tasks.run_lane": {"queue": "live"},
    "calendarsync.tasks.enqueue_due_lanes": {"queue": "live"},
}


@celeryd_init.connect
def name_this_worker(sender: str, **ignored: Any) -> None:
    """Leases carry the worker's name, so that its successor knows which were its own."""
    os.environ["CALENDAR_WORKER"] = sender


@worker_ready.connect
def forget_what_stays(**ignored: Any) -> None:
    """Code and tables of a worker live as long as it does: looking for garbage among them again and again costs a sixth
    of the processor time of a first reading."""
    gc.collect()
    gc.freeze()


@worker_init.connect
def take_over(**ignored: Any) -> None:
    """Free what a predecessor of this name held when it was killed; the schedule then hands it out at once.

    Before the first task: nothing of this worker's own is at stake yet.
    """
    from calendarsync.engine.lane import free_leases_of_former_self

    free_leases_of_former_self()


@worker_shutting_down.connect
def leave(**ignored: Any) -> None:
    """A deploy: runs give their lanes back after the page at hand, so that successors read on there at once."""
    from calendarsync.engine.lane import leaving

    leaving.set()


app.conf.beat_schedule = {
    "enqueue-due-lanes": {"task": "calendarsync.tasks.enqueue_due_lanes", "schedule": 5.0},
    "tell-owners": {"task": "calendarsync.tasks.tell_owners", "schedule": 60.0},
    "renew-channels": {"task": "calendarsync.tasks.renew_channels", "schedule": 300.0},
    "finish-disconnects": {"task": "calendarsync.tasks.finish_disconnects", "schedule": 600.0},
    "refresh-calendar-lists": {"task": "calendarsync.tasks.refresh_calendar_lists", "schedule": 3600.0},
    "extend-projections": {
        "task": "calendarsync.tasks.extend_projections",
        "schedule": crontab(hour="3", minute="17"),
    },
    # Hourly, because months start at another hour in each time zone.
    "bill-started-month": {"task": "marketplace.tasks.bill_started_month", "schedule": crontab(minute="7")},
    "clean-history": {"task": "calendarsync.tasks.clean_history", "schedule": crontab(hour="4", minute="7")},
}
