"""Names of time zones as providers write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from calendarsync.timezones import iana_name, instant_of, wall_time, zone_or_utc

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("Europe/Amsterdam", "Europe/Amsterdam"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("UTC", "Etc/UTC"),
        ("utc", "Etc/UTC"),
        ("GMT", "Etc/UTC"),
        ("Z", "Etc/UTC"),
        ("tzone://Microsoft/Utc", "Etc/UTC"),
        ("Etc/GMT+5", "Etc/GMT+5"),
    ],
)
def test_name_is_resolved(written: str, zone: str):
    """S46"""
    assert iana_name(written) == zone


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Mars/Olympus_Mons",
        "(UTC+01:00) Amsterdam, Berlin, Bern",
        "Customized Time Zone",
        "+01:00",
        "../../etc/passwd",
        "/etc/localtime",
        "Europe",
        "Europe/",
        ".",
        "x" * 5000,
        "Europe/Amsterdam\x00",
        "tzdata.zi",
        "\ud800",
    ],
)
def test_unknown_name_stays_unknown(written: str):
    """S46: an offset is no zone, and a path is no name."""
    assert iana_name(written) == ""
    assert zone_or_utc(written).key == "Etc/UTC"


def test_skipped_wall_time_moves_past_the_gap():
    """S50"""
    instant = instant_of(datetime(2026, 3, 29, 2, 30), AMSTERDAM)  # noqa: DTZ001  # wall time

    assert instant == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert wall_time(instant, AMSTERDAM).hour == 3


def test_doubled_wall_time_is_its_first_turn():
    """S50"""
    instant = instant_of(datetime(2026, 10, 25, 2, 30), AMSTERDAM)  # noqa: DTZ001  # wall time

    assert instant == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "zone", ["Europe/Amsterdam", "Asia/Kolkata", "Australia/Lord_Howe", "America/New_York"]
)
def test_wall_time_and_instant_are_each_others_inverse(zone: str):
    instant = datetime(2026, 7, 1, 12, 45, tzinfo=UTC)

    assert instant_of(wall_time(instant, ZoneInfo(zone)), ZoneInfo(zone)) == instant
