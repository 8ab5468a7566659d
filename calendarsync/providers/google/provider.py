"""The Google side of the provider contract: calendars, pages of events, probes and channels."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from calendarsync.domain import (
    Capabilities,
    DeltaPage,
    Grant,
    Page,
    Position,
    RemoteCalendar,
    SnapshotPage,
    Watch,
)
from calendarsync.errors import AccessExpired, Gone, Refused, SyncTokenVoid, Unavailable
from calendarsync.fingerprints import fingerprint
from calendarsync.providers.base import Credentials, Notification, SignInStart
from calendarsync.providers.google import channel, mapping, sign_in
from calendarsync.providers.google.client import Transport, execute, service

# Small first pages paint the screen early; large ones carry the history.
_NEAR_PAGE = 250
_FULL_PAGE = 2500
_EVENT_FIELDS = (
    "id,status,etag,iCalUID,recurringEventId,originalStartTime,summary,description,location,start,end,"
    "recurrence,transparency,visibility,eventType,colorId,organizer,attendees(email,displayName,responseStatus,"
    "optional,resource,self),attendeesOmitted,hangoutLink,conferenceData(entryPoints(entryPointType,uri)),htmlLink,updated"
)
_PAGE_FIELDS = f"nextPageToken,nextSyncToken,timeZone,items({_EVENT_FIELDS})"
_CHANNEL_LIFE = timedelta(days=7)
# Beyond these an answer is not Google's, whatever it says.
_MOST_ITEMS = 2 * _FULL_PAGE
_LONGEST_TOKEN = 64 * 1024
_LONGEST_RESOURCE_ID = 255


class GoogleProvider:
    """Google Calendar."""

    key = "google"
    name = "Google"
    protocol = "Google Calendar"
    capabilities = Capabilities(
        push=True, write=True, visibility=True, free_busy=True, online_meetings=True, several_calendars=True
    )

    def client_id(self) -> str:
        """The OAuth client id a Workspace administrator trusts."""
        return str(settings.GOOGLE_CLIENT_ID)

    def params_hash(self) -> str:
        """The field mask and the mapping decide what a stored row means."""
        return fingerprint({"fields": _PAGE_FIELDS, "mapping": mapping.VERSION})

    def begin_sign_in(self, *, redirect_uri: str, state: str, hint: str) -> SignInStart:
        """See sign_in.begin."""
        return sign_in.begin(redirect_uri=redirect_uri, state=state, hint=hint)

    def finish_sign_in(
        self, *, redirect_uri: str, state: str, verifier: str, answer: Mapping[str, str]
    ) -> Grant:
        """See sign_in.finish."""
        return sign_in.finish(redirect_uri=redirect_uri, state=state, verifier=verifier, answer=answer)

    def needs_refresh(self, credentials: Credentials, now_timestamp: float) -> bool:
        """True within the last four minutes of the access token, and without one."""
        expires_at = credentials.get("expires_at")
        ends_soon = expires_at is not None and float(expires_at) - 240 < now_timestamp
        return ends_soon or not credentials.get("access_token")

    def refresh(self, credentials: Credentials) -> dict[str, Any]:
        """See sign_in.refresh."""
        return sign_in.refresh(credentials)

    def revoke(self, credentials: Credentials) -> None:
        """See sign_in.revoke."""
        sign_in.revoke(credentials)

    def read_notifications(self, headers: Mapping[str, str], body: bytes) -> list[Notification]:
        """See channel.read; Google sends no body."""
        return channel.read(headers)

    def open(self, credentials: Credentials) -> "GoogleMailbox":
        """A session that sends this access token."""
        return GoogleMailbox(str(credentials["access_token"]))


class GoogleMailbox:
    """One run's session with one Google account."""

    def __init__(self, access_token: str) -> None:
        self._transport = Transport(access_token)
        self._service = service(self._transport)

    def is_signed_in(self) -> bool:
        """The own calendar's entry of the calendar list: one small answer, from what every grant of ours may read."""
        try:
            execute(self._service.calendarList().get(calendarId="primary", fields="id"))
        except AccessExpired:
            return False
        return True

    def list_calendars(self) -> tuple[RemoteCalendar, ...]:
        """All entries of the calendar list, page by page. Raises Unavailable for an empty one, which no account has."""
        pages = _every_page(lambda token: self._service.calendarList().list(maxResults=250, pageToken=token))
        found = mapping.read_calendars(entry for page in pages for entry in page)
        if not found:
            raise Unavailable(reason="no calendars")
        return found

    def pull(self, calendar_id: str, time_zone: str, position: Position) -> Page:
        """One page of masters, exceptions and singles; series are never expanded by Google."""
        answer = self._page(calendar_id, position)
        zone = str(answer.get("timeZone") or time_zone)[: mapping.LONGEST_ZONE]
        read = mapping.read_items(_items(answer), zone)
        next_page, sync_token = _token(answer, "nextPageToken"), _token(answer, "nextSyncToken")
        # Only the end of the stream is a position; a sync token in the middle would skip the pages after it.
        ends = {"next_page": next_page, "sync_token": "" if next_page else sync_token}
        if position.sync_token:
            return DeltaPage(items=read.events, removed=read.removed, unreadable=read.unreadable, **ends)
        return SnapshotPage(items=read.events, unreadable=read.unreadable, **ends)

    def _page(self, calendar_id: str, position: Position) -> dict[str, Any]:
        try:
            return execute(self._service.events().list(calendarId=calendar_id, **_question(position)))
        except Refused as error:
            if not (position.page_token or position.sync_token):
                raise
            # The same question without a token is never invalid, so it is the token that is.
            raise SyncTokenVoid(reason=str(error.context.get("reason", ""))) from error

    def count(self, calendar_id: str) -> int:
        """Ids only, a fraction of the reading itself."""
        question = {"calendarId": calendar_id, "fields": "nextPageToken,items/id", "maxResults": _FULL_PAGE}
        pages = _every_page(lambda token: self._service.events().list(pageToken=token, **question))
        return sum(len(page) for page in pages)

    def exists(self, calendar_id: str, remote_id: str) -> bool:
        """events.get still returns cancelled events, so the status decides."""
        try:
            found = execute(
                self._service.events().get(calendarId=calendar_id, eventId=remote_id, fields="id,status")
            )
        except Gone:
            return False
        return found.get("status") != "cancelled"

    def watch(self, calendar_id: str, *, channel_id: str, secret: str, address: str) -> Watch:
        """Open a channel for seven days, the longest Google gives."""
        asked = datetime.now(UTC) + _CHANNEL_LIFE
        body = {
            "id": channel_id, "type": "web_hook", "address": address, "token": secret,
            "expiration": str(int(asked.timestamp() * 1000)),
        }  # fmt: skip
        answer = execute(self._service.events().watch(calendarId=calendar_id, body=body))
        return Watch(
            channel_id=channel_id,
            resource_id=_token(answer, "resourceId")[:_LONGEST_RESOURCE_ID],
            expires_at=_expiry(answer.get("expiration"), asked),
        )

    def unwatch(self, *, channel_id: str, resource_id: str) -> None:
        """Stop a channel; 404 means it is stopped."""
        try:
            execute(self._service.channels().stop(body={"id": channel_id, "resourceId": resource_id}))
        except Gone:
            return

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


