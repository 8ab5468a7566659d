"""One event in full, what may be done with it and why not, and finding events by words."""

from datetime import date, datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calendarsync.domain import AllDay, Kind, Special
from calendarsync.models import Event
from calendarsync.selectors.own import visible_calendars
from marketplace.models import User

_SPECIAL_REASONS: dict[str, Promise] = {
    Special.BIRTHDAY: _("Birthdays come from your contacts and are changed there."),
    Special.FOCUS_TIME: _("Focus time is managed by Google and can only be changed there."),
    Special.FROM_MAIL: _("This event was made from an e-mail and can only be changed at Google."),
    Special.OUT_OF_OFFICE: _("Out of office is managed by Google and can only be changed there."),
    Special.WORKING_LOCATION: _("Your working location is managed by Google and can only be changed there."),
    Special.UNKNOWN: _("This kind of event is managed by your provider and can only be changed there."),
}


def event_for(user: User, event_id: int) -> Event | None:
    """A living event of one of the person's calendars; None for anybody else's, and for cancelled occurrences."""
    return (
        Event.objects.living()
        .exclude(kind=Kind.CANCELLED)
        .filter(pk=event_id, calendar__in=visible_calendars(user))
        .select_related("calendar__account")
        .first()
    )


def read_only_reason(event: Event) -> str | Promise:
    """Why this event cannot be edited here; "" when nothing forbids it."""
    if event.calendar.account.is_ended:
        return _("This calendar is disconnected; what you see is a kept copy.")
    if event.special:
        return _SPECIAL_REASONS[event.special]
    if not event.calendar.can_write:
        return _("You may read this calendar, not change it.")
    if event.organiser and not event.organiser.get("me"):
        return _("Only the organiser can change this meeting.")
    return ""


def search(user: User, words: str, *, limit: int, now: datetime) -> list[Event]:
    """Living events whose title, place or people contain all the words: what is ahead, then what was, nearest first.

    A series is ahead until its end. At most `limit`; neither half takes the room the other one needs.
    """
    matches = Q()
    for word in words.split()[:8]:
        matches &= Q(title__icontains=word) | Q(location__icontains=word) | Q(attendees__icontains=word)
    events = (
        Event.objects.living()
        .exclude(kind=Kind.CANCELLED)
        .filter(matches, calendar__in=visible_calendars(user))
        .select_related("calendar__account")
    )
    ahead = (
        Q(ends_at__gte=now)
        | Q(end_date__gt=now.date())
        | Q(kind=Kind.MASTER) & (Q(recurs_until=None) | Q(recurs_until__gt=now))
    )
    coming = list(events.filter(ahead).order_by("starts_at", "start_date")[:limit])
    gone = list(
        events.exclude(ahead).order_by("-starts_at", "-start_date")[: max(limit // 2, limit - len(coming))]
    )
    coming.sort(key=lambda event: max(_first_day(event), now.date()))
    gone.sort(key=_first_day, reverse=True)
    return [*coming[: limit - len(gone)], *gone]


def _first_day(event: Event) -> date:
    when = event.when
    return when.start if isinstance(when, AllDay) else when.start.date()
