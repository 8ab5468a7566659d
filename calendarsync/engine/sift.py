"""Finding the items of a page that cannot be stored, so that all others can.

A page that fails is applied in halves, inside savepoints, until single items are to blame. All of it is taken back:
the caller applies the sifted page in the usual way. A page that succeeds, as all but a few do, costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import structlog
from django.db import DataError, IntegrityError, connection, transaction

from calendarsync import unreadable
from calendarsync.domain import AllDay, Page, RemoteEvent, SnapshotPage, Timed, Unreadable
from calendarsync.engine.apply import apply_page
from calendarsync.models import Calendar
from calendarsync.text import clean_line

log = structlog.get_logger(__name__)

# What one item may cause: a value no column takes, or a bug of ours in reading it. A database that is locked or out of
# reach (OperationalError) or differs from our models (ProgrammingError) is nobody's fault among the items.
UNSTORABLE = (DataError, IntegrityError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
# More on one page is a fault of ours as a whole. Also bounds the work: so many times log2 of the page, twice.
_MOST = 10


def without_unstorable(
    calendar: Calendar, page: Page, error: Exception, *, me: frozenset[str], now: datetime
) -> Page:
    """The page with the items that cannot be stored among the unreadable ones.

    Raises `error`, the one of the whole page, when no item or more than ten are to blame.
    """
    search = _Search(calendar, me, now)
    with transaction.atomic():
        search.among(page.items)
        transaction.set_rollback(True)
    if not 0 < len(search.found) <= _MOST:
        raise error
    for item, cause in search.found:
        log.error("item_not_stored", calendar=calendar.pk, item=item.remote_id, kind=type(cause).__name__)
    blamed = {item.remote_id for item, _ in search.found}
    return replace(
        page,
        items=tuple(item for item in page.items if item.remote_id not in blamed),
        unreadable=(*page.unreadable, *(_listed(item) for item, _ in search.found)),
    )


@dataclass(slots=True)
class _Search:
    """Halving. What succeeds stays applied, so that an item that only fails beside another is found too."""

    calendar: Calendar
    me: frozenset[str]
    now: datetime
    found: list[tuple[RemoteEvent, Exception]] = field(default_factory=list)

    def among(self, items: Sequence[RemoteEvent]) -> None:
        """Add those to blame to `found`, until they are too many."""
        cause = self._failure_of(items) if len(self.found) <= _MOST else None
        if cause is None:
            return
        if len(items) == 1:
            self.found.append((items[0], cause))
            return
        middle = len(items) // 2
        self.among(items[:middle])
        self.among(items[middle:])

    def _failure_of(self, items: Sequence[RemoteEvent]) -> Exception | None:
        try:
            with connection.wrap_database_errors, transaction.atomic():
                apply_page(self.calendar, SnapshotPage(tuple(items)), me=self.me, now=self.now)
        except UNSTORABLE as error:
            return error
        return None


def _listed(item: RemoteEvent) -> Unreadable:
    """For the list of skipped items; nothing of it may be what could not be stored."""
    return Unreadable(
        remote_id=clean_line(item.remote_id),
        title=clean_line(item.title)[:300],
        date=_day_of(item),
        reason=unreadable.NOT_STORED,
    )


def _day_of(item: RemoteEvent) -> str:
    start = item.when.start if isinstance(item.when, Timed | AllDay) else None
    return start.isoformat()[:40] if isinstance(start, date) else ""
