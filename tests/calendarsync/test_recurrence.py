"""Series in wall time: what a rule produces, across daylight saving, and that no rule can hang or break a reading."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from calendarsync.domain import AllDay, Timed, When, Window
from calendarsync.recurrence import (
    _PARTS,
    LIMIT,
    InvalidRecurrence,
    check,
    ends_at,
    expand,
    moved_to,
    original_start_of,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NEW_YORK = ZoneInfo("America/New_York")
bounded = settings(max_examples=50, deadline=None, derandomize=True)


def at(*parts: int, zone: ZoneInfo = AMSTERDAM) -> datetime:
    return datetime(*parts, tzinfo=zone).astimezone(UTC)  # type: ignore[misc,arg-type]


def timed(*parts: int, zone: ZoneInfo = AMSTERDAM, minutes: int = 30) -> Timed:
    start = at(*parts, zone=zone)
    return Timed(start, start + timedelta(minutes=minutes), zone.key)


def all_day(*parts: int, days: int = 1) -> AllDay:
    first = date(*parts)
    return AllDay(first, first + timedelta(days=days))


def names(
    when: When, *lines: str, until: datetime | None = None, since: datetime | None = None, zone: str = ""
) -> list[str]:
    window = Window(since or datetime(1990, 1, 1, tzinfo=UTC), until or datetime(2030, 1, 1, tzinfo=UTC))
    return [slot.original_start for slot in expand(when, lines, window, fallback_zone=zone)]


def wall(when: When, *lines: str, zone: ZoneInfo = AMSTERDAM) -> list[str]:
    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC))
    return [f"{slot.when.start.astimezone(zone):%d %b %H:%M}" for slot in expand(when, lines, window)]  # type: ignore[attr-defined]


def test_nine_stays_nine_when_summer_time_begins():
    """S43"""
    shown = wall(timed(2026, 3, 25, 9), "RRULE:FREQ=DAILY;COUNT=6")

    assert shown == [f"{day} Mar 09:00" for day in range(25, 31)]
    assert names(timed(2026, 3, 28, 9), "RRULE:FREQ=DAILY;COUNT=2") == [
        "20260328T080000Z",
        "20260329T070000Z",
    ]


def test_nine_stays_nine_when_summer_time_ends():
    """S43"""
    shown = wall(timed(2026, 10, 24, 9), "RRULE:FREQ=DAILY;COUNT=3")

    assert shown == ["24 Oct 09:00", "25 Oct 09:00", "26 Oct 09:00"]


def test_skipped_hour_moves_past_the_gap_once():
    """S50"""
    assert wall(timed(2026, 3, 28, 2, 30), "RRULE:FREQ=DAILY;COUNT=3") == [
        "28 Mar 02:30",
        "29 Mar 03:30",
        "30 Mar 02:30",
    ]


def test_doubled_hour_happens_once_at_its_first_turn():
    """S50"""
    slots = names(timed(2026, 10, 24, 2, 30), "RRULE:FREQ=DAILY;COUNT=3")

    assert slots == ["20261024T003000Z", "20261025T003000Z", "20261026T013000Z"]


def test_two_wall_times_that_meet_at_a_gap_are_one_occurrence():
    rule = timed(2026, 3, 29, 3, 30), "RDATE;TZID=Europe/Amsterdam:20260329T023000"

    assert names(*rule) == ["20260329T013000Z"]


def test_an_occurrence_keeps_its_length_over_a_change_of_the_clock():
    [before, over] = expand(
        timed(2026, 3, 28, 1, minutes=180),
        ("RRULE:FREQ=DAILY;COUNT=2",),
        Window(at(2026, 3, 28), at(2026, 3, 30)),
    )

    assert before.when.end - before.when.start == over.when.end - over.when.start == timedelta(hours=3)


def test_window_takes_what_overlaps_and_nothing_else():
    daily = timed(2026, 11, 1, 9, minutes=60), "RRULE:FREQ=DAILY"

    assert names(*daily, since=at(2026, 11, 5, 9, 30), until=at(2026, 11, 6, 9)) == ["20261105T080000Z"]
    assert names(*daily, since=at(2026, 11, 5, 10), until=at(2026, 11, 6, 9, 1)) == ["20261106T080000Z"]


def test_an_occurrence_that_began_long_before_the_window_is_in_it():
    trip = timed(2026, 11, 1, 9, minutes=60 * 24 * 5), "RRULE:FREQ=MONTHLY"

    assert names(*trip, since=at(2026, 12, 5), until=at(2026, 12, 6)) == ["20261201T080000Z"]


def test_a_series_older_than_the_window_still_appears():
    """S32"""
    old = timed(2018, 11, 26, 9), "RRULE:FREQ=WEEKLY"

    assert names(*old, since=at(2026, 11, 23), until=at(2026, 11, 30)) == ["20261123T080000Z"]


@pytest.mark.parametrize(
    ("until", "days"),
    [
        ("20261125", ["23", "24", "25"]),
        ("20261125T080000Z", ["23", "24", "25"]),
        ("20261125T075959Z", ["23", "24"]),
        ("20261125T090000", ["23", "24", "25"]),
        ("20261125T235959Z", ["23", "24", "25"]),
        ("20261101", ["23"]),
    ],
)
def test_until_of_a_timed_series_is_inclusive(until: str, days: list[str]):
    found = names(timed(2026, 11, 23, 9), f"RRULE:FREQ=DAILY;UNTIL={until}")

    assert found == [f"202611{day}T080000Z" for day in days]


def test_until_at_utc_midnight_ends_a_series_that_starts_at_local_midnight():
    midnight = timed(2026, 11, 27, 0, zone=NEW_YORK)

    found = names(midnight, "RRULE:FREQ=DAILY;UNTIL=20261201T000000Z")

    assert found == ["20261127T050000Z", "20261128T050000Z", "20261129T050000Z", "20261130T050000Z"]


@pytest.mark.parametrize(
    ("zone", "until"),
    [
        ("Europe/Amsterdam", "20261130"),
        ("Europe/Amsterdam", "20261130T000000Z"),
        ("Europe/Amsterdam", "20261130T225959Z"),
        ("America/New_York", "20261201T045959Z"),
        ("America/New_York", "20261130T000000Z"),
        ("Pacific/Auckland", "20261129T110000Z"),
        ("", "20261130T235959Z"),
        ("Europe/Amsterdam", "20261130T235959"),
        ("Europe/Amsterdam", "20261130T235959Z"),
        ("Pacific/Honolulu", "20261130T235959Z"),
        ("Pacific/Tongatapu", "20261130T235959Z"),
    ],
)
def test_last_day_of_an_all_day_series_is_neither_lost_nor_added(zone: str, until: str):
    """S47"""
    found = names(all_day(2026, 11, 28), f"RRULE:FREQ=DAILY;UNTIL={until}", zone=zone)

    assert found == ["20261128", "20261129", "20261130"]


def test_count_ends_a_series():
    assert len(names(timed(2026, 11, 23, 9), "RRULE:FREQ=WEEKLY;COUNT=7")) == 7


def test_count_and_until_together_end_at_whichever_comes_first():
    assert len(names(timed(2026, 11, 23, 9), "RRULE:FREQ=DAILY;COUNT=7;UNTIL=20261125")) == 3
    assert len(names(timed(2026, 11, 23, 9), "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20261125")) == 2


def test_rdate_alone_makes_a_series():
    """S35"""
    found = names(timed(2026, 11, 23, 9), "RDATE:20261201T080000Z,20261203T080000Z")

    assert found == ["20261123T080000Z", "20261201T080000Z", "20261203T080000Z"]


def test_rdate_may_name_a_period():
    found = names(timed(2026, 11, 23, 9), "RDATE;VALUE=PERIOD:20261201T080000Z/PT2H")

    assert found == ["20261123T080000Z", "20261201T080000Z"]


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE:20261124T080000Z",
        "EXDATE;TZID=Europe/Amsterdam:20261124T090000",
        'EXDATE;TZID="Europe/Amsterdam":20261124T090000',
        "EXDATE;TZID=W. Europe Standard Time:20261124T090000",
        "EXDATE;TZID=America/New_York:20261124T030000",
        "EXDATE;TZID=Customized Time Zone:20261124T090000",
        "EXDATE;VALUE=DATE:20261124",
        "exdate;value=date:20261124",
        "EXDATE:20261124T090000",
        "EXRULE:FREQ=WEEKLY;BYDAY=TU",
    ],
)
def test_excluded_occurrence_is_gone_however_it_is_named(line: str):
    found = names(timed(2026, 11, 23, 9), "RRULE:FREQ=DAILY;COUNT=3", line)

    assert found == ["20261123T080000Z", "20261125T080000Z"]


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE;VALUE=DATE:20261124",
        "EXDATE:20261124T000000Z",
        "EXDATE;TZID=Europe/Amsterdam:20261124T000000",
        "EXDATE:20261123T230000Z",
    ],
)
def test_excluded_day_is_gone_however_it_is_named(line: str):
    found = names(all_day(2026, 11, 23), "RRULE:FREQ=DAILY;COUNT=3", line, zone="Europe/Amsterdam")

    assert found == ["20261123", "20261125"]


def test_exclusion_alone_leaves_the_start_or_nothing():
    assert names(timed(2026, 11, 23, 9), "EXDATE:20261124T080000Z") == ["20261123T080000Z"]
    assert names(timed(2026, 11, 23, 9), "EXDATE:20261123T080000Z") == []


def test_a_rule_that_excludes_itself_is_empty_at_once():
    assert names(timed(2000, 1, 1, 9), "RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY") == []


def test_names_of_occurrences_are_the_keys_exceptions_carry():
    [timed_slot] = names(timed(2026, 7, 1, 9), "RRULE:FREQ=DAILY;COUNT=1")
    [day_slot] = names(all_day(2026, 7, 1), "RRULE:FREQ=DAILY;COUNT=1")

    assert timed_slot == original_start_of(timed(2026, 7, 1, 9)) == "20260701T070000Z"
    assert day_slot == original_start_of(all_day(2026, 7, 1)) == "20260701"


@pytest.mark.parametrize(
    "when", [timed(2026, 11, 23, 9), all_day(2026, 11, 23, days=2)], ids=["timed", "all_day"]
)
def test_an_occurrence_is_found_again_by_its_name(when: When):
    slots = expand(when, ("RRULE:FREQ=WEEKLY;COUNT=3",), Window(at(2026, 1, 1), at(2027, 1, 1)))

    assert [moved_to(when, slot.original_start) for slot in slots] == [slot.when for slot in slots]


def test_all_day_series_keeps_its_dates_and_length():
    slots = expand(
        all_day(2026, 3, 28, days=2),
        ("RRULE:FREQ=WEEKLY;COUNT=2",),
        Window(at(2026, 3, 1), at(2026, 5, 1)),
    )

    assert [slot.when for slot in slots] == [all_day(2026, 3, 28, days=2), all_day(2026, 4, 4, days=2)]


def test_endless_daily_is_bounded_by_the_window_and_by_the_limit():
    """S34"""
    endless = timed(2016, 1, 1, 9), "RRULE:FREQ=DAILY"

    week = names(*endless, since=at(2026, 11, 23), until=at(2026, 11, 30))
    decades = names(*endless, since=at(2016, 1, 1), until=at(2036, 1, 1))

    assert (len(week), len(decades)) == (7, LIMIT)


CONTRADICTIONS = [
    "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
    "FREQ=DAILY;BYSETPOS=2",
    "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
    "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
    "FREQ=YEARLY;BYWEEKNO=1;BYMONTH=6",
    "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=3",
    "FREQ=YEARLY;BYDAY=53MO;BYMONTHDAY=3",
    "FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;BYSETPOS=2",
    "FREQ=MONTHLY;BYMONTHDAY=40",
]
INVALID = [
    "",
    "FREQ",
    "FREQ=",
    "FREQ=FORTNIGHTLY;BYDAY=XX",
    "BYDAY=MO",
    "FREQ=HOURLY",
    "FREQ=MINUTELY",
    "FREQ=SECONDLY;COUNT=99999999",
    "FREQ=DAILY;BYHOUR=9,10,11",
    "FREQ=DAILY;BYSECOND=1,2",
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=DAILY;INTERVAL=-1",
    "FREQ=DAILY;INTERVAL=often",
    "FREQ=DAILY;COUNT=0",
    "FREQ=DAILY;COUNT=-5",
    "FREQ=DAILY;COUNT=",
    f"FREQ=DAILY;COUNT={'9' * 5000}",
    "FREQ=DAILY;UNTIL=soon",
    "FREQ=DAILY;UNTIL=20261301",
    "FREQ=DAILY;UNTIL=20260230",
    "FREQ=DAILY;UNTIL=2026-11-23",
    "FREQ=DAILY;UNTIL=99999999",
    "FREQ=WEEKLY;BYDAY=0MO",
    "FREQ=WEEKLY;BYDAY=",
    "FREQ=YEARLY;BYMONTH=13",
    "FREQ=YEARLY;BYEASTER=1",
    "FREQ=DAILY;RSCALE=CHINESE",
    "FREQ=DAILY;X-MINE=1",
    "FREQ=DAILY;BYHOUR=25",
]
NOT_LINES = [
    "",
    "RRULE",
    "RRULE:",
    "DTSTART:20261123T080000Z",
    "X-RULE:FREQ=DAILY",
    "FREQ=DAILY",
    "RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY",
    "RDATE:",
    "RDATE:tomorrow",
    "RDATE:20261340T080000Z",
    "EXDATE:20261124T250000Z",
    "EXDATE:,",
    "EXDATE;VALUE=DATE:2026",
]


@pytest.mark.parametrize("rule", [*CONTRADICTIONS, *INVALID])
@pytest.mark.parametrize("when", [timed(2026, 11, 23, 9), all_day(2026, 11, 23)], ids=["timed", "all_day"])
def test_useless_rule_is_named_invalid(rule: str, when: When):
    """S35"""
    with pytest.raises(InvalidRecurrence, match=r"."):
        check(when, (f"RRULE:{rule}",))


@pytest.mark.parametrize("line", [*NOT_LINES, *(f"EXRULE:{rule}" for rule in CONTRADICTIONS[:3])])
def test_useless_line_is_named_invalid(line: str):
    """S35"""
    with pytest.raises(InvalidRecurrence, match=r"."):
        expand(timed(2026, 11, 23, 9), (line,), Window(at(2026, 1, 1), at(2027, 1, 1)))


@pytest.mark.parametrize("rule", CONTRADICTIONS)
def test_contradictory_rule_is_found_out_without_searching_to_the_end_of_time(
    rule: str, monkeypatch: pytest.MonkeyPatch
):
    """dateutil would look at three million days; the same calendar 7,600 years later has few left to look at."""
    searched: list[int] = []
    search = rrule._iter  # type: ignore[attr-defined]

    def counted(self: rrule) -> Iterator[datetime]:
        searched.append(9999 - self._dtstart.year)  # type: ignore[attr-defined]
        return search(self)  # type: ignore[no-any-return]

    monkeypatch.setattr(rrule, "_iter", counted)

    with pytest.raises(InvalidRecurrence):
        check(timed(2026, 11, 23, 9), (f"RRULE:{rule}",))
    assert searched
    assert max(searched) < 500


@pytest.mark.parametrize("year", [1900, 1999, 2000, 2024, 2199, 2400, 9950])
def test_a_leap_day_is_found_from_any_year(year: int):
    check(all_day(year, 3, 1), ("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28",))


def test_the_rarest_real_rule_is_not_called_impossible():
    """A leap day on a Monday comes at most every 40 years."""
    check(all_day(2026, 11, 23), ("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=999999999999",
        "FREQ=YEARLY;INTERVAL=9999",
        "FREQ=DAILY;COUNT=999999999",
        "FREQ=DAILY;UNTIL=99991231T235959Z",
        "FREQ=DAILY;UNTIL=00010101T000000Z",
        "FREQ=MONTHLY;BYDAY=-1FR;WKST=SU",
        "FREQ=DAILY;",
        "freq=weekly;byday=mo",
        "FREQ=DAILY;BYHOUR=9;BYMINUTE=0",
    ],
)
def test_odd_but_valid_rule_is_expanded_within_bounds(rule: str):
    when = timed(2026, 11, 23, 9)

    slots = expand(when, (f"RRULE:{rule}",), Window(at(2026, 1, 1), at(2029, 1, 1)))

    assert slots[0].when == when
    assert len(slots) <= 800


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        (("RRULE:FREQ=DAILY",), None),
        (("RRULE:FREQ=DAILY;COUNT=999999",), None),
        (("RRULE:FREQ=DAILY;UNTIL=99991231T235959Z",), None),
        (("RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=WEEKLY"), None),
        (("RRULE:FREQ=DAILY;COUNT=3",), at(2026, 11, 26, 9, 30)),
        (("RDATE:20261201T080000Z",), at(2026, 12, 2, 9, 30)),
        (("EXDATE:20261123T080000Z",), at(2026, 11, 24, 9, 30)),
    ],
)
def test_end_of_a_series_is_known_where_it_is_cheap(lines: tuple[str, ...], end: datetime | None):
    assert ends_at(timed(2026, 11, 23, 9), lines) == end


ZONES = ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
moments = st.integers(0, 40 * 365 * 24 * 60).map(
    lambda minutes: datetime(1995, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


@bounded
@given(start=moments, zone=st.sampled_from(ZONES), interval=st.integers(1, 5), count=st.integers(1, 60))
def test_daily_occurrences_are_every_nth_day_at_the_same_time(
    start: datetime, zone: str, interval: int, count: int
):
    """Invariants 16 and 17, against a naive walk from day to day."""
    local = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    expected = [
        (local + timedelta(days=interval * step)).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for step in range(count)
    ]
    window = Window(start - timedelta(days=2), start + timedelta(days=400))
    when = Timed(start, start + timedelta(hours=1), zone)

    slots = expand(when, (f"RRULE:FREQ=DAILY;INTERVAL={interval};COUNT={count}",), window)

    assert [slot.when.start for slot in slots] == sorted(set(expected) | {start})[: len(slots)]
    assert len(slots) >= count - 1


@bounded
@given(
    first=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    days=st.sets(st.sampled_from(WEEKDAYS), min_size=1),
    length=st.integers(0, 120),
)
def test_weekly_occurrences_are_the_named_weekdays(first: date, days: set[str], length: int):
    """Invariant 16."""
    last = first + timedelta(days=length)
    walked = [first + timedelta(days=step) for step in range(length + 1)]
    expected = [day for day in walked if day == first or WEEKDAYS[day.weekday()] in days]
    window = Window(datetime(1999, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC))
    rule = f"RRULE:FREQ=WEEKLY;BYDAY={','.join(sorted(days))};UNTIL={last:%Y%m%d}"

    slots = expand(AllDay(first, first + timedelta(days=1)), (rule,), window)

    assert [slot.when.start for slot in slots] == expected


@bounded
@given(start=moments, zone=st.sampled_from(ZONES), day=st.integers(1, 31), months=st.integers(1, 40))
def test_monthly_occurrences_skip_months_without_that_day(start: datetime, zone: str, day: int, months: int):
    """Invariant 16."""
    local = start.astimezone(ZoneInfo(zone)).date()
    walked = [local + timedelta(days=step) for step in range(months * 31)]
    expected = [found for found in walked if found.day == day or found == local]
    window = Window(start - timedelta(days=2), start + timedelta(days=months * 31 - 2))
    when = Timed(start, start, zone)

    slots = expand(when, (f"RRULE:FREQ=MONTHLY;BYMONTHDAY={day}",), window)

    shown = [slot.when.start.astimezone(ZoneInfo(zone)).date() for slot in slots]  # type: ignore[attr-defined]
    assert shown == expected[: len(shown)]
    assert len(shown) >= len(expected) - 1


rules = st.builds(
    lambda freq, interval, end: f"RRULE:FREQ={freq};INTERVAL={interval}{end}",
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 400),
    st.one_of(
        st.just(""),
        st.integers(1, 50).map(lambda count: f";COUNT={count}"),
        moments.map(lambda until: f";UNTIL={until:%Y%m%dT%H%M%SZ}"),
        moments.map(lambda until: f";UNTIL={until:%Y%m%d}"),
    ),
)


@bounded
@given(start=moments, zone=st.sampled_from(ZONES), rule=rules, as_day=st.booleans())
def test_no_occurrence_comes_after_the_end_of_its_series(start: datetime, zone: str, rule: str, as_day: bool):
    day = start.date()
    when = AllDay(day, day + timedelta(days=1)) if as_day else Timed(start, start + timedelta(hours=1), zone)
    window = Window(datetime(1990, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC))

    end = ends_at(when, (rule,), fallback_zone=zone)
    slots = expand(when, (rule,), window, fallback_zone=zone)

    last = slots[-1].when.end
    over = last if isinstance(last, datetime) else datetime.combine(last, datetime.min.time(), UTC)
    assert end is None or over <= end + timedelta(hours=14)


WRITTEN = "RULEDATEXFQ=DAILYMO;:,/-+20261231TZ235959 \t\n\x00\xa0²é\ud800"


@bounded
@given(
    text=st.text(WRITTEN, max_size=40),
    name=st.sampled_from(["RRULE:", "EXRULE:FREQ=", "RDATE:", "EXDATE;TZID=", ""]),
)
def test_whatever_is_written_there_nothing_but_invalid_recurrence_is_raised(text: str, name: str):
    with suppress(InvalidRecurrence):
        expand(timed(2026, 11, 23, 9), (name + text,), Window(at(2026, 1, 1), at(2027, 1, 1)))


part_values = st.one_of(
    st.integers(-400, 400).map(str),
    st.lists(st.integers(-60, 60).map(str), max_size=4).map(",".join),
    st.sampled_from(["MO", "5MO", "-1FR,2TU", "20261231", "20261231T235959Z", "WEEKLY", "", "²", "1_0"]),
)


@bounded
@given(
    freq=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    parts=st.dictionaries(
        st.sampled_from(sorted(_PARTS - {"FREQ"})),
        part_values,
        max_size=3,
    ),
)
def test_any_mixture_of_parts_is_expanded_or_refused(freq: str, parts: dict[str, str]):
    rule = ";".join([f"RRULE:FREQ={freq}", *(f"{name}={value}" for name, value in parts.items())])
    window = Window(at(2026, 1, 1), at(2027, 1, 1))

    try:
        slots = expand(timed(2026, 11, 23, 9), (rule,), window)
    except InvalidRecurrence:
        return
    assert slots == sorted(slots, key=lambda slot: slot.original_start)
