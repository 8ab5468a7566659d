"""What a push channel says: believed by hooks.py, taken note of here. A hint, never data."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet

from calendarsync.enqueue import enqueue_lane, enqueue_task
from calendarsync.models import Calendar, Channel, Signal
from calendarsync.providers.base import Notification

log = structlog.get_logger(__name__)


def hear(*, channel: Channel, said: Notification, now: datetime) -> bool:
    """Raise the calendar's signal and put its lane on the queue; False for a message that was heard before.

    A number that is not above the last one heard says nothing new, be it sent again, overtaken or replayed: what it
    announced had happened when the later one was sent, and the run that one started sees it.
    """
    if said.number is not None and channel.last_number is not None and said.number <= channel.last_number:
        return False
    with transaction.atomic():
        return _take_note(channel, said, now)


def _take_note(channel: Channel, said: Notification, now: datetime) -> bool:
    if not _unheard(channel, said).update(**_learnt(channel, said, now)):
        return False
    if channel.verified_at is None:
        # Its predecessors have waited for this.
        account = Calendar.objects.values_list("account", flat=True).get(pk=channel.calendar_id)
        enqueue_task("stop_channels", account)
    if not said.is_handshake:
        Signal.objects.filter(calendar=channel.calendar_id).update(dirty_seq=F("dirty_seq") + 1)
        enqueue_lane(channel.calendar_id)
    return True


def _unheard(channel: Channel, said: Notification) -> QuerySet[Channel]:
    """The channel, unless it has said this already; two processes that hear it at once are told apart by the row."""
    row = Channel.objects.filter(pk=channel.pk)
    if said.number is None:
        return row
    return row.filter(Q(last_number=None) | Q(last_number__lt=said.number))


def _learnt(channel: Channel, said: Notification, now: datetime) -> dict[str, object]:
    values: dict[str, object] = {"last_message_at": now, "verified_at": channel.verified_at or now}
    if said.number is not None:
        values["last_number"] = said.number
    if not channel.resource_id:
        # The answer to our question was lost or is on its way; with this name the channel can be stopped.
        values["resource_id"] = said.resource_id
    if said.is_handshake:
        return values
    if channel.state == Channel.State.SILENT:
        log.info("silent_channel_speaks", calendar=channel.calendar_id)
        values["state"] = Channel.State.ACTIVE
    return values | {"doubted_at": None, "silences": 0}
