"""Which calendars are synchronised, how they look, and where new meetings go."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from calendarsync.engine.lane import evict
from calendarsync.enqueue import enqueue_lane
from calendarsync.live import publish_status, show_change
from calendarsync.models import Account, Calendar
from carerix_calendar.lib.errors import AppError


class CannotReceive(AppError):
    """A calendar that is read-only or gone was chosen for new meetings."""

    code = "cannot_receive"
    sentence = _("This calendar is read-only, so new meetings cannot go there.")


@transaction.atomic
def choose_calendars(
    *,
    account: Account,
    selected: set[int],
    colours: Mapping[int, str],
    receiver: int | None,
    now: datetime,
) -> None:
    """Store the choices for all calendars of an account at once; ids of other accounts are ignored.

    Calendars that are not selected disappear here and stay untouched at the provider. Raises CannotReceive.
    """
    for calendar in account.calendars.all():
        choose_one(calendar=calendar, selected=calendar.pk in selected, now=now)
        choose_colour(calendar=calendar, colour=colours.get(calendar.pk, calendar.colour))
        if calendar.pk == receiver:
            choose_receiver(calendar=calendar)


@transaction.atomic
def choose_one(*, calendar: Calendar, selected: bool, now: datetime) -> None:
    """Synchronise this calendar, or stop and hide it; running work is fenced off."""
    if calendar.selected == selected or (selected and calendar.phase == Calendar.Phase.GONE):
        return
    evict(Calendar.objects.filter(pk=calendar.pk))
    # A calendar without a past begins its first reading now.
    begins = {} if calendar.first_complete_at or calendar.reading_since else {"reading_since": now}
    show_change(calendar, selected=selected, next_poll_at=now, not_before=None, **begins)
    publish_status(calendar.account)
    if selected:
        enqueue_lane(calendar.pk)


def can_receive(calendar: Calendar) -> bool:
    """Whether new meetings may go to this calendar."""
    return calendar.can_write and calendar.phase != Calendar.Phase.GONE


@transaction.atomic
def choose_receiver(*, calendar: Calendar) -> None:
    """New meetings go to this calendar. Raises CannotReceive."""
    if not can_receive(calendar):
        raise CannotReceive
    Calendar.objects.filter(account=calendar.account_id, receives_new=True).update(receives_new=False)
    Calendar.objects.filter(pk=calendar.pk).update(receives_new=True)


@transaction.atomic
def choose_colour(*, calendar: Calendar, colour: str) -> None:
    """Show this calendar in `colour` (#rrggbb)."""
    if calendar.colour != colour:
        show_change(calendar, colour=colour)
