"""Readings that have to begin again: as often as a sound provider needs it, and no more than a few times a day.

A provider that voids sync tokens or page tokens again and again would have us read whole calendars without end.
"""

from datetime import datetime, timedelta

import structlog

from calendarsync.engine.lane import Lease, keep
from calendarsync.errors import VoidedOften
from calendarsync.models import Calendar

log = structlog.get_logger(__name__)

_DAY = timedelta(days=1)
# The first of a day are followed at once, further ones this long after the last complete reading began.
_AT_ONCE = 2
_BETWEEN = timedelta(hours=6)


def count_void(calendar: Calendar, lease: Lease, now: datetime) -> None:
    """Note one more on the lane; after a day the count starts anew. Raises VoidedOften when the reading has to wait."""
    if calendar.voids_since is None or calendar.voids_since <= now - _DAY:
        calendar.voids, calendar.voids_since = 0, now
    calendar.voids += 1
    keep(lease, now, voids=calendar.voids, voids_since=calendar.voids_since)
    may_read_at = (calendar.reading_since or now) + _BETWEEN
    if calendar.voids > _AT_ONCE and now < may_read_at:
        log.warning(
            "readings_voided_often", calendar=calendar.pk, voids=calendar.voids, until=str(may_read_at)
        )
        raise VoidedOften(retry_at=may_read_at, voids=calendar.voids)
