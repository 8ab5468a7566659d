"""Items of every malformed kind: each is shown, removed or listed as unreadable, and never stops the others."""

import copy
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendarsync import unreadable
from calendarsync.domain import Kind, Window
from calendarsync.engine.rows import columns_of
from calendarsync.models import Event
from calendarsync.providers.google.mapping import read_calendars, read_items
from calendarsync.recurrence import expand

ZONE = "Europe/Amsterdam"
GOOD: dict[str, Any] = {
    "id": "good", "status": "confirmed", "etag": '"1"', "iCalUID": "good@google.com", "summary": "Good",
    "description": "Text", "location": "Room", "colorId": "7", "transparency": "opaque", "visibility": "default",
    "eventType": "default", "updated": "2026-11-20T08:00:00.000Z", "htmlLink": "https://calendar.test/event",
    "start": {"dateTime": "2026-11-24T10:00:00+01:00", "timeZone": ZONE},
    "end": {"dateTime": "2026-11-24T11:00:00+01:00", "timeZone": ZONE},
    "organizer": {"email": "alice@mail.example", "self": True},
    "attendees": [{"email": "bob@mail.example", "displayName": "Bob", "responseStatus": "accepted"}],
    "conferenceData": {"entryPoints": [{"entryPointType": "video", "uri": "https://meet.test/abc"}]},
}  # fmt: skip
SERIES = GOOD | {"id": "series", "recurrence": ["RRULE:FREQ=WEEKLY"]}
MOVED = GOOD | {
    "id": "series_20261201T090000Z", "recurringEventId": "series",
    "originalStartTime": {"dateTime": "2026-12-01T10:00:00+01:00", "timeZone": ZONE},
}  # fmt: skip
CANCELLED = {name: MOVED[name] for name in ("id", "recurringEventId", "originalStartTime")} | {
    "status": "cancelled"
}
WINDOW = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC))
ODD_TEXTS = (
    "", " ", "\x00", "a\x00b", "\ud800", "\udfff tail", "\u202e", "x" * 100_000, "0001-01-01", "9999-12-31",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "2026-02-30", "2026-11-24T25:00:00Z", "2026-11-24T10:00:00",
    "2026-11-24T10:00:00+99:99", "20261124", "-1", "1e999", "NaN", "Mars/Olympus_Mons", "../../etc/passwd",
    "javascript:alert(1)", "https://[", "cancelled", "RRULE:FREQ=DAILY", "true",
)  # fmt: skip
ODD_LINES = (
    "RRULE:FREQ=FORTNIGHTLY", "RRULE:FREQ=DAILY;INTERVAL=0", "RRULE:FREQ=DAILY;INTERVAL=99999999999999999999",
    "RRULE:FREQ=DAILY;COUNT=" + "9" * 5000, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", "RRULE:FREQ=SECONDLY",
    "RRULE:FREQ=MONTHLY;BYDAY=99MO", "RRULE:FREQ=WEEKLY;UNTIL=00010101", "RRULE:FREQ=WEEKLY;UNTIL=99991231T235959Z",
    "EXDATE:" + ",".join(["20261201T090000Z"] * 6000), "RDATE;TZID=\x00:20261201T090000",
    "RRULE:" + "BYDAY=MO;" * 12_000,
    "EXRULE:FREQ=DAILY", "DTSTART:20261124", "RRULE", ":", "RRULE:FREQ=DAILY;FREQ=WEEKLY;FREQ=",
)  # fmt: skip
ODD_NUMBERS = (0, -1, 42, 10**30, 1.5, float("inf"), float("nan"))


def nested(depth: int) -> Any:
    value: Any = "bottom"
    for _ in range(depth):
        value = [value] if depth % 2 else {"in": value}
    return value


