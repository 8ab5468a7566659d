"""The provider's list of calendars beside ours: new ones added, changed ones updated, choices kept."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from calendarsync.domain import RemoteCalendar
from calendarsync.engine.occurrences import horizon
from calendarsync.models import Account, Calendar, Cursor, Signal

_COLOURS = ("#3b6fd4", "#0f8a6d", "#b45309", "#8b5cf6", "#be3a6f", "#4d7c0f", "#0e7490", "#a16207")


@transaction.atomic
def store_list(*, account: Account, calendars: tuple[RemoteCalendar, ...], now: datetime) -> None:
    """Bring our rows in line with the provider's list. What is missing there is gone; what returns is read again."""
    stored = {calendar.remote_id: calendar for calendar in account.calendars.all()}
    listed = [remote for remote in calendars if remote.can_read]
    for position, remote in enumerate(listed):
        known = stored.get(remote.remote_id)
        if known is None:
            _add(account, remote, position, now)
        else:
            _update(known, remote, now)
    _mark_gone(account, {remote.remote_id for remote in listed}, now)
    _choose_receiver(account)
    Account.objects.filter(pk=account.pk).update(list_read_at=now)


def _add(account: Account, remote: RemoteCalendar, position: int, now: datetime) -> None:
    projected_from, projected_until = horizon(now.date())
    calendar = Calendar.objects.create(
        tenant=account.tenant,
        account=account,
        remote_id=remote.remote_id,
        name=remote.name[:500],
        colour=remote.colour or _COLOURS[position % len(_COLOURS)],
        time_zone=remote.time_zone,
        can_write=remote.can_write,
        is_primary=remote.is_primary,
        selected=remote.is_primary or remote.is_shown,
        next_poll_at=now,
        reading_since=now,
        projected_from=projected_from,
        projected_until=projected_until,
    )
    Signal.objects.create(tenant=account.tenant, calendar=calendar)
    for stream in Cursor.Stream.values:
        Cursor.objects.create(tenant=account.tenant, calendar=calendar, stream=stream)


def _update(calendar: Calendar, remote: RemoteCalendar, now: datetime) -> None:
    """Names and rights follow the provider; colour and choices are the user's. What was gone is read again."""
    before = (calendar.name, calendar.can_write, calendar.phase)
    calendar.name, calendar.can_write = remote.name[:500], remote.can_write
    calendar.time_zone = remote.time_zone or calendar.time_zone
    calendar.receives_new = calendar.receives_new and remote.can_write
    if calendar.phase == Calendar.Phase.GONE:
        calendar.phase = Calendar.Phase.NO_ACCESS if calendar.first_complete_at else Calendar.Phase.NEAR
        calendar.next_poll_at, calendar.not_before = now, None
    if before != (calendar.name, calendar.can_write, calendar.phase):
        calendar.revision += 1
    calendar.save(
        update_fields=[
            "name", "can_write", "time_zone", "receives_new", "phase", "next_poll_at", "not_before", "revision",
        ]
    )  # fmt: skip


def _mark_gone(account: Account, listed: set[str], now: datetime) -> None:
    gone = account.calendars.exclude(remote_id__in=listed).exclude(phase=Calendar.Phase.GONE)
    gone.update(phase=Calendar.Phase.GONE, next_poll_at=None, receives_new=False, revision=F("revision") + 1)


def _choose_receiver(account: Account) -> None:
    """New meetings need somewhere to go: the primary calendar unless the user chose another."""
    if account.calendars.filter(receives_new=True).exists():
        return
    writable = account.calendars.filter(can_write=True).exclude(phase=Calendar.Phase.GONE)
    first = writable.order_by("-is_primary", "pk").first()
    if first is not None:
        Calendar.objects.filter(pk=first.pk).update(receives_new=True)
