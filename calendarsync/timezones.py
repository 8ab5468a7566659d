"""Names of time zones as providers write them, resolved to IANA zones. Pure.

Windows names come from tzlocal's table (CLDR). Offsets are never turned into zones: an unknown name stays unknown.
"""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzlocal.windows_tz import win_tz

_UTC_NAMES = frozenset({"utc", "z", "gmt", "etc/utc", "tzone://microsoft/utc"})


@lru_cache(maxsize=1024)
def iana_name(name: str) -> str:
    """The IANA name behind an IANA or Windows name; "" when it is neither."""
    if name.casefold() in _UTC_NAMES:
        return "Etc/UTC"
    candidate = win_tz.get(name, name)
    try:
        ZoneInfo(candidate)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    return candidate


def zone_or_utc(name: str) -> ZoneInfo:
    """The zone called `name`; UTC for an unknown one."""
    return ZoneInfo(iana_name(name) or "Etc/UTC")


def wall_time(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall of `zone` shows at `instant`, as a naive datetime."""
    return instant.astimezone(zone).replace(tzinfo=None)


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a naive wall time. Doubled hours mean the first, skipped ones move past the gap (PEP 495)."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
