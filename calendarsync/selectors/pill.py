"""The few words about synchronisation on every page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from calendarsync.models import Account
from calendarsync.selectors.facts import accounts_of
from calendarsync.selectors.states import AccountStatus, Progress, State, not_started
from calendarsync.selectors.status import status_of
from marketplace.models import User

# The first state in this order that any account has is the one worth telling.
_URGENCY = (
    State.RECONNECT, State.WAITING, State.STOPPED, State.DELAYED, State.IMPORTING, State.WARNINGS, State.ACTIVE,
    State.NOT_STARTED,
)  # fmt: skip

Known = Sequence[tuple[Account, AccountStatus]]


@dataclass(frozen=True, slots=True)
class Pill:
    """`tone` is good, waiting, attention, stopped or quiet; `words` a short translated status.

    `progress` is that of a running import, whatever state is more urgent.
    """

    tone: str
    words: str
    state: str
    progress: Progress | None


def known_of(user: User) -> Known:
    """Each account of a person with how it is now; two statements."""
    now = timezone.now()
    return [(account, status_of(account, now)) for account in accounts_of(user)]


def pill_of(user: User) -> Pill:
    """The pill for `user`: the most urgent state of all accounts."""
    return pill_from(known_of(user))


def pill_from(known: Known) -> Pill:
    """The same, of what is known already."""
    found = [status for _account, status in known] or [not_started()]
    status = min(found, key=lambda each: _URGENCY.index(each.state))
    progress = next((each.progress for each in found if each.progress is not None), None)
    return Pill(status.tone, status.words, status.state.value, progress)
