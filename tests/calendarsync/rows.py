"""Accounts as runs leave them behind, made without a provider."""

from datetime import UTC, datetime, timedelta
from typing import Any

from calendarsync.models import Account, Calendar, Cursor, Event, Signal, SkippedItem, SyncRun
from marketplace.models import User
from marketplace.tenancy import every_tenant

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def make_account(owner: User, address: str = "alice@mail.example", **fields: Any) -> Account:
    """A signed-in Google account without calendars."""
    assert owner.tenant is not None
    usual = {"provider": "google", "subject": address, "address": address, "connected_at": NOW - 9 * DAY}
    account = Account(tenant=owner.tenant, owner=owner, **usual | fields)
    account.seal_credentials({"access_token": "ya29.secret", "refresh_token": "1//secret"})
    with every_tenant():
        account.save()
    return account


def make_calendar(account: Account, name: str = "Work", **fields: Any) -> Calendar:
    """A chosen, writable calendar that succeeded two minutes ago and is looked at again in eight."""
    usual = {
        "remote_id": name.lower(),
        "name": name,
        "can_write": True,
        "selected": True,
        "phase": Calendar.Phase.LIVE,
        "first_complete_at": NOW - 8 * DAY,
        "last_ok_at": NOW - 2 * MINUTE,
        "next_poll_at": NOW + 8 * MINUTE,
        "projected_from": NOW.date(),
        "projected_until": NOW.date(),
    }
    with every_tenant():
        calendar = Calendar.objects.create(tenant=account.tenant, account=account, **usual | fields)
        Signal.objects.create(tenant=account.tenant, calendar=calendar)
        for stream in Cursor.Stream.values:
            Cursor.objects.create(tenant=account.tenant, calendar=calendar, stream=stream)
    return calendar


def make_run(calendar: Calendar, at: datetime = NOW, **fields: Any) -> SyncRun:
    """A run that changed one event."""
    usual = {"phase": "live", "started_at": at, "finished_at": at, "outcome": "done", "changed": 1}
    with every_tenant():
        return SyncRun.objects.create(tenant=calendar.tenant, calendar=calendar, **usual | fields)


def make_skipped(calendar: Calendar, title: str = "Broken", **fields: Any) -> SkippedItem:
    """An item that could not be read."""
    usual: dict[str, Any] = {"remote_id": title, "title": title, "reason": "It ends before it starts."}
    usual |= {"first_seen_at": NOW, "last_seen_at": NOW}
    with every_tenant():
        return SkippedItem.objects.create(tenant=calendar.tenant, calendar=calendar, **usual | fields)


def make_event(calendar: Calendar, title: str = "Interview", **fields: Any) -> Event:
    """A single event of an hour."""
    usual: dict[str, Any] = {
        "remote_id": title,
        "title": title,
        "kind": "single",
        "identity_key": title,
        "fingerprint": "f",
    }
    usual |= {"seen_generation": 1, "starts_at": NOW, "ends_at": NOW + HOUR}
    with every_tenant():
        return Event.objects.create(tenant=calendar.tenant, calendar=calendar, **usual | fields)
