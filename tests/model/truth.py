"""What must hold: our rows beside the provider's own answers, mapped here by a few lines that are not the product's."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from calendarsync.domain import AllDay, Window
from calendarsync.engine.lane import due
from calendarsync.models import Account, Calendar, Cursor, Event, Occurrence, SkippedItem
from calendarsync.selectors.range_view import items_between
from marketplace.tenancy import every_tenant, tenant_scope
from tests.model.provider_side import ProviderSide, Resource, is_cancelled, time_of

Row: TypeAlias = dict[str, Any]
_VISIBLE = ("remote_id", "fingerprint")


def calendars(account: Account) -> list[Calendar]:
    with every_tenant():
        lanes = Calendar.objects.filter(account=account).select_related("account__owner__tenant", "tenant")
        return list(lanes.order_by("pk"))


def rows(calendar: Calendar) -> dict[str, Event]:
    """Every row of a calendar, removed ones too, by the provider's id."""
    with every_tenant():
        return {event.remote_id: event for event in Event.objects.filter(calendar=calendar)}


def visible(events: Collection[Event]) -> set[tuple[str, str]]:
    """What a viewer could see, as ids and fingerprints."""
    return {(event.remote_id, event.fingerprint) for event in events if event.removed_at is None}


def everything(account: Account) -> dict[str, list[tuple[Any, ...]]]:
    """All rows about events with all columns, to compare two moments."""
    with every_tenant():
        return {
            "events": sorted(
                Event.objects.living()
                .filter(calendar__account=account)
                .exclude(kind="cancelled")
                .values_list("pk", "remote_id", "fingerprint", "etag", "identity_key")
            ),
            "occurrences": sorted(
                Occurrence.objects.filter(calendar__account=account, event__removed_at=None).values_list(
                    "event", "original_start"
                )
            ),
        }


def revisions(account: Account) -> list[int]:
    return [calendar.revision for calendar in calendars(account)]


def sync_token(calendar: Calendar) -> str:
    with every_tenant():
        return Cursor.objects.get(calendar=calendar, stream=Cursor.Stream.FULL).sync_token


def is_due(calendar: Calendar, now: datetime) -> bool:
    with every_tenant():
        return Calendar.objects.filter(due(now), pk=calendar.pk).exists()


def assert_position_is_safe(side: ProviderSide, calendar: Calendar) -> None:
    """Invariant 7: what our rows lack, the delta from our own position brings."""
    token = sync_token(calendar)
    news = side.since(calendar.remote_id, token) if token else None
    if news is None:
        return
    ours = {key: event.etag for key, event in rows(calendar).items() if event.removed_at is None}
    theirs = {key: item["etag"] for key, item in side.items(calendar.remote_id).items()}
    lost = {key for key, etag in theirs.items() if ours.get(key) != etag} - news.keys()
    kept = {key for key, event in rows(calendar).items() if _is_shown(event)} - theirs.keys() - news.keys()
    assert (lost, kept) == (set(), set()), "the sync token is ahead of the rows"


def _is_shown(event: Event) -> bool:
    return event.removed_at is None and event.kind != "cancelled"


def assert_converged(side: ProviderSide, calendar: Calendar, window: Window) -> None:
    """Invariants 1, 15, 16, 17, 18: the same events, the same days, nothing else."""
    living = {key: event for key, event in rows(calendar).items() if event.removed_at is None}
    theirs = side.items(calendar.remote_id)
    shown = {key: _ours(event) for key, event in living.items() if event.kind != "cancelled"}
    assert shown == {key: _theirs(item) for key, item in theirs.items() if not is_cancelled(item)}
    assert {key for key, item in theirs.items() if is_cancelled(item)} <= living.keys()
    assert {event.tenant_id for event in living.values()} <= {calendar.tenant_id}
    assert _days(calendar, window) == _their_days(side, calendar, window)
    with every_tenant():
        orphans = Occurrence.objects.filter(calendar=calendar).exclude(
            event__removed_at=None, event__kind="master"
        )
        assert not orphans.exists()
        assert not SkippedItem.objects.filter(calendar=calendar).exists()


def _ours(event: Event) -> Row:
    return {
        "etag": event.etag,
        "title": event.title,
        "place": event.location,
        "kind": event.kind,
        "series": event.master_remote_id,
        "start": event.start_date or event.starts_at,
        "end": event.end_date or event.ends_at,
        "rule": event.recurrence,
        "busy": event.busy,
        "visibility": event.visibility,
        "people": sorted((person["address"], person.get("response", "")) for person in event.attendees),
    }


def _theirs(item: Resource) -> Row:
    answers = {"needsAction": ""}
    return {
        "etag": item["etag"],
        "title": item.get("summary", ""),
        "place": item.get("location", ""),
        "kind": "exception" if "recurringEventId" in item else "master" if "recurrence" in item else "single",
        "series": item.get("recurringEventId", ""),
        "start": time_of(item["start"]),
        "end": time_of(item["end"]),
        "rule": item.get("recurrence", []),
        "busy": "free" if item.get("transparency") == "transparent" else "busy",
        "visibility": item.get("visibility", "default"),
        "people": sorted(
            (each["email"], answers.get(each["responseStatus"], each["responseStatus"]))
            for each in item.get("attendees", ())
        ),
    }


def _days(calendar: Calendar, window: Window) -> list[tuple[str, str, str]]:
    with tenant_scope(calendar.tenant):
        found = items_between([calendar], window, calendar.account.owner.tenant_zone)
        whole_day = [item for item in found if isinstance(item.when, AllDay)]
        timed = [item for item in found if not isinstance(item.when, AllDay)]
        return sorted(
            (item.event.title, item.when.start.isoformat(), item.when.end.isoformat())
            for item in (*whole_day, *timed)
        )


def _their_days(side: ProviderSide, calendar: Calendar, window: Window) -> list[tuple[str, str, str]]:
    """The provider expands a wider window, whose edges it counts in its own zone; ours cuts it."""
    wider = side.expanded(
        calendar.remote_id, window.start - timedelta(days=3), window.end + timedelta(days=3)
    )
    spans = [(item.get("summary", ""), time_of(item["start"]), time_of(item["end"])) for item in wider]
    return sorted(
        (title, start.isoformat(), end.isoformat())
        for title, start, end in spans
        if _is_within(start, end, window, calendar.account.owner.tenant_zone)
    )


def _is_within(start: Any, end: Any, window: Window, zone: ZoneInfo) -> bool:
    """Whole days count in the reader's zone; an event without length counts where it begins."""
    if isinstance(start, datetime):
        return start < window.end and (end > window.start or start >= window.start)
    last = (window.end - timedelta(microseconds=1)).astimezone(zone).date()
    return bool(start <= last and end > window.start.astimezone(zone).date())
