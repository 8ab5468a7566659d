"""Series: a rule, and what differs from it; in a snapshot and in deltas alike."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calendarsync.domain import AllDay, Kind, RemoteEvent, Timed, Window
from calendarsync.providers.base import Mailbox
from calendarsync.recurrence import expand
from tests.contract.reading import Reading, plain, read
from tests.contract.rig import Draft, Rig
from tests.contract.test_reading import since

ZONE = "Europe/Amsterdam"
# A Monday, nine o'clock on the wall; the second occurrence a week later.
NINE = datetime(2026, 3, 9, 8, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)
WEEKLY = Draft("Weekly", Timed(NINE, NINE + AN_HOUR, ZONE), recurrence=("RRULE:FREQ=WEEKLY;COUNT=6",))
SECOND = "20260316T080000Z"
MOVED = Timed(datetime(2026, 3, 17, 14, tzinfo=UTC), datetime(2026, 3, 17, 15, tzinfo=UTC), ZONE)
DAILY = Draft("Daily", AllDay(date(2026, 3, 9), date(2026, 3, 10)), recurrence=("RRULE:FREQ=DAILY;COUNT=3",))


def by_kind(reading: Reading) -> dict[Kind, RemoteEvent]:
    found = {item.kind: item for item in reading.items}
    assert len(found) == len(reading.items)
    return found


def test_series_is_one_master_with_its_rule(rig: Rig, mailbox: Mailbox) -> None:
    rig.add(WEEKLY)

    [master] = read(rig, mailbox).items

    assert plain(master) == RemoteEvent(
        remote_id="", kind=Kind.MASTER, when=WEEKLY.when, title="Weekly", recurrence=WEEKLY.recurrence
    )


def test_nine_stays_nine_when_summer_time_begins(rig: Rig, mailbox: Mailbox) -> None:
    """S43"""
    rig.add(WEEKLY)
    [master] = read(rig, mailbox).items
    assert master.when is not None

    slots = expand(master.when, master.recurrence, Window(NINE, NINE + timedelta(days=60)))

    starts = [slot.when.start for slot in slots if isinstance(slot.when, Timed)]
    assert [start.astimezone(ZoneInfo(ZONE)).hour for start in starts] == [9] * 6
    assert {start.hour for start in starts} == {7, 8}


@pytest.mark.parametrize("later", [False, True], ids=["in a snapshot", "in a delta"])
def test_moved_occurrence_names_its_series_and_its_place(rig: Rig, mailbox: Mailbox, later: bool) -> None:
    """S30"""
    series = rig.add(WEEKLY)
    before = read(rig, mailbox)
    rig.move_occurrence(series, SECOND, MOVED)

    moved = by_kind(read(rig, mailbox, since(before)) if later else read(rig, mailbox))[Kind.EXCEPTION]

    assert moved.master_remote_id == series
    assert moved.original_start == SECOND
    assert (moved.when, moved.title, moved.recurrence) == (MOVED, "Weekly", ())


@pytest.mark.parametrize("later", [False, True], ids=["in a snapshot", "in a delta"])
def test_cancelled_occurrence_is_told_as_such(rig: Rig, mailbox: Mailbox, later: bool) -> None:
    """S9, S31"""
    series = rig.add(WEEKLY)
    before = read(rig, mailbox)
    rig.cancel_occurrence(series, SECOND)

    reading = read(rig, mailbox, since(before)) if later else read(rig, mailbox)

    cancelled = by_kind(reading)[Kind.CANCELLED]
    assert (cancelled.master_remote_id, cancelled.original_start) == (series, SECOND)
    assert cancelled.when is None
    assert reading.removed == []


def test_all_day_series_names_its_occurrences_by_date(rig: Rig, mailbox: Mailbox) -> None:
    """S44"""
    series = rig.add(DAILY)
    rig.cancel_occurrence(series, "20260310")
    rig.move_occurrence(series, "20260311", AllDay(date(2026, 3, 20), date(2026, 3, 22)))

    found = by_kind(read(rig, mailbox))

    assert found[Kind.MASTER].when == DAILY.when
    assert found[Kind.CANCELLED].original_start == "20260310"
    assert found[Kind.EXCEPTION].original_start == "20260311"
    assert found[Kind.EXCEPTION].when == AllDay(date(2026, 3, 20), date(2026, 3, 22))


def test_deleted_series_takes_its_exceptions_along(rig: Rig, mailbox: Mailbox) -> None:
    """S36"""
    series = rig.add(WEEKLY)
    rig.move_occurrence(series, SECOND, MOVED)
    before = read(rig, mailbox)
    rig.delete(series)

    delta = read(rig, mailbox, since(before))

    assert series in delta.removed
    assert not [item for item in delta.items if item.kind != Kind.CANCELLED]
    assert read(rig, mailbox).items == []


def test_single_event_becomes_a_series_and_single_again(rig: Rig, mailbox: Mailbox) -> None:
    """S41"""
    single = Draft("Weekly", WEEKLY.when)
    remote_id = rig.add(single)
    first = read(rig, mailbox)
    rig.edit(remote_id, WEEKLY)
    second = read(rig, mailbox, since(first))
    rig.edit(remote_id, single)
    third = read(rig, mailbox, since(second))

    kinds = [(item.remote_id, item.kind) for each in (first, second, third) for item in each.items]
    assert kinds == [(remote_id, Kind.SINGLE), (remote_id, Kind.MASTER), (remote_id, Kind.SINGLE)]


def test_series_split_at_an_occurrence_is_two_series(rig: Rig, mailbox: Mailbox) -> None:
    """S33: "this and following" ends the old series and begins a new one."""
    old = rig.add(WEEKLY)
    before = read(rig, mailbox)
    rig.edit(old, Draft("Weekly", WEEKLY.when, recurrence=("RRULE:FREQ=WEEKLY;UNTIL=20260322T225959Z",)))
    later = Timed(NINE + timedelta(days=14, hours=1), NINE + timedelta(days=14, hours=2), ZONE)
    new = rig.add(Draft("Weekly, an hour later", later, recurrence=("RRULE:FREQ=WEEKLY;COUNT=4",)))

    delta = read(rig, mailbox, since(before))

    assert {item.remote_id: item.kind for item in delta.items} == {old: Kind.MASTER, new: Kind.MASTER}
    truncated = next(item for item in delta.items if item.remote_id == old)
    assert truncated.when is not None
    window = Window(NINE, NINE + timedelta(days=90))
    assert len(expand(truncated.when, truncated.recurrence, window)) == 2
