"""Google's event resource read into our normal form, and every way in which an item can be wrong."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendarsync import unreadable
from calendarsync.domain import (
    AllDay,
    Busy,
    Kind,
    Person,
    RemoteCalendar,
    RemoteEvent,
    Response,
    Special,
    Status,
    Timed,
    Visibility,
)
from calendarsync.engine.rows import columns_of
from calendarsync.providers.google.mapping import calendar_of, read_items

ZONE = "Europe/Amsterdam"
TEN = datetime(2026, 11, 23, 9, tzinfo=UTC)
ELEVEN = datetime(2026, 11, 23, 10, tzinfo=UTC)


def resource(**changes: Any) -> dict[str, Any]:
    """A plain event from ten to eleven; a change to None leaves the field out."""
    item = {
        "kind": "calendar#event",
        "id": "plain",
        "status": "confirmed",
        "etag": '"3400000000000000"',
        "iCalUID": "plain@google.com",
        "summary": "Interview",
        "updated": "2026-11-20T08:00:00.000Z",
        "start": {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": ZONE},
        "end": {"dateTime": "2026-11-23T11:00:00+01:00", "timeZone": ZONE},
    }
    return {name: value for name, value in (item | changes).items() if value is not None}


def one(**changes: Any) -> RemoteEvent:
    read = read_items([resource(**changes)], ZONE)
    assert (read.removed, read.unreadable) == ((), ())
    [event] = read.events
    return event


def refused(item: Any) -> str:
    """The reason why an item is unreadable; a good one beside it always arrives."""
    read = read_items([item, resource(id="good")], ZONE)
    assert [event.remote_id for event in read.events] == ["good"]
    [unreadable] = read.unreadable
    return unreadable.reason


def test_plain_event_is_read_whole():
    event = one(location="Room 1\n second floor", description="See you <b>there</b>", colorId="7")

    assert event == RemoteEvent(
        remote_id="plain",
        kind=Kind.SINGLE,
        when=Timed(TEN, ELEVEN, ZONE),
        etag='"3400000000000000"',
        ical_uid="plain@google.com",
        title="Interview",
        description="See you <b>there</b>",
        location="Room 1 second floor",
        colour="#46d6db",
        updated_at=datetime(2026, 11, 20, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("field", "value", "attribute", "expected"),
    [
        ("status", "tentative", "status", Status.TENTATIVE),
        ("status", "unheard-of", "status", Status.CONFIRMED),
        ("transparency", "transparent", "busy", Busy.FREE),
        ("transparency", "opaque", "busy", Busy.BUSY),
        ("visibility", "private", "visibility", Visibility.PRIVATE),
        ("visibility", "public", "visibility", Visibility.PUBLIC),
        ("visibility", "confidential", "visibility", Visibility.CONFIDENTIAL),
        ("visibility", "hidden", "visibility", Visibility.DEFAULT),
        ("eventType", "birthday", "special", Special.BIRTHDAY),
        ("eventType", "focusTime", "special", Special.FOCUS_TIME),
        ("eventType", "fromGmail", "special", Special.FROM_MAIL),
        ("eventType", "outOfOffice", "special", Special.OUT_OF_OFFICE),
        ("eventType", "outOfOffice", "busy", Busy.OUT_OF_OFFICE),
        ("eventType", "workingLocation", "special", Special.WORKING_LOCATION),
        ("eventType", "workingLocation", "busy", Busy.ELSEWHERE),
        ("eventType", "default", "special", Special.NO),
        ("eventType", "hologram", "special", Special.UNKNOWN),
        ("colorId", "11", "colour", "#dc2127"),
        ("colorId", 8, "colour", "#e1e1e1"),
        ("colorId", "99", "colour", ""),
        ("summary", None, "title", ""),
        ("summary", 42, "title", ""),
        ("summary", "Two\r\nlines\x00", "title", "Two lines"),
        ("summary", "x" * 5000, "title", "x" * 1024),
        ("htmlLink", "https://calendar.example/e", "html_link", "https://calendar.example/e"),
        ("htmlLink", "javascript:alert(1)", "html_link", ""),
        ("hangoutLink", "https://meet.example/abc", "conference_url", "https://meet.example/abc"),
        ("hangoutLink", "data:text/html,hi", "conference_url", ""),
        ("updated", "yesterday", "updated_at", None),
        ("updated", None, "updated_at", None),
        ("etag", None, "etag", ""),
        ("iCalUID", None, "ical_uid", ""),
        ("recurrence", [], "kind", Kind.SINGLE),
    ],
)
def test_field_is_translated(field: str, value: Any, attribute: str, expected: Any):
    assert getattr(one(**{field: value}), attribute) == expected


def test_video_entry_point_wins_over_the_old_link():
    entries = [
        {"entryPointType": "phone", "uri": "tel:+31-20-000"},
        {"entryPointType": "video", "uri": "https://meet.example/new"},
    ]

    event = one(conferenceData={"entryPoints": entries}, hangoutLink="https://meet.example/old")

    assert event.conference_url == "https://meet.example/new"


def test_html_is_reduced_to_what_is_harmless():
    hostile = (
        '<script>steal()</script><p onclick="x()">Hi <a href="javascript:x()">there</a><img src=x onerror=y>'
    )

    assert one(description=hostile).description == (
        '<p>Hi <a rel="noopener noreferrer nofollow">there</a></p>'
    )


@pytest.mark.parametrize(
    ("start", "end", "when"),
    [
        ({"date": "2026-06-01"}, {"date": "2026-06-04"}, AllDay(date(2026, 6, 1), date(2026, 6, 4))),
        ({"date": "2026-06-01"}, {"date": "2026-06-01"}, AllDay(date(2026, 6, 1), date(2026, 6, 2))),
        ({"date": "2026-06-01"}, {"date": "2026-05-01"}, AllDay(date(2026, 6, 1), date(2026, 6, 2))),
        ({"date": "2026-06-01"}, None, AllDay(date(2026, 6, 1), date(2026, 6, 2))),
        ({"dateTime": "2026-11-23T10:00:00+01:00"}, None, Timed(TEN, TEN, ZONE)),
        ({"dateTime": "2026-11-23T09:00:00Z"}, {"dateTime": "2026-11-23T08:00:00Z"}, Timed(TEN, TEN, ZONE)),
        (
            {"dateTime": "2026-11-23T09:00:00Z"},
            {"dateTime": "2026-11-23T10:00:00.0000000Z"},
            Timed(TEN, ELEVEN, ZONE),
        ),
        (
            {"dateTime": "2026-11-23T10:00:00", "timeZone": ZONE},
            {"dateTime": "2026-11-23T11:00:00", "timeZone": ZONE},
            Timed(TEN, ELEVEN, ZONE),
        ),
        (
            {"dateTime": "2026-11-23T04:00:00-05:00", "timeZone": "America/New_York"},
            {"dateTime": "2026-11-23T11:00:00+01:00", "timeZone": ZONE},
            Timed(TEN, ELEVEN, "America/New_York"),
        ),
        (
            {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": "W. Europe Standard Time"},
            {"dateTime": "2026-11-23T11:00:00+01:00"},
            Timed(TEN, ELEVEN, "Europe/Berlin"),
        ),
        (
            {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": "Mars/Olympus_Mons"},
            {"dateTime": "2026-11-23T11:00:00+01:00"},
            Timed(TEN, ELEVEN, ""),
        ),
        (
            {"dateTime": "2026-11-23T10:00:00", "timeZone": "Mars/Olympus_Mons"},
            {"dateTime": "2026-11-23T11:00:00", "timeZone": "Mitteleuropäische Zeit"},
            Timed(TEN, ELEVEN, ""),
        ),
        (
            {"dateTime": "2026-11-23T09:00:00.0000000Z"},
            {"dateTime": "9999-12-31T23:59:59.9999999Z"},
            Timed(TEN, TEN, ZONE),
        ),
        ({"dateTime": "2026-11-23T09:00:00Z"}, {"dateTime": "0001-01-01T00:00:00"}, Timed(TEN, TEN, ZONE)),
        ({"date": "2026-06-01"}, {"date": "9999-12-31"}, AllDay(date(2026, 6, 1), date(2026, 6, 2))),
    ],
)
def test_odd_times_are_repaired_the_same_way_each_time(start: Any, end: Any, when: Any):
    """S44, S45, S46, S48"""
    assert one(start=start, end=end).when == one(start=start, end=end).when == when


def test_series_and_its_exception_know_each_other():
    rule = "RRULE:FREQ=WEEKLY;BYDAY=MO"
    master = resource(id="series", recurrence=[rule, "EXDATE;TZID=Europe/Amsterdam:20261130T100000"])
    moved = resource(
        id="series_20261207T090000Z",
        recurringEventId="series",
        originalStartTime={"dateTime": "2026-12-07T10:00:00+01:00", "timeZone": ZONE},
        start={"dateTime": "2026-12-08T10:00:00+01:00"},
        end={"dateTime": "2026-12-08T11:00:00+01:00"},
    )

    series, exception = read_items([master, moved], ZONE).events

    assert (series.kind, series.recurrence[0]) == (Kind.MASTER, rule)
    assert (exception.kind, exception.master_remote_id) == (Kind.EXCEPTION, "series")
    assert exception.original_start == "20261207T090000Z"


@pytest.mark.parametrize(
    ("original", "name"),
    [
        ({"dateTime": "2026-12-07T10:00:00+01:00"}, "20261207T090000Z"),
        ({"date": "2026-12-07"}, "20261207"),
    ],
)
def test_cancelled_occurrence_needs_nothing_but_its_place(original: dict[str, str], name: str):
    """S9"""
    item = {
        "id": "x_1",
        "status": "cancelled",
        "recurringEventId": "series",
        "originalStartTime": original,
    }

    [event] = read_items([item], ZONE).events

    assert event == RemoteEvent(
        remote_id="x_1", kind=Kind.CANCELLED, when=None, master_remote_id="series", original_start=name
    )


def test_cancelled_event_with_nothing_but_an_id_is_removed():
    """S9"""
    read = read_items([{"id": "gone", "status": "cancelled"}], ZONE)

    assert (read.events, read.removed, read.unreadable) == ((), ("gone",), ())


def test_people_are_read_with_answers_and_lower_case_addresses():
    event = one(
        organizer={"email": "Alice@Linden.example", "displayName": "Alice", "self": True},
        attendees=[
            {"email": "Bob@linden.example", "responseStatus": "accepted", "optional": True},
            {"email": "room@linden.example", "resource": True, "responseStatus": "needsAction"},
            {"displayName": "Nobody\x00 Known", "responseStatus": "declined"},
            {"email": "eve@linden.example", "responseStatus": "perhaps"},
            "not a person",
        ],
    )

    assert event.organiser == Person("alice@linden.example", "Alice", is_self=True)
    assert event.attendees == (
        Person("bob@linden.example", response=Response.ACCEPTED, optional=True),
        Person("room@linden.example", resource=True),
        Person("", "Nobody Known", Response.DECLINED),
        Person("eve@linden.example"),
    )


def test_five_hundred_guests_are_all_there():
    """S89"""
    guests = [{"email": f"guest{number}@maple.example"} for number in range(500)]

    assert len(one(attendees=guests).attendees) == 500


def test_of_one_id_twice_the_newer_counts_wherever_it_stands():
    """S11"""
    old = resource(summary="Old", updated="2026-11-20T08:00:00Z")
    new = resource(summary="New", updated="2026-11-21T08:00:00Z")

    for items in ([old, new], [new, old], [new, old, new]):
        [event] = read_items(items, ZONE).events
        assert event.title == "New"


def test_of_one_id_twice_without_a_moment_the_later_counts():
    """S11"""
    gone, back = {"id": "plain", "status": "cancelled"}, resource(updated=None)

    assert read_items([gone, back], ZONE).removed == ()
    assert read_items([back, gone], ZONE).events == ()
    assert read_items([back, gone], ZONE).removed == ("plain",)


LONG = "a" * 1025
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"start": None}, unreadable.NO_START),
    ({"start": {}}, unreadable.NO_START),
    ({"start": {"dateTime": None}}, unreadable.NO_START),
    ({"start": "tomorrow"}, unreadable.NO_START),
    ({"start": {"dateTime": "soon"}}, unreadable.UNKNOWN_FORM),
    ({"start": {"date": "2026-02-30"}}, unreadable.UNKNOWN_FORM),
    ({"start": {"dateTime": "0001-01-01T00:00:00Z"}}, unreadable.ODD_DATE),
    ({"start": {"date": "9999-12-31"}}, unreadable.ODD_DATE),
    ({"start": {"date": "1601-01-01"}}, unreadable.ODD_DATE),
    ({"end": {"dateTime": "later"}}, unreadable.UNKNOWN_FORM),
    ({"id": None}, unreadable.NO_ID),
    ({"id": ""}, unreadable.NO_ID),
    ({"id": LONG}, unreadable.NO_ID),
    ({"id": "\x00"}, unreadable.NO_ID),
    ({"recurrence": ["RRULE:FREQ=FORTNIGHTLY;BYDAY=XX"]}, unreadable.BAD_RULE),
    ({"recurrence": ["RRULE:FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1"]}, unreadable.BAD_RULE),
    ({"recurrence": "RRULE:FREQ=DAILY"}, unreadable.BAD_RULE),
    ({"recurrence": [None]}, unreadable.BAD_RULE),
    ({"recurrence": [{"freq": "daily"}]}, unreadable.BAD_RULE),
    ({"recurrence": 5}, unreadable.UNKNOWN_FORM),
    ({"recurringEventId": "series"}, unreadable.NO_PLACE_IN_SERIES),
    ({"recurringEventId": "series", "originalStartTime": "first"}, unreadable.NO_PLACE_IN_SERIES),
    ({"recurringEventId": "series", "status": "cancelled"}, unreadable.NO_PLACE_IN_SERIES),
    ({"attendees": 5}, unreadable.UNKNOWN_FORM),
    ({"conferenceData": "meet"}, unreadable.UNKNOWN_FORM),
]


@pytest.mark.parametrize(("changes", "reason"), WRONG)
def test_wrong_item_is_listed_with_a_reason_and_the_rest_arrives(changes: dict[str, Any], reason: str):
    assert refused(resource(**changes)) == reason


@pytest.mark.parametrize("item", [None, 5, "event", [], [resource()], True])
def test_what_is_no_object_is_listed_too(item: Any):
    assert refused(item)


def test_two_nameless_items_are_two_entries_of_the_list():
    read = read_items([resource(id=None), resource(id=None, summary="Other"), resource(id=None)], ZONE)

    assert len(read.unreadable) == 2
    assert all(item.remote_id.startswith("unnamed ") for item in read.unreadable)


def test_list_entry_shows_what_is_known_of_the_item():
    [item] = read_items([resource(start={"dateTime": "0001-01-01T00:00:00Z"})], ZONE).unreadable

    assert (item.remote_id, item.title, item.date) == ("plain", "Interview", "0001-01-01T00:00:00Z")
    assert item.reason == unreadable.ODD_DATE


def test_nothing_that_a_database_refuses_gets_through():
    """NUL and halves of surrogate pairs are valid JSON and no text for PostgreSQL."""
    bad = "a\x00b\ud800c"
    event = one(
        id=bad, etag=bad, iCalUID=bad, summary=bad, description=bad, location=bad, htmlLink=f"https://x.example/{bad}",
        attendees=[{"email": bad, "displayName": bad}], organizer={"email": bad},
        recurrence=["RRULE:FREQ=DAILY", f"EXDATE;TZID={bad}:20261124T090000"],
    )  # fmt: skip

    stored = repr(columns_of(event, frozenset(), ZONE)) + event.remote_id

    assert "x00" not in stored
    assert "ud800" not in stored


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus_Mons", "../../etc/passwd", "Europe", "x" * 5000, "\x00", "UTC"]
)
def test_any_zone_of_the_page_is_survived(zone: str):
    read = read_items([resource(start={"dateTime": "2026-11-23T10:00:00Z"}, end={})], zone)

    assert len(read.events) == 1


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**12), 10**12),
        st.floats(),
        st.text("ab0:-TZ+/<>&\x00\ud800é ", max_size=12),
        st.sampled_from(
            ["2026-11-23T10:00:00Z", "2026-11-23", "9999-12-31", "0001-01-01T00:00:00-12:00", "cancelled"]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["date", "dateTime", "timeZone", "email", "self", "entryPoints", "uri"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)
FIELDS = [
    "id", "status", "etag", "iCalUID", "recurringEventId", "originalStartTime", "summary", "description", "location",
    "start", "end", "recurrence", "transparency", "visibility", "eventType", "colorId", "organizer", "attendees",
    "hangoutLink", "conferenceData", "htmlLink", "updated",
]  # fmt: skip


@settings(max_examples=120, deadline=None, derandomize=True)
@given(changes=st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=4), junk=json_values)
def test_no_json_whatever_stops_the_other_items(changes: dict[str, Any], junk: Any):
    read = read_items([resource(id="first"), resource() | changes, junk, resource(id="last")], ZONE)

    ids = [event.remote_id for event in read.events]
    assert {"first", "last"} <= {*ids, *read.removed}
    assert len(ids) + len(read.removed) + len(read.unreadable) == 4 - (
        str(changes.get("id")) in {"first", "last"}
    )
    assert all(len(item.reason) <= 300 and item.reason for item in read.unreadable)
    assert all(columns_of(event, frozenset(), ZONE)["fingerprint"] for event in read.events)


def test_calendar_entry_is_translated():
    entry = {
        "id": "team@linden.example",
        "summary": "Team",
        "summaryOverride": "My team",
        "timeZone": ZONE,
        "backgroundColor": "#9FE1E7",
        "accessRole": "writer",
        "selected": True,
    }

    assert calendar_of(entry) == RemoteCalendar(
        remote_id="team@linden.example", name="My team", time_zone=ZONE, colour="#9fe1e7", can_write=True
    )


@pytest.mark.parametrize(
    ("role", "can_read", "can_write"),
    [
        ("owner", True, True),
        ("writer", True, True),
        ("writerWithoutPrivateAccess", True, True),
        ("reader", True, False),
        ("freeBusyReader", False, False),
        ("none", False, False),
        (["owner"], True, False),
        (None, True, False),
    ],
)
def test_role_decides_about_reading_and_writing(role: Any, can_read: bool, can_write: bool):
    calendar = calendar_of({"id": "x", "accessRole": role})

    assert (calendar.can_read, calendar.can_write) == (can_read, can_write)


@pytest.mark.parametrize(
    ("entry", "is_shown"),
    [
        ({"primary": True}, True),
        ({"selected": True}, True),
        ({"selected": True, "hidden": True}, False),
        ({"primary": True, "selected": False}, False),
        ({}, False),
    ],
)
def test_calendars_shown_at_google_are_shown_here(entry: dict[str, bool], is_shown: bool):
    assert calendar_of({"id": "x", "accessRole": "owner"} | entry).is_shown is is_shown


def test_deleted_calendar_cannot_be_read():
    assert calendar_of({"id": "x", "accessRole": "owner", "deleted": True}).can_read is False


@pytest.mark.parametrize("colour", ["red", "#12345", "#gggggg", "#1234567", None, 5, "url(x)"])
def test_colour_that_is_none_is_left_out(colour: Any):
    assert calendar_of({"id": "x", "backgroundColor": colour}).colour == ""
