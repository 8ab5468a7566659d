"""A provider's mailbox that signs in again by itself when its access token ends."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from calendarsync.domain import Page, Position, RemoteCalendar, Watch
from calendarsync.engine.credentials import fresh_credentials
from calendarsync.errors import AccessExpired, AccessRefused
from calendarsync.models import Account, Calendar
from calendarsync.providers import provider_of
from calendarsync.providers.base import Mailbox

T = TypeVar("T")


class Session:
    """One run's or request's access to one account. Close it; never keep it inside a transaction."""

    def __init__(self, account: Account, clock: Callable[[], datetime]) -> None:
        self.account = account
        self.provider = provider_of(account.provider)
        self._clock = clock
        self._mailbox: Mailbox | None = None

    def pull(self, calendar: Calendar, position: Position) -> Page:
        """One page of a calendar."""
        return self._call(lambda mailbox: mailbox.pull(calendar.remote_id, calendar.time_zone, position))

    def count(self, calendar: Calendar) -> int:
        """How many items a complete reading will bring."""
        return self._call(lambda mailbox: mailbox.count(calendar.remote_id))

    def exists(self, calendar: Calendar, remote_id: str) -> bool:
        """Whether the provider still has an event."""
        return self._call(lambda mailbox: mailbox.exists(calendar.remote_id, remote_id))

    def is_signed_in(self) -> bool:
        """Whether the provider accepts our present access token for anything; refreshes nothing."""
        return self._open().is_signed_in()

    def list_calendars(self) -> tuple[RemoteCalendar, ...]:
        """The account's calendars."""
        return self._call(lambda mailbox: mailbox.list_calendars())

    def watch(self, calendar: Calendar, *, channel_id: str, secret: str, address: str) -> Watch:
        """Ask for notifications."""
        return self._call(
            lambda mailbox: mailbox.watch(
                calendar.remote_id, channel_id=channel_id, secret=secret, address=address
            )
        )

    def unwatch(self, *, channel_id: str, resource_id: str) -> None:
        """Stop notifications."""
        self._call(lambda mailbox: mailbox.unwatch(channel_id=channel_id, resource_id=resource_id))

    def close(self) -> None:
        """Give connections back."""
        if self._mailbox is not None:
            self._mailbox.close()
            self._mailbox = None

    def _call(self, action: Callable[[Mailbox], T]) -> T:
        """Run `action`; after a 401 once more with a refreshed token, and with a newer one that somebody else stored.

        Raises AccessRefused when none of them is accepted.
        """
        for opened in (self._open, self._open_refreshed, self._open_renewed_elsewhere):
            try:
                return action(opened())
            except AccessExpired:
                self.close()
        raise AccessRefused(reason="401 with a fresh token")

    def _open_refreshed(self) -> Mailbox:
        return self._open(refused_version=self.account.cred_version)

    def _open_renewed_elsewhere(self) -> Mailbox:
        used = self.account.cred_version
        self.account.refresh_from_db(fields=["sealed_credentials", "cred_version"])
        if self.account.cred_version == used:
            raise AccessRefused(reason="401 with a fresh token")
        return self._open()

    def _open(self, refused_version: int | None = None) -> Mailbox:
        if self._mailbox is None:
            credentials = fresh_credentials(self.account, self._clock(), refused_version=refused_version)
            self._mailbox = self.provider.open(credentials)
        return self._mailbox
