"""Snapshots, windows and deltas: the same normal form, whoever sends it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from calendarsync.domain import (
    AllDay,
    Busy,
    Kind,
    Person,
    Position,
    RemoteEvent,
    Response,
    Timed,
    Visibility,
    Window,
)
from calendarsync.errors import SyncTokenVoid
from calendarsync.providers.base import Mailbox
from tests.contract.reading import Reading, plain, read
from tests.contract.rig import Draft, Rig

ZONE = "Europe/Amsterdam"
TEN = datetime(2026, 11, 24, 9, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)
AT_TEN = Timed(TEN, TEN + AN_HOUR, ZONE)
WHOLE_DAYS = AllDay(date(2026, 12, 1), date(2026, 12, 4))
JUNE = Timed(datetime(2026, 6, 1, 8, tzinfo=UTC), datetime(2026, 6, 1, 9, tzinfo=UTC), ZONE)


def since(reading: Reading) -> Position:
    return Position(sync_token=reading.sync_token)


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (Draft("Plain", AT_TEN), {}),
        (Draft("All day", WHOLE_DAYS), {}),
        (Draft("In summer", JUNE), {}),
        (Draft("Elsewhere", Timed(TEN, TEN + AN_HOUR, "America/New_York")), {}),
        (Draft("No length", Timed(TEN, TEN, ZONE)), {}),
        (Draft("Ünïcødé 日本 🎉", AT_TEN), {}),
        (Draft("Text", AT_TEN, description="Line one\nline two", location="Room 1"), {}),
        (Draft("Free", AT_TEN, free=True), {"busy": Busy.FREE}),
        (Draft("Private", AT_TEN, private=True), {"visibility": Visibility.PRIVATE}),
    ],
    ids=lambda value: value.title if isinstance(value, Draft) else "",
)
def test_event_has_one_normal_form(
    rig: Rig, mailbox: Mailbox, draft: Draft, expected: dict[str, Any]
) -> None:
    """S44"""
    remote_id = rig.add(draft)

    [event] = read(rig, mailbox).items

    assert event.remote_id == remote_id
    assert event.etag
    assert event.ical_uid
    assert plain(event) == RemoteEvent(
        remote_id="", kind=Kind.SINGLE, when=draft.when, title=draft.title, description=draft.description,
        location=draft.location, **expected,
    )  # fmt: skip


def test_attendees_arrive_with_their_answers(rig: Rig, mailbox: Mailbox) -> None:
    remote_id = rig.add(Draft("Meeting", AT_TEN, attendees=("guest@post.example",)))
    before = read(rig, mailbox)
    rig.answer(remote_id, "guest@post.example")

    [after] = read(rig, mailbox, since(before)).items

    assert Person("guest@post.example") in before.items[0].attendees
    assert Person("guest@post.example", response=Response.ACCEPTED) in after.attendees
    assert after.organiser is not None
    assert after.organiser.address == rig.address
    assert rig.mails() == 0


def test_snapshot_of_several_pages_is_whole_and_ends_with_a_position(rig: Rig, mailbox: Mailbox) -> None:
    """S3"""
    for number in range(5):
        rig.add(Draft(f"Event {number}", AT_TEN))
    rig.small_pages(2)
    rig.asked()

    reading = read(rig, mailbox)

    assert sorted(reading.titles) == [f"Event {number}" for number in range(5)]
    assert reading.sync_token
    assert rig.asked() == rig.expected_requests["snapshot of three pages"]


def test_empty_pages_do_not_end_a_snapshot(rig: Rig, mailbox: Mailbox) -> None:
    """S2"""
    rig.add(Draft("Behind", AT_TEN))
    rig.small_pages(10, empty=2)

    assert read(rig, mailbox).titles == ["Behind"]


def test_item_that_comes_twice_is_one(rig: Rig, mailbox: Mailbox) -> None:
    """S11"""
    rig.add(Draft("Once", AT_TEN))
    rig.repeat_items()

    assert read(rig, mailbox).titles == ["Once"]


def test_window_brings_what_is_near_and_no_position(rig: Rig, mailbox: Mailbox) -> None:
    rig.add(Draft("Near", AT_TEN))
    rig.add(Draft("Nearer", AT_TEN))
    rig.add(Draft("Long ago", JUNE))
    rig.small_pages(1)
    rig.asked()

    reading = read(rig, mailbox, Position(window=Window(TEN - timedelta(days=30), TEN + timedelta(days=90))))

    assert sorted(reading.titles) == ["Near", "Nearer"]
    assert rig.asked() == rig.expected_requests["window of two pages"]


def test_delta_brings_only_what_changed(rig: Rig, mailbox: Mailbox) -> None:
    """S7"""
    rig.add(Draft("Stays", AT_TEN))
    changing = rig.add(Draft("Changes", AT_TEN))
    before = read(rig, mailbox)
    rig.edit(changing, Draft("Changed", WHOLE_DAYS))
    rig.add(Draft("New", AT_TEN))
    rig.small_pages(1)
    rig.asked()

    delta = read(rig, mailbox, since(before))

    assert sorted(delta.titles) == ["Changed", "New"]
    assert {item.remote_id: item.when for item in delta.items}[changing] == WHOLE_DAYS
    assert delta.removed == []
    assert rig.asked() == rig.expected_requests["delta of two pages"]


def test_delta_without_news_costs_one_request_and_moves_on(rig: Rig, mailbox: Mailbox) -> None:
    """S16"""
    rig.add(Draft("Quiet", AT_TEN))
    before = read(rig, mailbox)
    rig.asked()

    delta = read(rig, mailbox, since(before))

    assert (delta.items, delta.removed, delta.unreadable) == ([], [], [])
    assert delta.sync_token
    assert rig.asked() == rig.expected_requests["delta without news"]


def test_deleted_event_is_removed_and_nothing_else(rig: Rig, mailbox: Mailbox) -> None:
    """S7, S9"""
    rig.add(Draft("Stays", AT_TEN))
    going = rig.add(Draft("Goes", AT_TEN))
    before = read(rig, mailbox)
    rig.delete(going)

    delta = read(rig, mailbox, since(before))

    assert (delta.items, delta.removed) == ([], [going])


def test_event_that_came_and_went_unseen_is_no_event(rig: Rig, mailbox: Mailbox) -> None:
    """S10: at most a removal of an id nobody knows."""
    before = read(rig, mailbox)
    brief = rig.add(Draft("Brief", AT_TEN))
    rig.delete(brief)

    delta = read(rig, mailbox, since(before))

    assert delta.items == []
    assert set(delta.removed) <= {brief}


def test_deleted_event_is_absent_from_a_snapshot(rig: Rig, mailbox: Mailbox) -> None:
    going = rig.add(Draft("Goes", AT_TEN))
    rig.delete(going)

    assert read(rig, mailbox).items == []
    assert not mailbox.exists(rig.calendar, going)


def test_void_position_is_named_and_a_snapshot_goes_on(rig: Rig, mailbox: Mailbox) -> None:
    """S4"""
    rig.add(Draft("Here", AT_TEN))
    before = read(rig, mailbox)
    rig.void_position()

    with pytest.raises(SyncTokenVoid):
        read(rig, mailbox, since(before))

    again = read(rig, mailbox)
    assert again.titles == ["Here"]
    assert read(rig, mailbox, since(again)).items == []


@pytest.mark.parametrize("position", [Position(sync_token="junk"), Position(page_token="junk")])
def test_position_that_was_never_handed_out_is_void(rig: Rig, mailbox: Mailbox, position: Position) -> None:
    """S12"""
    with pytest.raises(SyncTokenVoid):
        read(rig, mailbox, position)


def test_unreadable_item_is_listed_and_the_rest_arrives(rig: Rig, mailbox: Mailbox) -> None:
    rig.add(Draft("Good", AT_TEN))
    rig.add_unreadable()

    reading = read(rig, mailbox)

    assert reading.titles == ["Good"]
    [item] = reading.unreadable
    assert item.remote_id
    assert item.reason


def test_count_is_the_number_of_items_a_snapshot_brings(rig: Rig, mailbox: Mailbox) -> None:
    for number in range(3):
        rig.add(Draft(f"Event {number}", AT_TEN))
    rig.small_pages(2)
    rig.asked()

    assert mailbox.count(rig.calendar) == 3
    assert rig.asked() == rig.expected_requests["count"]


def test_living_event_exists_and_an_unknown_one_does_not(rig: Rig, mailbox: Mailbox) -> None:
    """S6"""
    remote_id = rig.add(Draft("Here", AT_TEN))

    assert mailbox.exists(rig.calendar, remote_id)
    assert not mailbox.exists(rig.calendar, "neverhandedout")


def test_list_tells_names_rights_and_the_own_calendar(rig: Rig, mailbox: Mailbox) -> None:
    """S96"""
    own = rig.add_calendar("Team", role="owner")
    shared = rig.add_calendar("Holidays", role="reader")
    busy = rig.add_calendar("Boss", role="busy")
    rig.asked()

    calendars = {calendar.remote_id: calendar for calendar in mailbox.list_calendars()}

    assert rig.asked() == rig.expected_requests["calendars"]
    assert [remote_id for remote_id, each in calendars.items() if each.is_primary] == [rig.calendar]
    assert calendars[rig.calendar].time_zone == rig.zone
    assert (calendars[own].name, calendars[own].can_write, calendars[own].can_read) == ("Team", True, True)
    assert (calendars[shared].can_write, calendars[shared].can_read) == (False, True)
    assert not calendars[busy].can_read
