"""Expansion of series in the wall time of their zone."""

from datetime import datetime, timedelta

import pytest

from sandbox.google.errors import ApiError
from sandbox.google.moments import Moment
from sandbox.google.recurrence import FAR, check_lines, last_wall, walls


def timed(text: str, zone: str = "Europe/Amsterdam") -> Moment:
    return Moment(datetime.fromisoformat(text), zone, all_day=False)


def days(*lines: str, first: Moment, until: str = "2027-12-31") -> list[str]:
    return [wall.isoformat(timespec="minutes") for wall in walls(lines, first, datetime.fromisoformat(until))]


def test_weekly_meeting_keeps_its_wall_time_over_the_change_of_clocks():
    first = timed("2026-10-19T09:00")

    starts = [first.moved(wall) for wall in walls(("RRULE:FREQ=WEEKLY;COUNT=2",), first, FAR)]

    assert [start.stamp for start in starts] == ["20261019T070000Z", "20261026T080000Z"]


def test_start_is_a_date_even_where_the_rule_does_not_produce_it():
    """As at Google: a Thursday and, beside it, as many Wednesdays as COUNT says."""
    first = timed("2024-05-30T20:00")

    assert days("RRULE:FREQ=WEEKLY;COUNT=2;BYDAY=WE", first=first) == [
        "2024-05-30T20:00",
        "2024-06-05T20:00",
        "2024-06-12T20:00",
    ]


def test_until_in_utc_is_inclusive_in_the_zone_of_the_series():
    first = timed("2026-11-23T09:00")

    assert days("RRULE:FREQ=DAILY;UNTIL=20261124T080000Z", first=first) == [
        "2026-11-23T09:00",
        "2026-11-24T09:00",
    ]
    assert days("RRULE:FREQ=DAILY;UNTIL=20261124T075959Z", first=first) == ["2026-11-23T09:00"]
    assert len(days("RRULE:FREQ=DAILY;UNTIL=20261124", first=first)) == 2


def test_all_day_until_keeps_the_last_day():
    first = Moment(datetime.fromisoformat("2026-11-23"), "Europe/Amsterdam", all_day=True)

    assert len(days("RRULE:FREQ=DAILY;UNTIL=20261125", first=first)) == 3
    assert len(days("RRULE:FREQ=DAILY;UNTIL=20261125T000000Z", first=first)) == 3


def test_exdate_and_rdate_change_the_set():
    first = timed("2026-11-23T09:00")

    starts = days(
        "RRULE:FREQ=DAILY;COUNT=3",
        "EXDATE;TZID=Europe/Amsterdam:20261124T090000",
        "EXDATE:20261125T080000Z",
        "RDATE;TZID=Europe/Amsterdam:20261201T140000",
        first=first,
    )

    assert starts == ["2026-11-23T09:00", "2026-12-01T14:00"]


def test_excluded_rule_removes_its_dates():
    first = timed("2026-11-23T09:00")

    starts = days("RRULE:FREQ=DAILY;COUNT=4", "EXRULE:FREQ=DAILY;INTERVAL=2;COUNT=2", first=first)

    assert starts == ["2026-11-24T09:00", "2026-11-26T09:00"]


def test_dates_without_rule_include_the_first_start():
    assert days("RDATE:20261201T080000Z", first=timed("2026-11-23T09:00")) == [
        "2026-11-23T09:00",
        "2026-12-01T09:00",
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("RRULE:FREQ=DAILY;COUNT=3",), datetime.fromisoformat("2026-11-25T09:00")),
        (("RRULE:FREQ=WEEKLY;UNTIL=20261208T000000Z",), datetime.fromisoformat("2026-12-07T09:00")),
        (("RRULE:FREQ=WEEKLY",), None),
    ],
)
def test_last_start_is_known_only_for_series_that_end(lines, expected):
    assert last_wall(lines, timed("2026-11-23T09:00")) == expected


@pytest.mark.parametrize("rule", ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31", "FREQ=DAILY;COUNT=99999999"])
def test_hostile_rules_stay_bounded(rule):
    first = timed("2026-11-23T09:00")

    assert len(walls((f"RRULE:{rule}",), first, first.wall + timedelta(days=366))) <= 10_000


@pytest.mark.parametrize(
    "lines",
    [["FREQ=DAILY"], ["RRULE:FREQ=NEVER"], ["RRULE:FREQ=SECONDLY"], ["RRULE:BYDAY=MO"],
         ["RRULE:FREQ=DAILY;BYMONTH=13;BYMONTHDAY=1"], "RRULE:FREQ=DAILY", [1], ["RRULE:FREQ=DAILY;COUNT=x"],
     ["EXDATE:tomorrow"], ["DTSTART:20261123T090000Z"], ["RRULE:FREQ=DAILY\nRRULE:FREQ=DAILY"]],
)  # fmt: skip
def test_unreadable_lines_are_refused(lines):
    with pytest.raises(ApiError) as caught:
        check_lines(lines, timed("2026-11-23T09:00"))

    assert caught.value.status == 400