junk = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(ODD_NUMBERS),
    st.sampled_from(ODD_TEXTS),
    st.sampled_from(ODD_LINES),
    st.text(alphabet=st.characters(), max_size=40),
    st.just([]),
    st.just({}),
    st.lists(st.sampled_from((*ODD_TEXTS, *ODD_LINES)), max_size=3),
    st.lists(st.sampled_from(ODD_NUMBERS), max_size=3),
    st.dictionaries(st.sampled_from(("date", "dateTime", "timeZone", "email", "x")), st.sampled_from(ODD_TEXTS)),
    st.integers(2, 300).map(nested),
)  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn) -> Any:
    """A good item of which up to three places are something else, or are gone; or no item at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(junk)
    item = copy.deepcopy(draw(st.sampled_from((GOOD, SERIES, MOVED, CANCELLED))))
    for _ in range(draw(st.integers(1, 3))):
        _spoil(draw, item)
    return item


def _spoil(draw: st.DrawFn, item: dict[str, Any]) -> None:
    place: Any = item
    while True:
        names = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not names:
            return
        name = draw(st.sampled_from(names))
        if isinstance(place[name], dict | list) and draw(st.booleans()):
            place = place[name]
            continue
        if isinstance(place, dict) and draw(st.integers(0, 4)) == 0:
            del place[name]
        else:
            place[name] = draw(junk)
        return


def texts_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.items() for text in texts_in(list(each))]
    return [text for each in value for text in texts_in(each)] if isinstance(value, list | tuple) else []


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(items=st.lists(spoiled(), min_size=1, max_size=4), zone=st.sampled_from((ZONE, "", "Nowhere/Land")))
def test_no_item_stops_the_others_and_none_is_lost(items: list[Any], zone: str) -> None:
    read = read_items([*items, GOOD | {"id": "witness"}], zone)

    found = {event.remote_id for event in read.events}
    listed = {item.remote_id for item in read.unreadable}
    assert "witness" in found
    assert found.isdisjoint(listed)
    assert found.isdisjoint(read.removed)
    for item in items:
        given_id = item.get("id") if isinstance(item, dict) else None
        assert (
            not isinstance(given_id, str)
            or not given_id.isalnum()
            or given_id in found | listed | {*read.removed}
        )
    assert all(item.remote_id and item.reason in vars(unreadable).values() for item in read.unreadable)


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(item=spoiled())
def test_what_is_read_can_be_stored_and_expanded(item: Any) -> None:
    for event in read_items([item], ZONE).events:
        columns = columns_of(event, frozenset(), ZONE)
        for text in texts_in([event.remote_id, *columns.values()]):
            assert "\x00" not in text
            text.encode()
        for name in ("master_remote_id", "original_start", "tzid", "colour", "etag"):
            assert len(columns[name]) <= Event._meta.get_field(name).max_length  # type: ignore[union-attr, operator]
        json.dumps(columns["attendees"], allow_nan=False)
        if event.kind is Kind.MASTER and event.when is not None:
            assert len(expand(event.when, event.recurrence, WINDOW, fallback_zone=ZONE)) <= 4000


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(
    entries=st.lists(
        junk
        | st.fixed_dictionaries(
            {"id": junk}, optional=dict.fromkeys(("summary", "accessRole", "timeZone", "selected"), junk)
        ),
        max_size=4,
    )
)
def test_no_entry_of_the_calendar_list_stops_the_others(entries: list[Any]) -> None:
    good = {
        "id": "alice@mail.example",
        "summary": "Alice",
        "accessRole": "owner",
        "timeZone": ZONE,
        "primary": True,
    }

    found = read_calendars([*entries, good])

    assert found[-1].remote_id == "alice@mail.example"
    assert len({calendar.remote_id for calendar in found}) == len(found)
    assert all(0 < len(calendar.remote_id) <= 1024 and len(calendar.time_zone) <= 64 for calendar in found)
    assert not [text for each in found for text in (each.remote_id, each.name) if "\x00" in text]


def test_ten_thousand_guests_are_all_there() -> None:
    """S89"""
    people = [{"email": f"guest{number}@post.example"} for number in range(10_000)]

    [event] = read_items([GOOD | {"attendees": people}], ZONE).events

    assert len(event.attendees) == 10_000


def test_item_nested_too_deep_to_be_looked_at_is_listed() -> None:
    deep = nested(100_000)

    read = read_items([deep, {"id": deep}, GOOD | {"id": "deep", "start": {"dateTime": deep}}, GOOD], ZONE)

    assert [event.remote_id for event in read.events] == ["good"]
    assert len(read.unreadable) >= 2


@pytest.mark.parametrize(
    "lines",
    [
        ["RRULE:FREQ=DAILY;BYDAY=" + ",".join(["MO"] * 30_000)],
        ["RRULE:FREQ=DAILY"] * 4000,
        [f"EXDATE:{year}{month:02}{day:02}T090000Z" for year in range(2027, 2037) for month in range(1, 13)
         for day in range(1, 29)],
    ],
    ids=["a rule of 100 kB", "four thousand rules", "three thousand dates"],
)  # fmt: skip
def test_rule_beyond_all_measure_is_not_followed(lines: list[str]) -> None:
    """S34, S35: one invitation of a stranger must not keep a worker busy."""
    [item] = read_items([GOOD | {"recurrence": ["RRULE:FREQ=DAILY", *lines]}], ZONE).unreadable

    assert item.reason == unreadable.BAD_RULE


def test_year_of_excluded_days_is_followed() -> None:
    days = [f"EXDATE:{datetime(2026, 11, 25) + timedelta(days=n):%Y%m%d}T090000Z" for n in range(365)]  # noqa: DTZ001

    [event] = read_items([GOOD | {"recurrence": ["RRULE:FREQ=DAILY", *days]}], ZONE).events

    assert len(event.recurrence) == 366


def test_names_of_zones_nobody_knows_are_not_kept_in_memory() -> None:
    items = [
        GOOD | {"id": f"e{number}", "start": {"dateTime": "2026-11-24T10:00:00Z", "timeZone": f"{number}" * 100_000}}
        for number in range(100, 140)
    ]  # fmt: skip
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()

    for item in items:
        assert read_items([item], ZONE).events

    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 2_000_000
