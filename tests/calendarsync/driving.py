"""Driving the engine by hand, as worker and beat would."""

from datetime import UTC, datetime

from django.utils import timezone

from calendarsync.domain import Window
from calendarsync.engine import pull
from calendarsync.engine.run import Outcome
from calendarsync.models import Account, Calendar, Event, Occurrence
from calendarsync.selectors.lanes import due_lanes
from calendarsync.selectors.range_view import Item, items_between
from marketplace.tenancy import every_tenant, tenant_scope

_ROUNDS = 40


def drain() -> list[Outcome]:
    """Run due lanes until none is due; returns what each run came to."""
    outcomes: list[Outcome] = []
    for _ in range(_ROUNDS):
        lanes = due_lanes(timezone.now(), limit=100)
        if not lanes:
            return outcomes
        outcomes += [pull.run_lane(lane.calendar_id) for lane in lanes]
    raise AssertionError(f"lanes stay due: {outcomes[-5:]}")


def make_due(account: Account) -> None:
    """As if the next poll of every calendar had come, whatever they were waiting for."""
    with every_tenant():
        Account.objects.filter(pk=account.pk).update(blocked_until=None)
        Calendar.objects.filter(account=account).update(next_poll_at=timezone.now(), not_before=None)


def sync(account: Account) -> list[Outcome]:
    """One incremental round."""
    make_due(account)
    return drain()


def primary(account: Account) -> Calendar:
    """The account's own calendar as it stands now."""
    with every_tenant():
        return Calendar.objects.select_related("account__owner__tenant", "tenant").get(
            account=account, is_primary=True
        )


def titles(account: Account) -> set[str]:
    """Titles of the living events of all its calendars."""
    with every_tenant():
        return set(Event.objects.shown().filter(calendar__account=account).values_list("title", flat=True))


def event_named(account: Account, title: str) -> Event:
    """The one event with this title, removed or not."""
    with every_tenant():
        return Event.objects.get(calendar__account=account, title=title)


def living(account: Account) -> dict[str, int]:
    """Ids of all living rows by the provider's id."""
    with every_tenant():
        rows = Event.objects.living().filter(calendar__account=account)
        return dict(rows.values_list("remote_id", "pk"))


def projected(account: Account) -> set[tuple[str, str]]:
    """The stored occurrences: of which series, and which date."""
    with every_tenant():
        stored = Occurrence.objects.filter(calendar__account=account)
        return set(stored.values_list("event__remote_id", "original_start"))


def seen_between(account: Account, start: str, end: str) -> list[Item]:
    """What the calendar page shows of the primary calendar between two dates (UTC midnights)."""
    window = Window(_midnight(start), _midnight(end))
    calendar = primary(account)
    with tenant_scope(calendar.tenant):
        return items_between([calendar], window, calendar.account.owner.tenant_zone)


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)
