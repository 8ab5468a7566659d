"""What is known about one connection at one moment: the ground on which its state is decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, Prefetch, QuerySet
from django.utils.functional import Promise

from calendarsync.models import Account, Calendar
from calendarsync.models.calendar import COMPLETE
from calendarsync.providers import provider_of
from calendarsync.selectors import status_words as words
from calendarsync.selectors.own import own_accounts
from calendarsync.selectors.states import Progress
from marketplace.models import User

Phase = Calendar.Phase
# What one calendar contributes to the import when its near weeks are there.
_NEAR_SHARE = 0.2
# Calendars the provider no longer lets us read; the others go on without them.
LOST = (Phase.NO_ACCESS, Phase.GONE)
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision looks at: the account, its chosen calendars, those of them that can be read, and the time."""

    account: Account
    chosen: Sequence[Calendar]
    readable: Sequence[Calendar]
    now: datetime

    @property
    def provider(self) -> str:
        """The provider's name."""
        return provider_of(self.account.provider).name

    @property
    def last_ok_at(self) -> datetime | None:
        """The oldest last success: the account is only as fresh as its stalest calendar."""
        return min((lane.last_ok_at for lane in self.readable if lane.last_ok_at is not None), default=None)

    @property
    def next_run_at(self) -> datetime | None:
        """The next regular look; None when it is due, that is as soon as possible."""
        polls = [lane.next_poll_at for lane in self.readable if lane.next_poll_at is not None]
        first = min(polls, default=None)
        return first if first is not None and first > self.now else None

    @property
    def progress(self) -> Progress | None:
        """How far the complete readings are; None when none is under way."""
        if all(lane.phase in COMPLETE for lane in self.readable):
            return None
        lanes = self._read_together
        known = all(lane.progress_total or lane.phase in COMPLETE for lane in lanes)
        total = sum(max(lane.progress_total, lane.progress_done) for lane in lanes) if known else 0
        share = sum(_share(lane) for lane in lanes) / len(lanes)
        return Progress(sum(lane.progress_done for lane in lanes), total, share)

    @property
    def _read_together(self) -> list[Calendar]:
        """What is being read, and what was read to its end since that began; not what was here long before."""
        reading = [lane for lane in self.readable if lane.phase not in COMPLETE]
        began = min(lane.reading_since or self.now for lane in reading)
        done = [lane for lane in self.readable if lane.phase in COMPLETE]
        return [*reading, *(lane for lane in done if _last_complete(lane) >= began)]

    def told(self, sentence: str | Promise, until: datetime | None = None) -> str:
        """The sentence of an error with provider and time filled in."""
        at = words.by_when(until, self.account.owner, self.now)
        return str(sentence) % {"provider": self.provider, "at": at}


def accounts_of(user: User) -> list[Account]:
    """The accounts of a person with calendars and their counts; two statements."""
    return with_lanes(own_accounts(user))


def with_lanes(accounts: QuerySet[Account]) -> list[Account]:
    """Accounts as `facts_of` needs them; two statements, however many."""
    calendars = Calendar.objects.annotate(skipped=Count("skipped_items"))
    lanes = Prefetch("calendars", queryset=calendars, to_attr="lanes")
    return list(accounts.select_related("owner__tenant").prefetch_related(lanes))


def facts_of(account: Account, now: datetime) -> Facts:
    """The facts about an account read by `accounts_of`."""
    chosen: list[Calendar] = [lane for lane in account.lanes if lane.selected]  # type: ignore[attr-defined]  # by with_lanes
    return Facts(account, chosen, [lane for lane in chosen if lane.phase not in LOST], now)


def _last_complete(lane: Calendar) -> datetime:
    """When the last complete reading began, or the first one ended: whichever is later."""
    return max(moment for moment in (lane.reading_since, lane.first_complete_at, _EVER) if moment)


def _share(lane: Calendar) -> float:
    if lane.phase in COMPLETE:
        return 1.0
    if lane.phase == Phase.NEAR:
        return 0.0
    read = min(lane.progress_done / lane.progress_total, 1.0) if lane.progress_total else 0.0
    return read if lane.first_complete_at is not None else _NEAR_SHARE + (1 - _NEAR_SHARE) * read
