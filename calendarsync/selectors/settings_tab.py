"""The cards of the settings tab."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from calendarsync.domain import Kind
from calendarsync.models import Account, Calendar, Event, SkippedItem
from calendarsync.providers import provider_of
from calendarsync.providers.base import Provider
from calendarsync.selectors import status_words as words
from calendarsync.selectors.facts import accounts_of
from calendarsync.selectors.history import History, history_of
from calendarsync.selectors.push import push_of
from calendarsync.selectors.states import AccountStatus, State
from calendarsync.selectors.status import status_of
from marketplace.models import User

SKIPPED_SHOWN = 100


class Action(TextChoices):
    """What one can do with a connection; the value is also the last part of the action's address."""

    SYNC_NOW = "sync-now", _("Sync now")
    CHECK_AGAIN = "check-again", _("Check again")
    PAUSE = "pause", _("Pause synchronisation")
    RESTART = "restart", _("Restart synchronisation")
    RECONNECT = "reconnect", _("Reconnect calendar")
    DISCONNECT = "disconnect", _("Disconnect calendar")
    REMOVE_COPIES = "remove-copies", _("Remove the copies")

    @property
    def icon(self) -> str:
        """The template of its icon."""
        return f"_icons/{_ICONS[self]}.html"


_ICONS = {
    Action.SYNC_NOW: "sync",
    Action.CHECK_AGAIN: "sync",
    Action.PAUSE: "pause",
    Action.RESTART: "loop",
    Action.RECONNECT: "plug",
    Action.DISCONNECT: "trash",
    Action.REMOVE_COPIES: "trash",
}
_RUNNING = (Action.SYNC_NOW, Action.PAUSE, Action.RESTART, Action.RECONNECT, Action.DISCONNECT)
# The first is the one that this state asks for, unless the state needs nothing.
_ACTIONS: dict[State, tuple[Action, ...]] = {
    State.ACTIVE: _RUNNING,
    State.WARNINGS: _RUNNING,
    State.DELAYED: _RUNNING,
    State.IMPORTING: _RUNNING[1:],
    State.WAITING: (Action.CHECK_AGAIN, Action.RECONNECT, Action.DISCONNECT),
    State.RECONNECT: (Action.RECONNECT, Action.DISCONNECT),
    State.STOPPED: (Action.RESTART, Action.RECONNECT, Action.DISCONNECT),
    # A card without a connection shows what one that was ended left here.
    State.NOT_STARTED: (Action.RECONNECT, Action.REMOVE_COPIES),
}


@dataclass(frozen=True, slots=True)
class Card:
    """Everything one account's card shows. By calendar id: `events` counts living events, `push` is for support."""

    account: Account
    provider: Provider
    status: AccountStatus
    calendars: Sequence[Calendar]
    events: dict[int, int]
    push: dict[int, str]
    skipped: Sequence[SkippedItem]
    history: History = field(repr=False)

    @property
    def words(self) -> str:
        """The state in a few words; of an ended connection also how much it left here."""
        return words.kept(self.status.words, self.event_total) if self.is_ended else self.status.words

    @property
    def is_ended(self) -> bool:
        """Whether only copies are left of the connection."""
        return self.account.is_ended

    @property
    def event_total(self) -> int:
        """Living events of the chosen calendars."""
        return sum(self.events.get(calendar.pk, 0) for calendar in self.calendars if calendar.selected)

    @property
    def chosen(self) -> int:
        """How many calendars are synchronised."""
        return sum(calendar.selected for calendar in self.calendars)

    @property
    def primary(self) -> Action | None:
        """The action this state asks for."""
        return None if self.status.state is State.IMPORTING else _ACTIONS[self.status.state][0]

    @property
    def others(self) -> tuple[Action, ...]:
        """The actions of the menu."""
        return tuple(action for action in _ACTIONS[self.status.state] if action is not self.primary)

    @property
    def is_parked(self) -> bool:
        """Whether nothing runs until somebody acts."""
        return self.status.state in (State.STOPPED, State.RECONNECT, State.WAITING, State.NOT_STARTED)

    @property
    def lanes(self) -> list[tuple[Calendar, str]]:
        """The chosen calendars and how each hears of changes, as support wants to see them."""
        return [(calendar, self.push[calendar.pk]) for calendar in self.calendars if calendar.selected]

    @property
    def faults(self) -> list[Account | Calendar]:
        """The last errors, of the account and of its chosen calendars, as support wants to see them."""
        rows: list[Account | Calendar] = [self.account]
        rows += [calendar for calendar in self.calendars if calendar.selected]
        return [row for row in rows if row.error_code]


def cards_of(user: User, now: datetime) -> list[Card]:
    """The cards of a person, oldest connection first; a constant number of statements for each account."""
    return [card_of(account, now) for account in accounts_of(user)]


def card_of(account: Account, now: datetime) -> Card:
    """The card of an account read by `accounts_of`; calendars gone at the provider show only while still chosen."""
    lanes: list[Calendar] = account.lanes  # type: ignore[attr-defined]  # by accounts_of
    skipped = SkippedItem.objects.filter(calendar__account=account, calendar__selected=True)
    return Card(
        account=account,
        provider=provider_of(account.provider),
        status=status_of(account, now),
        calendars=[lane for lane in lanes if lane.selected or lane.phase != Calendar.Phase.GONE],
        events=_event_counts(account),
        push=push_of(lanes, now),
        skipped=list(skipped.select_related("calendar")[:SKIPPED_SHOWN]),
        history=history_of(account, now),
    )


def kept_events(account: Account) -> int:
    """How many appointments of its chosen calendars are here."""
    return _events(account).filter(calendar__selected=True).count()


def _event_counts(account: Account) -> dict[int, int]:
    """Appointments by calendar."""
    return dict(_events(account).values_list("calendar").annotate(count=Count("pk")))


def _events(account: Account) -> QuerySet[Event]:
    """Singles, series and exceptions, not cancelled occurrences."""
    return Event.objects.living().filter(calendar__account=account).exclude(kind=Kind.CANCELLED)
