"""One run of a lane: claim, fetch pages outside any transaction, apply each in one short one, release.

    near (window, 30 days back, 90 ahead) → full (everything, resumable) → live (deltas by sync token)
    sync token void → resync (everything again, rows keep their ids) → sweep → live
    once a week → repair (the same, though nothing is known to be wrong) → sweep → live

The position commits with the rows it covers. A run that outlives its budget gives the lane back and continues in a
later task, so a broker that redelivers, a worker that dies and a deploy all look the same: the next claim goes on.
"""

from contextlib import suppress

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from calendarsync.domain import Page
from calendarsync.engine import streams, sweep
from calendarsync.engine.apply import Applied
from calendarsync.engine.failures import in_a_row
from calendarsync.engine.lane import UNTROUBLED, LeaseLost, claim, keep
from calendarsync.engine.repair import begin_repair
from calendarsync.engine.run import Clock, Outcome, Run
from calendarsync.engine.session import Session
from calendarsync.engine.sift import UNSTORABLE
from calendarsync.engine.silence import judge_channels
from calendarsync.errors import (
    AccessRefused,
    Forbidden,
    Gone,
    ReconnectNeeded,
    SyncError,
    SyncTokenVoid,
    Unavailable,
)
from calendarsync.live import publish_status
from calendarsync.models import Calendar, SyncRun
from calendarsync.models.calendar import COMPLETE
from marketplace.tenancy import tenant_scope

Phase = Calendar.Phase
# A 401 in spite of a fresh token is believed after so many in a row.
_DOUBTS = 3


def run_lane(calendar_id: int, *, may_be_long: bool = True, clock: Clock = timezone.now) -> Outcome:
    """Read one calendar as far as budget and provider allow. Expected failures end on the row, bugs are raised too.

    Without `may_be_long` a complete reading of the history is left to a later run (CONTINUE).
    """
    now = clock()
    claimed = claim(calendar_id, now)
    lane = streams.load(calendar_id, claimed, now) if claimed else None
    if lane is None:
        return Outcome.NOT_CLAIMED
    with tenant_scope(lane.calendar.account.tenant):
        return _guarded(Run(lane, Session(lane.calendar.account, clock), now, clock, may_be_long=may_be_long))


def _guarded(run: Run) -> Outcome:
    try:
        return _read(run)
    except LeaseLost:
        return Outcome.NOT_CLAIMED
    except SyncError as error:
        failure = _confirmed(run, error)
        run.fail(failure)
        return Outcome.MISSING if isinstance(failure, Gone) else Outcome.FAILED
    except Exception as error:
        run.fail(error)
        raise
    finally:
        run.session.close()


def _confirmed(run: Run, error: SyncError) -> SyncError:
    """What a 401 that outlived three waits means: the grant is dead, or this calendar alone is closed to us."""
    if not isinstance(error, AccessRefused) or in_a_row(run.calendar, AccessRefused, Forbidden) < _DOUBTS:
        return error
    try:
        is_signed_in = run.session.is_signed_in()
    except SyncError as unclear:
        return unclear
    found = Forbidden if is_signed_in else ReconnectNeeded
    return found(status=401, reason="in spite of a fresh token")


def _read(run: Run) -> Outcome:
    """Pages until the stream ends, or the time of this worker for this lane."""
    _begin(run)
    while run.belongs_here:
        page = _fetch(run)
        try:
            outcome = _take(run, page)
        except UNSTORABLE as error:
            outcome = _take(run, run.sift(page, error))
        if outcome is not None:
            return outcome
        if run.is_over_budget:
            break
    return _hand_over(run)


def _begin(run: Run) -> None:
    """Everything is read after a time without access, and when we ask or map differently than stored tokens expect."""
    phase, cursor = run.calendar.phase, run.lane.cursor
    asks_differently = cursor.params_hash != run.session.provider.params_hash()
    if phase == Phase.NO_ACCESS or (phase in COMPLETE and asks_differently):
        streams.begin_resync(run.lane, run.clock())
    elif phase != Phase.LIVE and _broke_off(run, asks_differently):
        streams.start_over(run.lane, run.clock())
    run.is_resumed = bool(cursor.page_token)
    run.page_tokens.add(cursor.page_token)


def _broke_off(run: Run, asks_differently: bool) -> bool:
    """Whether a reading cannot be continued: its pages had another form, or it ended after them and before the sweep.

    Then everything is there and nothing says where to go on; what it met may be gone by now, and needs a generation
    of its own to be missed.
    """
    if run.lane.cursor.page_token:
        return asks_differently
    return run.calendar.progress_done > 0


