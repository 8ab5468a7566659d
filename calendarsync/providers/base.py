"""What a provider must be able to do. Providers translate: they never touch the database, never sleep, never retry.

To add one, write a package beside `google/` and add its line to the registry in `providers/__init__.py`;
CONTRIBUTING.md has the steps. Every method may raise leaves of `calendarsync.errors`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.functional import Promise

from calendarsync.domain import Capabilities, Grant, Page, Position, RemoteCalendar, Watch

Credentials = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SignInStart:
    """Where to send the browser, and the PKCE verifier to keep in its session until it returns."""

    url: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Notification:
    """A message of a push channel, not yet believed. The handshake says that the channel works, not that news exist.

    `resource_id` is the provider's name for what is watched, "" where it sends none. `number` rises with the messages
    of a channel and is the same when one is sent again; None where there is none.
    """

    channel_id: str
    secret: str
    is_handshake: bool
    resource_id: str = ""
    number: int | None = None


class SignInRefused(Exception):
    """The user came back without a usable grant. `code` is one of calendarsync.errors or `denied`, `failed`."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Mailbox(Protocol):
    """A session with one account; closed after each run."""

    def is_signed_in(self) -> bool:
        """Whether the provider accepts our access token at all; one cheap call about the mailbox, not a calendar."""

    def list_calendars(self) -> tuple[RemoteCalendar, ...]:
        """Every calendar in the account's list."""

    def pull(self, calendar_id: str, time_zone: str, position: Position) -> Page:
        """One page: a SnapshotPage, or a DeltaPage when `position` has a sync token. Raises SyncTokenVoid."""

    def count(self, calendar_id: str) -> int:
        """How many items a complete reading will bring; for the progress bar of a long one."""

    def exists(self, calendar_id: str, remote_id: str) -> bool:
        """Whether the provider still has this event; used before a mass removal is believed."""

    def watch(self, calendar_id: str, *, channel_id: str, secret: str, address: str) -> Watch:
        """Ask for notifications at `address`. Raises Refused where this calendar cannot be watched."""

    def unwatch(self, *, channel_id: str, resource_id: str) -> None:
        """Stop notifications; an unknown channel is fine."""

    def close(self) -> None:
        """Give the connections back."""


class Provider(Protocol):
    """One kind of account."""

    key: str
    name: str
    protocol: str | Promise
    capabilities: Capabilities

    def client_id(self) -> str:
        """Our public id at the provider, which an administrator there may have to trust."""

    def params_hash(self) -> str:
        """Changes whenever the question or the mapping changes, so that no sync token continues another question."""

    def begin_sign_in(self, *, redirect_uri: str, state: str, hint: str) -> SignInStart:
        """Build the consent address; `hint` is an e-mail address or ""."""

    def finish_sign_in(
        self, *, redirect_uri: str, state: str, verifier: str, answer: Mapping[str, str]
    ) -> Grant:
        """Turn the query of the redirect into a grant. Raises SignInRefused or a SyncError."""

    def needs_refresh(self, credentials: Credentials, now_timestamp: float) -> bool:
        """Whether the access token ends within minutes (seconds since the epoch, UTC)."""

    def refresh(self, credentials: Credentials) -> dict[str, Any]:
        """Whole new credentials; what the answer leaves out is kept. Raises ReconnectNeeded or Unavailable."""

    def revoke(self, credentials: Credentials) -> None:
        """Give the grant back; a grant that is dead already is fine."""

    def read_notifications(self, headers: Mapping[str, str], body: bytes) -> list[Notification]:
        """What a webhook request claims; empty for junk. Never raises."""

    def open(self, credentials: Credentials) -> Mailbox:
        """A mailbox session with these credentials; makes no call yet."""
