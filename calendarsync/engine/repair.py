"""The regular complete reading of calendars that are well: what went missing by whatever way is found within days.

It is long work of low rank. It begins only after a run that found the lane well, while few others read at length, and
is given up at the first failure.
"""

from datetime import datetime

from django.conf import settings
from django.db.models import F, Q

from calendarsync.engine.lane import startable
from calendarsync.engine.pace import is_repair_due
from calendarsync.engine.streams import Lane
from calendarsync.models import Calendar
from marketplace.tenancy import every_tenant

Phase = Calendar.Phase
# Repairs never make a first import wait, nor changes of a repaired calendar behind imports.
_MOST_AT_ONCE = 4


def begin_repair(lane: Lane, now: datetime, *, has_cause: bool = False) -> bool:
    """Turn a lane that was just released into one that reads everything, when that is due and somebody has time for it.

    With a cause it is due at once. The fence proves that nobody has claimed or evicted the lane since.
    """
    is_due = is_repair_due(lane.calendar.pk, lane.calendar.reading_since, now, settings.SYNC_RESYNC_DAYS)
    if not has_cause and (not is_due or _long_readings(now) >= _MOST_AT_ONCE):
        return False
    untouched = Calendar.objects.filter(pk=lane.calendar.pk, fence=lane.lease.fence, phase=Phase.LIVE)
    began = untouched.update(
        phase=Phase.REPAIR,
        generation=F("generation") + 1,
        reading_since=now,
        progress_done=0,
        next_poll_at=now,
    )
    return began == 1


def _long_readings(now: datetime) -> int:
    """Complete readings of all tenants that run or could run."""
    with every_tenant():
        # Such a lane is due until it has come to its end, so that the index of due lanes leads to them.
        due = Calendar.objects.filter(selected=True, next_poll_at__lte=now)
        reading = due.filter(phase__in=(Phase.FULL, Phase.RESYNC, Phase.REPAIR))
        return reading.filter(startable(now) | Q(lease_until__gte=now)).count()
