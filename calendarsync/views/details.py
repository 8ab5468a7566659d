"""The details panel: one event as a fragment of HTML."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from calendarsync.domain import AllDay, Kind, When
from calendarsync.models import Event
from calendarsync.providers import provider_of
from calendarsync.recurrence import moved_to
from calendarsync.selectors.details import event_for, read_only_reason
from calendarsync.views.access import calendar_page
from calendarsync.when_words import repetition, when_words
from marketplace.access import MemberRequest


@calendar_page
@require_GET
def event_details(request: MemberRequest, pk: int) -> HttpResponse:
    """Everything about one event; `start` in the query names an occurrence of a series by its original start."""
    user = request.user
    event = event_for(user, pk)
    if event is None:
        raise Http404
    when = _when(event, request.GET.get("start", ""))
    zones_differ = not isinstance(when, AllDay) and user.zone.key != user.tenant_zone.key
    context = {
        "event": event,
        "when": when,
        "is_timed": not isinstance(when, AllDay),
        "words": when_words(when, user.tenant_zone, user.clock),
        "own_words": when_words(when, user.zone, user.clock) if zones_differ else "",
        "repetition": repetition(event.recurrence),
        "provider": provider_of(event.calendar.account.provider).name,
        "reason": read_only_reason(event),
    }
    return render(request, "calendarsync/_details.html", context)


def _when(event: Event, original_start: str) -> When:
    if event.kind != Kind.MASTER or not original_start:
        return event.when
    try:
        return moved_to(event.when, original_start)
    except ValueError:
        raise Http404 from None
