"""What the suite must be able to do "at the provider", whoever that is: sign in there, edit, and break things.

A provider joins the suite with one file that implements Rig on its stand-in, and one line in `RIGS` of conftest.py.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from calendarsync.domain import Grant, When
from calendarsync.providers.base import Mailbox, Provider


@dataclass(frozen=True, slots=True)
class Draft:
    """An event as a person makes it at the provider. `attendees` are addresses."""

    title: str
    when: When
    recurrence: tuple[str, ...] = ()
    description: str = ""
    location: str = ""
    attendees: tuple[str, ...] = ()
    free: bool = False
    private: bool = False


class Trouble(StrEnum):
    """How the next answers to questions about events go wrong."""

    BUSY = "too many requests"
    DOWN = "fails by itself"
    WEB_PAGE = "a web page instead of an answer"
    HALF = "half an answer"
    NOTHING = "an answer without a body"
    CUT = "the connection is cut in the middle"
    FORBIDDEN = "this calendar may not be read"
    GONE = "this calendar does not exist"


@dataclass(slots=True)
class Inbox:
    """An address that notifications can be sent to, and what arrived there: headers and body."""

    address: str
    received: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)


class Rig(Protocol):
    """One provider's stand-in with a mailbox of Alice's, empty at first. `calendar` is her own calendar."""

    provider: Provider
    address: str
    calendar: str
    zone: str
    # The requests each way of reading may cost, in the words of `asked`.
    expected_requests: Mapping[str, Sequence[str]]

    def sign_in(self, *, refuse: bool = False, withhold_calendar: bool = False) -> Grant:
        """Sign in as Alice through the provider's own pages; raises what `finish_sign_in` raises."""

    def open(self) -> Mailbox:
        """A session on Alice's mailbox."""

    def add_calendar(self, name: str, *, role: str) -> str:
        """A further calendar in Alice's list; `role` is owner, reader or busy. Returns its id."""

    def add(self, draft: Draft) -> str:
        """Create an event; returns its id."""

    def edit(self, remote_id: str, draft: Draft) -> None:
        """Change an event into this one."""

    def delete(self, remote_id: str) -> None:
        """Delete an event or a whole series."""

    def move_occurrence(self, series: str, original_start: str, when: When) -> None:
        """Give one occurrence another time."""

    def cancel_occurrence(self, series: str, original_start: str) -> None:
        """Take one occurrence out of its series."""

    def answer(self, remote_id: str, attendee: str) -> None:
        """Let an attendee accept."""

    def add_unreadable(self) -> None:
        """An item that cannot be understood."""

    def small_pages(self, size: int, *, empty: int = 0) -> None:
        """So many items on a page from now on, and so many empty pages before the first."""

    def repeat_items(self) -> None:
        """The same item twice on each page from now on."""

    def void_position(self) -> None:
        """Positions handed out until now are no longer valid."""

    def end_access(self) -> None:
        """Access tokens run out; the grant lives."""

    def withdraw_grant(self) -> None:
        """Alice takes our access away."""

    def trouble(self, kind: Trouble, *, retry_after: str = "") -> None:
        """Let every question about events go wrong until `calm`."""

    def sign_in_fails(self, status: int) -> None:
        """Let whoever hands out tokens answer with this status until `calm`."""

    def calm(self) -> None:
        """Everything works again."""

    def inbox(self) -> AbstractContextManager[Inbox]:
        """An address for notifications."""

    def asked(self) -> list[str]:
        """The requests since the last call, oldest first, in this rig's own short words."""

    def mails(self) -> int:
        """How many mails the provider would have sent to attendees."""
