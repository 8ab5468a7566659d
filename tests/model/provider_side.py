"""The provider's side of the model: people edit there, and the truth is read back through Google's own API.

Bob owns Alice's calendars too. The truth is asked for in his name, so that what goes wrong for Alice's requests never
spoils it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import requests
from django.conf import settings

from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, BOB_AT_GOOGLE, Sandbox

Resource = Mapping[str, Any]
TEAM = "team@group.sandbox.example"
CALENDARS = (ALICE_AT_GOOGLE, TEAM)
_SCOPES = "https://www.googleapis.com/auth/calendar"
_REDIRECT = "http://127.0.0.1:1/back"
_LONG = 100_000_000


@dataclass(slots=True)
class ProviderSide:
    """A world with Alice's own calendar and one of her team."""

    sandbox: Sandbox
    session: requests.Session = field(default_factory=requests.Session)

    def begin(self, now: datetime) -> None:
        """A new world whose clock shows `now`."""
        self.sandbox.control("reset", demo=False)
        for mailbox in (ALICE_AT_GOOGLE, BOB_AT_GOOGLE):
            self.sandbox.add_mailbox(mailbox)
        self.sandbox.control("calendars", mailbox=ALICE_AT_GOOGLE, summary="Team", id=TEAM)
        for calendar in CALENDARS:
            self.sandbox.control("calendars/role", calendar=calendar, mailbox=BOB_AT_GOOGLE, role="owner")
        shown = datetime.fromisoformat(self.sandbox.control("clock", seconds=0)["now"])
        self.pass_time((now - shown).total_seconds())
        self._sign_in_as_bob()
        self.quieten()

    def quieten(self) -> None:
        """Notifications are carried by the model, not by the sandbox."""
        self.sandbox.control("notifications", silent=True)

    def pass_time(self, seconds: float) -> None:
        """The provider's clock goes on."""
        self.sandbox.control("clock", seconds=seconds)

    def heal(self) -> None:
        """Everything works again."""
        self.sandbox.forget("faults")
        self.quieten()

    def try_to(self, action: str, **body: Any) -> Resource | None:
        """A person's edit in a calendar of Alice's; None where the provider does not allow it."""
        address = f"{self.sandbox.url}/control/{action}"
        answer = self.session.post(address, json={"mailbox": ALICE_AT_GOOGLE, **body}, timeout=30)
        return dict(answer.json()) if answer.ok else None

    def move(self, calendar: str, event_id: str, destination: str) -> None:
        """Give an event to another calendar."""
        path = f"{self._events(calendar)}/{quote(event_id)}/move"
        self.session.post(path, params={"destination": destination}, timeout=30)

    def items(self, calendar: str, **question: Any) -> dict[str, Resource]:
        """events.list to its end, by id; an empty answer to a void sync token is None's business, see `since`."""
        found = self._list(self._events(calendar), question)
        assert found is not None
        return found

    def since(self, calendar: str, sync_token: str) -> dict[str, Resource] | None:
        """What changed since a sync token; None when it is void."""
        return self._list(self._events(calendar), {"syncToken": sync_token})

    def expanded(self, calendar: str, start: datetime, end: datetime) -> list[Resource]:
        """Everything that happens in a window, series expanded by the provider."""
        window = {"timeMin": start.isoformat(), "timeMax": end.isoformat()}
        return list(self.items(calendar, singleEvents="true", **window).values())

    def instances(self, calendar: str, series: str) -> list[Resource]:
        """The first occurrences of a series."""
        address = f"{self._events(calendar)}/{quote(series)}/instances"
        answer = self.session.get(address, params={"maxResults": 6}, timeout=30)
        return list(answer.json()["items"]) if answer.ok else []

    def requests_of_alice(self) -> list[Resource]:
        """What was asked in her name since the last `forget_requests`, newest first."""
        lines = self.sandbox.look("log", limit=5000, mailbox=ALICE_AT_GOOGLE)["requests"]
        return [line for line in lines if line["path"].startswith("/calendar/")]

    def forget_requests(self) -> None:
        self.sandbox.forget("log")

    def mails(self) -> int:
        return int(self.sandbox.look("outbox")["count"])

    def channels(self) -> list[Resource]:
        """Channels that are alive."""
        return [each for each in self.sandbox.look("channels")["channels"] if each["alive"]]

    def _events(self, calendar: str) -> str:
        return f"{self.sandbox.url}/calendar/v3/calendars/{quote(calendar)}/events"

    def _list(self, address: str, question: Mapping[str, Any]) -> dict[str, Resource] | None:
        found: dict[str, Resource] = {}
        more: dict[str, Any] = {}
        while True:
            answer = self.session.get(address, params={"maxResults": 2500, **question, **more}, timeout=30)
            if answer.status_code == requests.codes.gone:
                return None
            body = answer.json()
            found |= {item["id"]: item for item in body["items"]}
            if "nextPageToken" not in body:
                return found
            more = {"pageToken": body["nextPageToken"]}

    def _sign_in_as_bob(self) -> None:
        self.sandbox.control("tokens", access_seconds=_LONG)
        wish = {
            "client_id": settings.GOOGLE_CLIENT_ID, "redirect_uri": _REDIRECT, "response_type": "code",
            "scope": _SCOPES, "sandbox_user": BOB_AT_GOOGLE, "sandbox_allow": "1",
        }  # fmt: skip
        url = f"{self.sandbox.url}/o/oauth2/v2/auth"
        back = self.session.get(url, params=wish, allow_redirects=False, timeout=30).headers["location"]
        form = {
            "grant_type": "authorization_code", "code": dict(parse_qsl(urlsplit(back).query))["code"],
            "redirect_uri": _REDIRECT, "client_id": settings.GOOGLE_CLIENT_ID,
            "client_secret": settings.GOOGLE_CLIENT_SECRET,
        }  # fmt: skip
        token = self.session.post(f"{self.sandbox.url}/token", data=form, timeout=30).json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.sandbox.control("tokens", access_seconds=3600)


def is_cancelled(item: Resource) -> bool:
    return bool(item["status"] == "cancelled")


def age(etag: str) -> int:
    """The stand-in's entity tags are numbers that rise with every change in its world; 0 for none."""
    return int(etag.strip('"') or 0)


def time_of(value: Resource) -> date | datetime:
    """A start or end of Google's: a date, or an instant in UTC."""
    if "date" in value:
        return date.fromisoformat(value["date"])
    return datetime.fromisoformat(value["dateTime"]).astimezone(UTC)