def _items(answer: Mapping[str, Any]) -> list[Any]:
    items = answer.get("items", [])
    if not isinstance(items, list):
        raise Unavailable(reason="items is not a list")
    if len(items) > _MOST_ITEMS:
        raise Unavailable(reason="more items than were asked for")
    return items


def _token(answer: Mapping[str, Any], name: str) -> str:
    """A token of Google's, to be given back as it is; "" for none. Raises Unavailable for one that cannot be kept."""
    found = answer.get(name) or ""
    if not isinstance(found, str) or len(found) > _LONGEST_TOKEN or not found.isprintable():
        raise Unavailable(reason=f"{name} is no token")
    return found


def _expiry(given: Any, asked: datetime) -> datetime:
    """When a channel ends by Google's word (milliseconds); what we asked for where that cannot be."""
    try:
        ends = datetime.fromtimestamp(int(given) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return asked
    return ends if asked - _CHANNEL_LIFE < ends <= asked + _CHANNEL_LIFE else asked


def _every_page(ask: Callable[[str | None], Any]) -> Iterator[list[Any]]:
    """The items of all pages; a server that leads in a circle is cut short. Raises Unavailable."""
    asked: set[str | None] = set()
    token: str | None = None
    while token not in asked:
        asked.add(token)
        answer = execute(ask(token))
        yield _items(answer)
        token = _token(answer, "nextPageToken")
        if not token:
            return
    raise Unavailable(reason="the same page again")


def _question(position: Position) -> dict[str, Any]:
    """Parameters of events.list. A sync token continues the same question and tolerates no bounds beside it.

    maxResults is no part of the question: it says how much of the answer comes at a time, which Google itself varies.
    Should it refuse a page token for it, that token is void and the stream starts over.
    """
    question: dict[str, Any] = {"fields": _PAGE_FIELDS, "maxResults": _FULL_PAGE}
    if position.page_token:
        question["pageToken"] = position.page_token
    if position.sync_token:
        question["syncToken"] = position.sync_token
    if position.window is not None:
        question["maxResults"] = _NEAR_PAGE
        question["timeMin"] = position.window.start.isoformat()
        question["timeMax"] = position.window.end.isoformat()
    if position.page_size:
        question["maxResults"] = min(question["maxResults"], position.page_size)
    return question
