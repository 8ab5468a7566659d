"""Positions: which stream a phase reads, where it stands, and how it starts over without losing a row."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef

from calendarsync.domain import Position, Window
from calendarsync.engine.lane import Lease, keep
from calendarsync.engine.pace import page_size
from calendarsync.errors import StorageAway, Unavailable
from calendarsync.models import Calendar, Channel, Cursor
from calendarsync.models.channel import working
from marketplace.tenancy import every_tenant

Phase = Calendar.Phase
# Errors that a smaller page may avoid: too large an answer, too long a computation, too long a transaction.
_TOO_MUCH_AT_ONCE = (Unavailable.code, StorageAway.code)


@dataclass(slots=True)
class Lane:
    """A claimed calendar with its position.

    `has_push` tells whether notifications are known to arrive, `page_size` how many items to ask for (0: the usual).
    """

    calendar: Calendar
    cursor: Cursor
    lease: Lease
    has_push: bool
    page_size: int = 0


def load(calendar_id: int, claim: str, now: datetime) -> Lane | None:
    """Everything a run needs, in one statement; None when the lane was taken from this claim meanwhile."""
    with every_tenant():
        push = Channel.objects.filter(working(now), calendar=OuterRef("calendar"))
        cursors = list(
            Cursor.objects.filter(calendar=calendar_id, calendar__lease_owner=claim)
            .annotate(has_push=Exists(push))
            .select_related("calendar__account__tenant", "calendar__account__owner", "calendar__signal")
        )
    cursor = next((found for found in cursors if found.stream == _stream_of(found.calendar.phase)), None)
    if cursor is None:
        return None
    calendar = cursor.calendar
    lease = Lease(calendar.pk, calendar.fence, calendar.signal.dirty_seq)
    size = page_size(calendar.failures) if calendar.error_code in _TOO_MUCH_AT_ONCE else 0
    return Lane(calendar, cursor, lease, bool(cursor.has_push), size)


def position_of(lane: Lane, now: datetime) -> Position:
    """Where the lane reads on."""
    cursor = lane.cursor
    if lane.calendar.phase == Phase.NEAR:
        if cursor.window_start is None or cursor.window_end is None:
            cursor.window_start = now - timedelta(days=settings.SYNC_NEAR_DAYS_BACK)
            cursor.window_end = now + timedelta(days=settings.SYNC_NEAR_DAYS_AHEAD)
        window = Window(cursor.window_start, cursor.window_end)
        return Position(window=window, page_token=cursor.page_token, page_size=lane.page_size)
    sync_token = cursor.sync_token if lane.calendar.phase == Phase.LIVE else ""
    return Position(sync_token=sync_token, page_token=cursor.page_token, page_size=lane.page_size)


def advance(
    cursor: Cursor, *, page_token: str = "", sync_token: str | None = None, params_hash: str = ""
) -> None:
    """Store the position, and what was asked to get there; in the transaction of the rows it covers, if it moved.

    A complete reading may end at the very sync token we have; that it asked another question counts all the same.
    """
    sync_token = cursor.sync_token if sync_token is None else sync_token
    params_hash = params_hash or cursor.params_hash
    reached = (page_token, sync_token, params_hash)
    if (cursor.page_token, cursor.sync_token, cursor.params_hash) == reached:
        return
    cursor.page_token, cursor.sync_token, cursor.params_hash = reached
    cursor.save(update_fields=["page_token", "sync_token", "window_start", "window_end", "params_hash"])


def start_over(lane: Lane, now: datetime, *, phase: str = "") -> None:
    """Read from the beginning, in `phase` or the present one: next generation, every row stays, the sync token too."""
    phase = phase or lane.calendar.phase
    with transaction.atomic():
        keep(lane.lease, now, phase=phase, generation=F("generation") + 1, reading_since=now, progress_done=0)
        advance(lane.cursor)
    lane.calendar.phase = phase
    lane.calendar.generation += 1
    lane.calendar.reading_since = now


def begin_resync(lane: Lane, now: datetime) -> None:
    """Read everything again beside the rows we have; the old sync token stays until there is a new one."""
    start_over(lane, now, phase=Phase.RESYNC)


def _stream_of(phase: str) -> str:
    return Cursor.Stream.NEAR if phase == Phase.NEAR else Cursor.Stream.FULL
