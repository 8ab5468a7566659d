"""While somebody looks at the calendar page, calendars without working push are asked more often."""

from datetime import datetime, timedelta

from django.conf import settings

from calendarsync.enqueue import enqueue_lane
from calendarsync.models import Calendar
from calendarsync.selectors.watching import lanes_without_push
from marketplace.models import User


def attend(*, user: User, now: datetime) -> float:
    """Put those on the queue whose last success is SYNC_POLL_SECONDS_WHILE_WATCHED old.

    Returns in how many seconds the next of the others is; that time itself when there is none. Several open pages of
    one person change nothing: what waits on the queue is not put there again.
    """
    every = timedelta(seconds=settings.SYNC_POLL_SECONDS_WHILE_WATCHED)
    next_look = now + every
    for calendar_id, last_ok_at in lanes_without_push(user, now).items():
        if last_ok_at + every > now:
            next_look = min(next_look, last_ok_at + every)
        else:
            Calendar.objects.filter(pk=calendar_id).update(next_poll_at=now)
            enqueue_lane(calendar_id)
    return (next_look - now).total_seconds()
