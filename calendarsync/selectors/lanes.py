"""Which lanes have work now."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from calendarsync.engine.lane import due
from calendarsync.models import Calendar
from calendarsync.models.calendar import LONG
from marketplace.tenancy import every_tenant


class DueLane(NamedTuple):
    """A lane and the queue its work belongs in."""

    calendar_id: int
    queue: str


def due_lanes(now: datetime, *, limit: int) -> list[DueLane]:
    """Due lanes of all tenants, one of each tenant in turn, so that a large tenant never starves a small one."""
    turn = Window(RowNumber(), partition_by=F("tenant"), order_by=F("last_ok_at").asc(nulls_first=True))
    with every_tenant():
        lanes = Calendar.objects.filter(due(now)).annotate(turn=turn).order_by("turn", "pk")
        return [DueLane(pk, queue_of(phase)) for pk, phase in lanes.values_list("pk", "phase")[:limit]]


def queue_of(phase: str) -> str:
    """The Celery queue for a lane in this phase."""
    return "backfill" if phase in LONG else "live"
