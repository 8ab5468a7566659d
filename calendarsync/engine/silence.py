"""Push that fails quietly: what a poll finds, a working channel should have announced.

A single message may be late or lost, and Google says that a few are. So one unannounced change only makes a channel
doubtful, which means that the calendar is polled as often as one without push; its next message clears the doubt.
A second unannounced change, a while later and without any message between, condemns it: it counts as silent, and a
successor is opened. Successors that fall silent too are replaced ever more slowly.
"""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Q

from calendarsync.engine.streams import Lane
from calendarsync.enqueue import enqueue_task
from calendarsync.models import Channel
from calendarsync.models.channel import verified

log = structlog.get_logger(__name__)

# A message may be on its way for so long, and a provider may announce what its lists do not show yet.
GRACE = timedelta(minutes=1)
_FIRST_WAIT = timedelta(hours=1)
_LONGEST_WAIT = timedelta(days=1)


def judge_channels(lane: Lane, now: datetime) -> bool:
    """A run has found changes: were they announced? Returns whether push is still relied on. In a transaction.

    Only a run that a timer started can tell; one that a signal started was told. A message since the reading before,
    or shortly before that, may have been about these changes. After a pause longer than usual nobody is accused:
    then it was we who were away.
    """
    calendar = lane.calendar
    was_told = lane.lease.dirty_seq > calendar.synced_seq
    if was_told or calendar.last_ok_at is None or now - calendar.last_ok_at > _longest_pause():
        return lane.has_push
    mute = Q(last_message_at__lt=calendar.last_ok_at - GRACE)
    unannounced = Channel.objects.filter(verified(now), mute, calendar=calendar)
    for channel in unannounced.filter(doubted_at__lte=now - GRACE):
        condemn(channel, now)
    doubted = unannounced.filter(doubted_at=None).update(doubted_at=now)
    return lane.has_push and not doubted


def _longest_pause() -> timedelta:
    """Between two readings while everything works."""
    return timedelta(seconds=2 * settings.SYNC_POLL_SECONDS)


def condemn(channel: Channel, now: datetime) -> None:
    """Push by this channel is over; a successor is opened, at once after the first silence. In a transaction."""
    wait = wait_after(channel.silences)
    active = Channel.objects.filter(pk=channel.pk, state=Channel.State.ACTIVE)
    if not active.update(state=Channel.State.SILENT, renew_at=now + wait):
        return
    log.warning(
        "channel_fell_silent",
        calendar=channel.calendar_id,
        heard_at=channel.last_message_at and channel.last_message_at.isoformat(),
        silences=channel.silences + 1,
    )
    if not wait:
        enqueue_task("watch_calendar", channel.calendar_id)


def wait_after(silences: int) -> timedelta:
    """How long to wait before a channel whose `silences` predecessors fell silent too gets a successor."""
    if not silences:
        return timedelta()
    doublings = min(silences - 1, 10)
    return min(_LONGEST_WAIT, _FIRST_WAIT * (1 << doublings))