def _take(run: Run, page: Page) -> Outcome | None:
    """Apply a page by what it ends; None when the next one follows."""
    if page.next_page:
        _commit_page(run, page)
        return None
    if run.calendar.phase == Phase.NEAR:
        return _finish_near(run, page)
    if not page.sync_token:
        raise Unavailable(reason="last page without a sync token")
    return _finish_delta(run, page) if run.calendar.phase == Phase.LIVE else _finish_snapshot(run, page)


def _fetch(run: Run) -> Page:
    """The next page. A void page token restarts the stream, a void sync token turns the run into a resync."""
    try:
        return run.session.pull(run.calendar, streams.position_of(run.lane, run.clock()))
    except SyncTokenVoid:
        if run.calendar.phase != Phase.LIVE and not run.lane.cursor.page_token:
            raise
    run.begin_again()
    return run.session.pull(run.calendar, streams.position_of(run.lane, run.clock()))


def _commit_page(run: Run, page: Page) -> None:
    """A page in the middle: rows and position together. It is progress, so what failed before it is over."""
    if page.next_page in run.page_tokens:
        run.begin_again()
        raise Unavailable(reason="the same page again")
    _count_once(run)
    with transaction.atomic():
        visible = run.apply(page, **UNTROUBLED)
        asked = run.session.provider.params_hash()
        streams.advance(run.lane.cursor, page_token=page.next_page, params_hash=asked)
        run.show(visible)
    run.page_tokens.add(page.next_page)
    run.calendar.failures = 0


def _count_once(run: Run) -> None:
    """A long reading deserves a true progress bar; without a count it only shows how far it is."""
    reads_everything = run.calendar.phase in (Phase.FULL, Phase.RESYNC)
    if reads_everything and run.pages == 0 and not run.lane.cursor.page_token:
        with suppress(SyncError):
            total = run.session.count(run.calendar)
            keep(run.lane.lease, run.clock(), progress_total=total)
            publish_status(run.calendar.account)


def _finish_near(run: Run, page: Page) -> Outcome:
    """The near weeks are there; the history goes on as long work, in a generation of its own."""
    with transaction.atomic():
        visible = run.apply(page)
        streams.advance(run.lane.cursor)
        run.show(visible)
        now = run.clock()
        run.release(
            phase=Phase.FULL,
            generation=F("generation") + 1,
            reading_since=now,
            progress_done=0,
            progress_total=0,
            next_poll_at=now,
            last_ok_at=now,
            **UNTROUBLED,
        )
        run.note(SyncRun.Outcome.CONTINUES)
    return Outcome.CONTINUE


def _finish_delta(run: Run, page: Page) -> Outcome:
    """The last page of changes. Nothing new costs two statements: the release and, if it moved, the sync token."""
    has_content = page.items or page.unreadable or getattr(page, "removed", ())
    with transaction.atomic():
        visible = bool(has_content) and run.apply(page)
        if run.total != Applied():
            run.lane.has_push = judge_channels(run.lane, run.clock())
        run.release_as_success()
        streams.advance(run.lane.cursor, sync_token=page.sync_token)
        run.show(visible)
        if run.total != Applied():
            run.note(SyncRun.Outcome.DONE)
    outcome = run.outcome(Outcome.DONE)
    has_cause = run.total.revived > 0
    if outcome is Outcome.DONE and begin_repair(run.lane, run.clock(), has_cause=has_cause):
        return Outcome.CONTINUE
    return outcome


def _finish_snapshot(run: Run, page: Page) -> Outcome:
    """The last page of everything: what this generation did not see is gone, if the provider confirms a large loss."""
    calendar = run.calendar
    with transaction.atomic():
        run.show(run.apply(page))
    candidates = sweep.unseen(calendar)
    if not sweep.is_believable(calendar, candidates, lambda found: run.session.exists(calendar, found)):
        run.begin_again()
        raise Unavailable(reason="incomplete answer: events still exist that were not listed")
    with transaction.atomic():
        run.release_as_success(phase=Phase.LIVE, first_complete_at=calendar.first_complete_at or run.clock())
        removed = sweep.sweep(calendar, candidates, now=run.clock())
        sweep.forget_old_unreadable(calendar, calendar.reading_since or run.started_at)
        run.total = run.total.plus(Applied(removed=removed))
        asked = run.session.provider.params_hash()
        streams.advance(run.lane.cursor, sync_token=page.sync_token, params_hash=asked)
        run.show(calendar.phase not in COMPLETE or bool(removed))
        run.note(SyncRun.Outcome.DONE)
    return run.outcome(Outcome.COMPLETE)


def _hand_over(run: Run) -> Outcome:
    with transaction.atomic():
        run.release(next_poll_at=run.clock())
        if run.pages:
            run.note(SyncRun.Outcome.CONTINUES)
    return Outcome.CONTINUE
