"""Slow, regular work: calendar lists, projections, history, and who "me" is."""

import random
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from calendarsync.domain import Response
from calendarsync.engine.failures import settle_account, wait_after
from calendarsync.engine.lane import evict
from calendarsync.engine.occurrences import horizon, project
from calendarsync.engine.session import Session
from calendarsync.errors import SyncError
from calendarsync.live import show_change
from calendarsync.models import Account, Calendar, Event, SyncRun
from calendarsync.models.account import RUNNING
from calendarsync.selectors.addresses import addresses_of
from calendarsync.services.calendar_list import store_list
from marketplace.tenancy import every_tenant, tenant_scope

_LIST_AGE = timedelta(days=1)
_CLOSING_TAKES = timedelta(minutes=10)
_HISTORY_AGE = timedelta(days=30)
_BATCH = 500


def accounts_with_old_list(now: datetime) -> list[int]:
    """Signed-in accounts whose calendar list was read more than a day ago."""
    with every_tenant():
        stale = Q(list_read_at=None) | Q(list_read_at__lt=now - _LIST_AGE)
        running = Account.objects.filter(stale, RUNNING)
        return list(running.values_list("pk", flat=True)[:500])


def catch_up(now: datetime) -> None:
    """The schedule stood still, so notifications may have been missed: look at every followed calendar now.

    The schedule hands out a limited number at each tick, so providers are not asked all at once.
    """
    with every_tenant():
        followed = Calendar.objects.filter(selected=True, phase=Calendar.Phase.LIVE, next_poll_at__gt=now)
        followed.update(next_poll_at=now)


def account_of(calendar_id: int) -> int:
    """The account a calendar belongs to."""
    with every_tenant():
        return Calendar.objects.values_list("account", flat=True).get(pk=calendar_id)


def accounts_left_closing(now: datetime) -> list[int]:
    """Disconnected accounts whose closing never finished: the broker was away, or its worker was killed."""
    with every_tenant():
        left = Account.objects.filter(closing_since__lt=now - _CLOSING_TAKES)
        return list(left.values_list("pk", flat=True)[:500])


def refresh_list(account_id: int) -> None:
    """Read one account's calendar list; a failure is recorded like any other."""
    with every_tenant():
        account = Account.objects.select_related("tenant", "owner").filter(pk=account_id).first()
    if account is None or not account.may_run:
        return
    with tenant_scope(account.tenant):
        session = Session(account, timezone.now)
        try:
            store_list(account=account, calendars=session.list_calendars(), now=timezone.now())
        except SyncError as error:
            now = timezone.now()
            settle_account(account, error, wait_after(account, error, 0, now, random.uniform), now)
        finally:
            session.close()


def extend_projections(now: datetime) -> int:
    """Move the projected window of every calendar to this month's; returns how many moved."""
    projected_from, projected_until = horizon(now.date())
    with every_tenant():
        late = list(Calendar.objects.filter(projected_until__lt=projected_until).select_related("tenant"))
    for calendar in late:
        with tenant_scope(calendar.tenant), transaction.atomic():
            # A reader at work would go on projecting into the former years.
            evict(Calendar.objects.filter(pk=calendar.pk))
            calendar.projected_from, calendar.projected_until = projected_from, projected_until
            masters = Event.objects.masters().filter(calendar=calendar).values_list("remote_id", flat=True)
            project(calendar, list(masters), now=now)
            calendar.save(update_fields=["projected_from", "projected_until"])
    return len(late)


def recognise_me(user_id: int) -> None:
    """Recompute "me" in the stored events of a person after the addresses changed."""
    with every_tenant():
        accounts = list(Account.objects.filter(owner=user_id).select_related("tenant", "owner"))
    for account in accounts:
        with tenant_scope(account.tenant):
            me = addresses_of(account)
            for calendar in account.calendars.all():
                _recognise(calendar, me)


@transaction.atomic
def _recognise(calendar: Calendar, me: frozenset[str]) -> None:
    # A reader at work knows the former addresses, and its attendees must not be overwritten by older ones.
    evict(Calendar.objects.filter(pk=calendar.pk))
    if _mark_me(calendar, me):
        show_change(calendar)


def _mark_me(calendar: Calendar, me: frozenset[str]) -> int:
    """Rewrite attendees whose "me" mark differs; a mark the provider set stays."""
    changed: list[Event] = []
    for event in (
        Event.objects.living().filter(calendar=calendar).exclude(attendees=[]).iterator(chunk_size=_BATCH)
    ):
        mine = [person for person in event.attendees if person.get("me") or person.get("address") in me]
        response = mine[0].get("response", Response.NONE) if mine else ""
        marked = [{**person, "me": True} if person in mine else person for person in event.attendees]
        if (response, marked) != (event.my_response, event.attendees):
            event.my_response, event.attendees = response, marked
            changed.append(event)
    Event.objects.bulk_update(changed, ["my_response", "attendees"], batch_size=_BATCH)
    return len(changed)


def clean_history(now: datetime) -> None:
    """Forget runs older than a month."""
    with every_tenant():
        SyncRun.objects.filter(started_at__lt=now - _HISTORY_AGE).delete()
