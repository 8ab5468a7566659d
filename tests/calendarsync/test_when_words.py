"""Days, times and repetitions in words."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from calendarsync.domain import AllDay, Timed, When
from calendarsync.when_words import repetition, when_words

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TO = "\N{NO-BREAK SPACE}\N{EN DASH}\N{NO-BREAK SPACE}"
DASH = "\N{EN DASH}"


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (Timed(NINE, NINE.replace(hour=9), ""), f"Monday 23 November 2026, 09:00{TO}10:00"),
        (Timed(NINE, NINE, ""), "Monday 23 November 2026, 09:00"),
        (
            Timed(NINE, NINE.replace(day=24, hour=15), ""),
            f"Monday 23 November 2026, 09:00 {DASH} Tuesday 24 November 2026, 16:00",
        ),
        (AllDay(date(2026, 11, 23), date(2026, 11, 24)), "Monday 23 November 2026, all day"),
        (
            AllDay(date(2026, 11, 23), date(2026, 11, 26)),
            f"Monday 23 November 2026 {DASH} Wednesday 25 November 2026, all day",
        ),
    ],
)
def test_a_time_is_said_in_days_and_clock_times(when: When, words: str) -> None:
    assert when_words(when, AMSTERDAM, "24") == words


def test_twelve_hours_are_for_english_only() -> None:
    when = Timed(NINE, NINE, "")

    assert when_words(when, AMSTERDAM, "12") == "Monday 23 November 2026, 9:00 am"
    with translation.override("nl"):
        assert when_words(when, AMSTERDAM, "12") == "maandag 23 november 2026, 09:00"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["RRULE:FREQ=DAILY"], "every day"),
        (["EXDATE:20261123T080000Z", "RRULE:FREQ=WEEKLY;BYDAY=MO;INTERVAL=2"], "every 2 weeks"),
        (["RRULE:FREQ=MONTHLY;INTERVAL=1"], "every month"),
        (["rrule:freq=yearly"], "every year"),
        (["RDATE:20261123T080000Z"], ""),
        (["RRULE:FREQ=WEEKLY;INTERVAL=often"], "every week"),
        ([], ""),
    ],
)
def test_a_rule_is_said_in_a_few_words(lines: list[str], words: str) -> None:
    assert repetition(lines) == words
