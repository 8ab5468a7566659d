"""Google in the contract suite: the sandbox, steered through its control API."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from calendarsync.domain import AllDay, Grant, Timed, When
from calendarsync.providers import provider_of
from calendarsync.providers.base import Mailbox, Provider
from calendarsync.providers.google.sign_in import EVENTS_SCOPE
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox
from tests.contract.inbox import listening
from tests.contract.rig import Draft, Inbox, Trouble

REDIRECT = "http://127.0.0.1:8000/calendar/connect/google/callback/"
_EVENTS = {"path": "/calendars/[^/]+/events"}
_TROUBLES: Mapping[Trouble, Mapping[str, Any]] = {
    Trouble.BUSY: {"status": 403, "reason": "rateLimitExceeded"},
    Trouble.DOWN: {"status": 503, "reason": "backendError"},
    Trouble.WEB_PAGE: {"body": "html"},
    Trouble.HALF: {"body": "truncated"},
    Trouble.NOTHING: {"body": "empty"},
    Trouble.CUT: {"body": "reset"},
    Trouble.FORBIDDEN: {"status": 403, "reason": "forbidden"},
    Trouble.GONE: {"status": 404, "reason": "notFound"},
}
_ROLES = {"owner": "owner", "reader": "reader", "busy": "freeBusyReader"}
_WORDS = {"timeMin": "window", "syncToken": "since", "pageToken": "page"}


class GoogleRig:
    """Alice's mailbox at the stand-in Google."""

    address = calendar = ALICE_AT_GOOGLE
    zone = "Europe/Amsterdam"
    expected_requests: Mapping[str, Sequence[str]] = {
        "sign in": ["POST /token"],
        "snapshot of three pages": ["GET events", "GET events page", "GET events page"],
        "window of two pages": ["GET events window", "GET events window page"],
        "delta of two pages": ["GET events since", "GET events since page"],
        "delta without news": ["GET events since"],
        "count": ["GET events ids", "GET events ids page"],
        "calendars": ["GET calendarList"],
        "refresh": ["POST /token"],
        "failure": ["GET events"],
    }

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.provider: Provider = provider_of("google")
        self._seen = 0

    def sign_in(self, *, refuse: bool = False, withhold_calendar: bool = False) -> Grant:
        start = self.provider.begin_sign_in(redirect_uri=REDIRECT, state="state", hint="")
        asked = dict(parse_qsl(urlsplit(start.url).query))["scope"].split()
        ticked = [scope for scope in asked if not (withhold_calendar and scope == EVENTS_SCOPE)]
        choices = {"sandbox_allow": "0" if refuse else "1", "sandbox_scope": ticked}
        back = self.sandbox.consent(start.url, self.address, **choices)
        answer = dict(parse_qsl(urlsplit(back).query))
        return self.provider.finish_sign_in(
            redirect_uri=REDIRECT, state="state", verifier=start.verifier, answer=answer
        )

    def open(self) -> Mailbox:
        return self.provider.open(self.sign_in().credentials)

    def add_calendar(self, name: str, *, role: str) -> str:
        owner = self.address if role == "owner" else "bob@mail.example"
        roles = {} if role == "owner" else {self.address: _ROLES[role]}
        made = self.sandbox.control("calendars", mailbox=owner, summary=name, roles=roles)
        return str(made["id"])

    def add(self, draft: Draft) -> str:
        made = self.sandbox.control("events", mailbox=self.address, event=self._resource(draft))
        return str(made["id"])

    def edit(self, remote_id: str, draft: Draft) -> None:
        cleared = {"start": {"date": None, "dateTime": None}, "end": {"date": None, "dateTime": None}}
        changes = _merged(cleared, self._resource(draft))
        self.sandbox.control("events/patch", mailbox=self.address, id=remote_id, changes=changes)

    def delete(self, remote_id: str) -> None:
        self.sandbox.control("events/delete", mailbox=self.address, id=remote_id)

    def move_occurrence(self, series: str, original_start: str, when: When) -> None:
        instance = f"{series}_{original_start}"
        self.sandbox.control("events/patch", mailbox=self.address, id=instance, changes=self._times(when))

    def cancel_occurrence(self, series: str, original_start: str) -> None:
        self.delete(f"{series}_{original_start}")

    def answer(self, remote_id: str, attendee: str) -> None:
        people = [{"email": attendee, "responseStatus": "accepted"}]
        self.sandbox.control(
            "events/patch", mailbox=self.address, id=remote_id, changes={"attendees": people}
        )

    def add_unreadable(self) -> None:
        self.sandbox.control("malformed", mailbox=self.address, kinds=["missing_start"])

    def small_pages(self, size: int, *, empty: int = 0) -> None:
        self.sandbox.control("pages", size=size, empties=empty)

    def repeat_items(self) -> None:
        self.sandbox.control("pages", duplicates=True)

    def void_position(self) -> None:
        self.sandbox.control("sync-tokens/expire", mailbox=self.address)

    def end_access(self) -> None:
        self.sandbox.control("tokens/expire", mailbox=self.address)

    def withdraw_grant(self) -> None:
        self.sandbox.control("grants/revoke", mailbox=self.address)

    def trouble(self, kind: Trouble, *, retry_after: str = "") -> None:
        wait = {"retry_after": retry_after} if retry_after else {}
        self.sandbox.control("faults", match=_EVENTS, **_TROUBLES[kind], **wait)

    def sign_in_fails(self, status: int) -> None:
        self.sandbox.control("faults", match={"path": "/token"}, status=status)

    def calm(self) -> None:
        self.sandbox.forget("faults")

    @contextmanager
    def inbox(self) -> Iterator[Inbox]:
        with listening() as inbox:
            yield inbox

    def asked(self) -> list[str]:
        lines = list(reversed(self.sandbox.look("log", limit=5000)["requests"]))
        self.sandbox.forget("log")
        return [_short(line["method"], line["path"]) for line in lines if "/auth?" not in line["path"]]

    def mails(self) -> int:
        return int(self.sandbox.look("outbox")["count"])

    def _resource(self, draft: Draft) -> dict[str, Any]:
        return {
            "summary": draft.title,
            "description": draft.description or None,
            "location": draft.location or None,
            "recurrence": list(draft.recurrence) or None,
            "attendees": [{"email": address} for address in draft.attendees] or None,
            "transparency": "transparent" if draft.free else "opaque",
            "visibility": "private" if draft.private else "default",
        } | self._times(draft.when)

    def _times(self, when: When) -> dict[str, Any]:
        if isinstance(when, AllDay):
            return {"start": {"date": when.start.isoformat()}, "end": {"date": when.end.isoformat()}}
        return {"start": _moment(when.start, when), "end": _moment(when.end, when)}


def _moment(instant: datetime, when: Timed) -> dict[str, str]:
    wall = instant.astimezone(ZoneInfo(when.zone) if when.zone else UTC)
    return {"dateTime": wall.isoformat(), "timeZone": when.zone}


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    both = {name: {**base[name], **changes[name]} for name in base}
    return {**changes, **both}


def _short(method: str, path: str) -> str:
    """`GET events since page` for a second page of changes; the plain path for anything but events and calendars."""
    parts = urlsplit(path)
    query = dict(parse_qsl(parts.query))
    found = re.search(r"/(calendarList|events)$", parts.path)
    if method != "GET" or not found:
        return f"{method} {parts.path.removeprefix('/calendar/v3')}"
    words = ["ids"] if query.get("fields") == "nextPageToken,items/id" else []
    words += [word for name, word in _WORDS.items() if name in query]
    return " ".join([method, found[1], *words])
