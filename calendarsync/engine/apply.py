"""One page into the database: a fixed number of statements, whatever the page holds.

Runs inside the transaction of its caller, which has already proven the lease. Nothing here can create a Change, so
what arrives from a provider can never travel back to it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from calendarsync.domain import DeltaPage, Kind, Page, RemoteEvent, Unreadable
from calendarsync.engine.occurrences import project
from calendarsync.engine.rows import columns_of
from calendarsync.engine.upsert import upsert
from calendarsync.models import Calendar, Event, SkippedItem

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Applied:
    """What a page changed: rows written, rows removed, items that could not be read.

    `revived` are series that were gone: what became of their exceptions meanwhile no delta tells.
    """

    changed: int = 0
    removed: int = 0
    skipped: int = 0
    revived: int = 0

    def plus(self, other: "Applied") -> "Applied":
        """Both together."""
        return Applied(
            self.changed + other.changed,
            self.removed + other.removed,
            self.skipped + other.skipped,
            self.revived + other.revived,
        )

    @property
    def is_visible(self) -> bool:
        """Whether anybody looking at the calendar could see a difference."""
        return bool(self.changed or self.removed)


class _Known(NamedTuple):
    """What we need to know of a stored row to compare it."""

    remote_id: str
    kind: str
    master_remote_id: str
    fingerprint: str
    etag: str
    removed_at: datetime | None


def apply_page(calendar: Calendar, page: Page, *, me: frozenset[str], now: datetime) -> Applied:
    """Write what differs, touch what does not, remove what the provider says is gone."""
    removed_ids = frozenset(page.removed if isinstance(page, DeltaPage) else ())
    known = _known(calendar, [*(item.remote_id for item in page.items), *removed_ids])
    rows = [_row(calendar, item, me) for item in page.items]
    changed, renewed, same = _compared(rows, known)
    # An unreadable item exists, so a row we already have of it must survive the sweep.
    _note_seen(calendar, [*same, *(item.remote_id for item in page.unreadable)])
    upsert(Event, [*changed, *renewed], key=("calendar_id", "remote_id"))
    gone = [row for row in known.values() if row.remote_id in removed_ids and row.removed_at is None]
    removed = remove(calendar, [row.remote_id for row in gone], now=now)
    skipped = _note_unreadable(calendar, page, now)
    masters = {row["remote_id"] for row in changed if row["kind"] == Kind.MASTER}
    project(calendar, _affected_series(changed, gone, known), now=now, changed=masters)
    revived = sum(1 for each in masters if each in known and known[each].removed_at is not None)
    return Applied(len(changed), removed, skipped, revived)


def remove(calendar: Calendar, remote_ids: Sequence[str], *, now: datetime) -> int:
    """Mark events as gone, the exceptions of gone series with them; returns how many disappeared."""
    if not remote_ids:
        return 0
    living = Event.objects.living().filter(calendar=calendar)
    count: int = living.filter(remote_id__in=remote_ids).update(removed_at=now)
    return count + living.of_series(remote_ids).update(removed_at=now)


def _known(calendar: Calendar, remote_ids: Sequence[str]) -> dict[str, _Known]:
    if not remote_ids:
        return {}
    stored = Event.objects.filter(calendar=calendar, remote_id__in=remote_ids)
    return {row[0]: _Known(*row) for row in stored.values_list(*_Known._fields)}


def _row(calendar: Calendar, item: RemoteEvent, me: frozenset[str]) -> Row:
    return {
        "tenant_id": calendar.tenant_id,
        "calendar_id": calendar.pk,
        "remote_id": item.remote_id,
        "seen_generation": calendar.generation,
        "removed_at": None,
        **columns_of(item, me, calendar.time_zone),
    }


def _compared(rows: Sequence[Row], known: dict[str, _Known]) -> tuple[list[Row], list[Row], list[str]]:
    """Rows that differ from what is stored, rows with nothing new but their etag, remote ids of all others."""
    changed: list[Row] = []
    renewed: list[Row] = []
    same: list[str] = []
    for row in rows:
        stored = known.get(row["remote_id"])
        if stored is None or stored.removed_at is not None or stored.fingerprint != row["fingerprint"]:
            changed.append(row)
        elif stored.etag != row["etag"]:
            renewed.append(row)
        else:
            same.append(row["remote_id"])
    return changed, renewed, same


def _note_seen(calendar: Calendar, remote_ids: Sequence[str]) -> None:
    """Nothing new: the sweep must know that they were there, and the wide rows need not be written for that."""
    if remote_ids:
        seen = Event.objects.filter(calendar=calendar, remote_id__in=remote_ids)
        seen.update(seen_generation=calendar.generation)


def _affected_series(changed: Sequence[Row], gone: Iterable[_Known], known: dict[str, _Known]) -> set[str]:
    """Remote ids of series whose occurrences may differ now, including rows that were masters until this page."""
    series = {row["remote_id"] for row in changed if row["kind"] == Kind.MASTER}
    series |= {row["master_remote_id"] for row in changed if row["master_remote_id"]}
    former = [known[row["remote_id"]] for row in changed if row["remote_id"] in known]
    for before in (*former, *gone):
        if before.kind == Kind.MASTER:
            series.add(before.remote_id)
        elif before.master_remote_id:
            series.add(before.master_remote_id)
    return series


def _note_unreadable(calendar: Calendar, page: Page, now: datetime) -> int:
    """List what could not be read; strike from the list what can be read now or is gone."""
    settled = [item.remote_id for item in page.items]
    settled += page.removed if isinstance(page, DeltaPage) else ()
    listed = SkippedItem.objects.filter(calendar=calendar)
    # Most calendars have nothing on the list, which is asked faster than thousands of ids are compared.
    if settled and listed.exists():
        listed.filter(remote_id__in=settled).delete()
    if page.unreadable:
        SkippedItem.objects.bulk_create(
            [_skipped(calendar, item, now) for item in page.unreadable],
            update_conflicts=True,
            unique_fields=["calendar", "remote_id"],
            update_fields=["title", "date", "reason", "last_seen_at"],
        )
    return len(page.unreadable)


def _skipped(calendar: Calendar, item: Unreadable, now: datetime) -> SkippedItem:
    return SkippedItem(
        tenant_id=calendar.tenant_id,
        calendar=calendar,
        remote_id=item.remote_id,
        title=item.title,
        date=item.date,
        reason=item.reason,
        first_seen_at=now,
        last_seen_at=now,
    )
