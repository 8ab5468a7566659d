"""One attempt at one lane: what it has read so far, and the few things it may write, all under its lease."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import connection
from django.db.models import F

from calendarsync.domain import Page
from calendarsync.engine.apply import Applied, apply_page
from calendarsync.engine.failures import settle_failure
from calendarsync.engine.lane import UNTROUBLED, LeaseLost, has_new_signal, keep, leaving, release
from calendarsync.engine.pace import next_poll
from calendarsync.engine.session import Session
from calendarsync.engine.sift import without_unstorable
from calendarsync.engine.streams import Lane, begin_resync, start_over
from calendarsync.engine.voids import count_void
from calendarsync.live import publish_status, show_change
from calendarsync.models import Calendar, SyncRun
from calendarsync.models.calendar import COMPLETE, LONG
from calendarsync.selectors.addresses import addresses_of

Clock = Callable[[], datetime]


class Outcome(StrEnum):
    """What the caller has to do next."""

    NOT_CLAIMED = "not_claimed"
    DONE = "done"
    # Everything was read: from now on changes are followed, by push where there is push.
    COMPLETE = "complete"
    # The provider does not know the calendar: its list of calendars decides.
    MISSING = "missing"
    # More to read: enqueue on the queue of long work.
    CONTINUE = "continue"
    # Something was signalled meanwhile: enqueue at once.
    AGAIN = "again"
    FAILED = "failed"


@dataclass(slots=True)
class Run:
    """The state of one attempt; lives as long as the task. Writing methods belong inside a transaction."""

    lane: Lane
    session: Session
    started_at: datetime
    clock: Clock
    total: Applied = field(default_factory=Applied)
    pages: int = 0
    # Whether this worker has time for long readings; one of the queue for urgent work has not.
    may_be_long: bool = True
    # Page tokens this attempt was given; one that comes again leads in a circle.
    page_tokens: set[str] = field(default_factory=set)
    # Whether the reading began in an earlier attempt, before the signals this one would answer.
    is_resumed: bool = False

    @property
    def calendar(self) -> Calendar:
        """The calendar being read."""
        return self.lane.calendar

    @property
    def is_over_budget(self) -> bool:
        """Whether other lanes should have this worker now, or another worker this lane, as this one is to end."""
        budget = timedelta(seconds=settings.SYNC_BUDGET_SECONDS)
        return leaving.is_set() or self.clock() - self.started_at > budget

    @property
    def belongs_here(self) -> bool:
        """Whether the lane's present phase is work for this worker."""
        return self.may_be_long or self.calendar.phase not in LONG

    def apply(self, page: Page, **values: object) -> bool:
        """Prove the lease, write the page, count it; True when a viewer could see a difference. Raises LeaseLost."""
        now = self.clock()
        keep(self.lane.lease, now, progress_done=F("progress_done") + len(page.items), **values)
        with connection.wrap_database_errors:
            applied = apply_page(self.calendar, page, me=addresses_of(self.calendar.account), now=now)
        self.pages += 1
        self.total = self.total.plus(applied)
        return applied.is_visible

    def sift(self, page: Page, error: Exception) -> Page:
        """The page without what cannot be stored. Raises `error` when that does not help."""
        me = addresses_of(self.calendar.account)
        return without_unstorable(self.calendar, page, error, me=me, now=self.clock())

    def begin_again(self) -> None:
        """Read from the beginning because the provider made us. Raises VoidedOften when it did so too often."""
        now = self.clock()
        count_void(self.calendar, self.lane.lease, now)
        restart = begin_resync if self.calendar.phase == Calendar.Phase.LIVE else start_over
        restart(self.lane, now)
        self.page_tokens = {""}
        self.is_resumed = False

    def release(self, **values: object) -> None:
        """Give the lane back with its last values. Raises LeaseLost."""
        if not release(self.lane.lease, **values):
            raise LeaseLost(calendar=self.calendar.pk)

    def release_as_success(self, **values: object) -> None:
        """Give the lane back after a whole answer: errors forgotten, the next look planned. Raises LeaseLost."""
        now = self.clock()
        with_push, without = settings.SYNC_POLL_SECONDS, settings.SYNC_POLL_SECONDS_WITHOUT_PUSH
        self.release(
            # What was signalled since a resumed reading began may have come too late for its first pages.
            synced_seq=self.calendar.synced_seq if self.is_resumed else self.lane.lease.dirty_seq,
            next_poll_at=next_poll(with_push if self.lane.has_push else without, now, random.uniform),
            last_ok_at=now,
            **UNTROUBLED,
            **values,
        )

    def show(self, visible: bool) -> None:
        """A new revision, told to open pages once it is committed; during an import at least its progress."""
        if visible:
            show_change(self.calendar)
        elif self.calendar.phase not in COMPLETE:
            publish_status(self.calendar.account)

    def note(self, outcome: SyncRun.Outcome) -> None:
        """Enter the attempt into the history."""
        SyncRun.objects.create(
            tenant_id=self.calendar.tenant_id,
            calendar=self.calendar,
            phase=self.calendar.phase,
            started_at=self.started_at,
            finished_at=self.clock(),
            outcome=outcome,
            pages=self.pages,
            changed=self.total.changed,
            removed=self.total.removed,
            skipped=self.total.skipped,
        )

    def fail(self, error: Exception) -> None:
        """Record a failure on the rows it concerns and give the lane back."""
        settle_failure(
            self.calendar,
            self.lane.lease,
            error,
            started_at=self.started_at,
            now=self.clock(),
            dice=random.uniform,
        )

    def outcome(self, otherwise: Outcome) -> Outcome:
        """AGAIN when something was signalled during the run; asked after the release, so that nothing is missed."""
        return Outcome.AGAIN if has_new_signal(self.lane.lease) else otherwise
