"""What Alice does in her calendar at Google, and what Google itself shows there: the measure of what we show."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import requests

from calendarsync.domain import AllDay, Window
from calendarsync.models import Account
from calendarsync.selectors.range_view import Item, items_between
from marketplace.tenancy import tenant_scope
from tests.calendarsync.driving import primary, seen_between, sync
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

# Title, start and end: instants in UTC, or dates with an exclusive end.
Shown = tuple[str, str, str]
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_SECONDS = 20


def timed(moment: str, zone: str = "Europe/Amsterdam") -> dict[str, str]:
    """A start or end on the wall of `zone`."""
    return {"dateTime": moment, "timeZone": zone}


def days(first: str, end: str) -> dict[str, Any]:
    """Start and exclusive end of an all-day event."""
    return {"start": {"date": first}, "end": {"date": end}}


def add(sandbox: Sandbox, mailbox: str = ALICE_AT_GOOGLE, **event: Any) -> dict[str, Any]:
    """An event as Google's API takes it, in the mailbox's own calendar."""
    stored: dict[str, Any] = sandbox.control("events", mailbox=mailbox, event=event)
    return stored


def weekly(sandbox: Sandbox, mailbox: str = ALICE_AT_GOOGLE, **more: Any) -> dict[str, Any]:
    """Mondays at nine in Amsterdam, from before the change of the clocks on 29 March 2026."""
    event = {
        "summary": "Stand-up",
        "start": timed("2026-03-16T09:00:00"),
        "end": timed("2026-03-16T09:15:00"),
        "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO"],
    }
    return add(sandbox, mailbox, **event | more)


def change(sandbox: Sandbox, event_id: str, mailbox: str = ALICE_AT_GOOGLE, **changes: Any) -> None:
    """Patch an event, a series or (by the id of an instance) one occurrence; None clears a member."""
    sandbox.control("events/patch", mailbox=mailbox, id=event_id, changes=changes)


def delete(sandbox: Sandbox, event_id: str, mailbox: str = ALICE_AT_GOOGLE) -> None:
    """Delete an event or a series, or cancel one occurrence."""
    sandbox.control("events/delete", mailbox=mailbox, id=event_id)


def call(sandbox: Sandbox, account: Account, method: str, path: str, body: Any = None, **query: str) -> Any:
    """Google's own API with the account's token; `path` below /calendar/v3/."""
    token = primary(account).account.credentials["access_token"]
    answer = requests.request(
        method,
        f"{sandbox.url}/calendar/v3/{path}",
        params=query,
        json=body,
        headers={"Authorization": f"Bearer {token}"},
        timeout=_SECONDS,
    )
    assert answer.ok, answer.text
    return answer.json()


def shown_at_google(sandbox: Sandbox, account: Account, start: str, end: str) -> list[Shown]:
    """What Google expands (singleEvents) in Alice's own calendar between two dates (UTC midnights)."""
    answer = call(
        sandbox,
        account,
        "GET",
        "calendars/primary/events",
        singleEvents="true",
        timeMin=f"{start}T00:00:00Z",
        timeMax=f"{end}T00:00:00Z",
        maxResults="2500",
    )
    assert "nextPageToken" not in answer
    return sorted(
        (" ".join(item.get("summary", "").split()), _moment(item["start"]), _moment(item["end"]))
        for item in answer["items"]
    )


def shown_here(account: Account, start: str, end: str) -> list[Shown]:
    """What our calendar page shows of the same calendar between the same moments."""
    return sorted(as_shown(item) for item in seen_between(account, start, end))


def as_shown(item: Item) -> Shown:
    """An item of our range in the form of Google's."""
    return item.event.title, item.when.start.isoformat(), item.when.end.isoformat()


def read_all_again(sandbox: Sandbox, account: Account) -> None:
    """As after a void sync token: everything once more, beside the rows we have."""
    sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)
    sync(account)


def shown_on(account: Account, day: date, zone: str) -> list[str]:
    """Titles on one day of a page in `zone`, of the same calendar."""
    place = ZoneInfo(zone)
    midnights = (
        datetime(each.year, each.month, each.day, tzinfo=place) for each in (day, day + timedelta(days=1))
    )
    calendar = primary(account)
    with tenant_scope(calendar.tenant):
        return [item.event.title for item in items_between([calendar], Window(*midnights), place)]


def starts(items: list[Item]) -> list[str]:
    """Starts as the wall in Amsterdam shows them, or dates."""
    return [_wall(item) for item in items]


def _wall(item: Item) -> str:
    if isinstance(item.when, AllDay):
        return item.when.start.isoformat()
    return item.when.start.astimezone(AMSTERDAM).strftime("%Y-%m-%d %H:%M")


def _moment(moment: dict[str, str]) -> str:
    if "date" in moment:
        return moment["date"]
    return datetime.fromisoformat(moment["dateTime"]).astimezone(UTC).isoformat()
