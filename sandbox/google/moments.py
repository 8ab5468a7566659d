"""Start and end of an event: a date, or an instant together with the zone it was said in."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.google.errors import ApiError, invalid
from sandbox.shapes import Json


@lru_cache(maxsize=512)
def find_zone(name: str) -> ZoneInfo | None:
    """The IANA zone of that name, or None."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@dataclass(frozen=True, slots=True)
class Moment:
    """`wall` is naive wall-clock time in `zone`; an all-day moment is a midnight, shown as a date."""

    wall: datetime
    zone: str
    all_day: bool

    @property
    def instant(self) -> datetime:
        """In UTC; an all-day moment counts from midnight in its zone."""
        return self.wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def epoch(self) -> float:
        return self.instant.timestamp()

    @property
    def stamp(self) -> str:
        """The tail of an instance id: 20261123T090000Z, or 20261123 for all-day."""
        return self.wall.strftime("%Y%m%d") if self.all_day else self.instant.strftime("%Y%m%dT%H%M%SZ")

    def moved(self, wall: datetime) -> "Moment":
        return Moment(wall, self.zone, self.all_day)

    def wire(self, display_zone: str) -> Json:
        """Google shows the instant with the offset of the calendar's zone, beside the zone of the event."""
        if self.all_day:
            return {"date": self.wall.date().isoformat()}
        shown = self.instant.astimezone(ZoneInfo(display_zone)).isoformat(timespec="seconds")
        return {"dateTime": shown.replace("+00:00", "Z"), "timeZone": self.zone}


def parse_moment(raw: object, name: str, calendar_zone: str) -> Moment:
    """Raises ApiError 400 `required` or `invalid`, as Google words them."""
    if not isinstance(raw, dict):
        raise invalid(f"Invalid {name} time.")
    if (raw.get("date") is None) == (raw.get("dateTime") is None):
        if raw.get("date") is None:
            raise ApiError(400, "required", f"Missing {name} time.")
        raise invalid(f"Invalid {name} time.")
    if raw.get("date") is not None:
        return Moment(datetime.combine(_parse_date(raw["date"], name), time()), calendar_zone, all_day=True)
    zone = raw.get("timeZone") or calendar_zone
    if not isinstance(zone, str) or find_zone(zone) is None:
        raise invalid(f"Invalid time zone definition for {name} time.")
    return _timed(raw, name, zone)


def _timed(raw: Json, name: str, zone: str) -> Moment:
    value = _parse_datetime(raw["dateTime"], name)
    if value.tzinfo is None:
        if not raw.get("timeZone"):
            raise invalid(f"Missing time zone definition for {name} time.")
        return Moment(value, zone, all_day=False)
    try:
        return Moment(value.astimezone(ZoneInfo(zone)).replace(tzinfo=None), zone, all_day=False)
    except OverflowError:
        raise invalid(f"Invalid {name} time.") from None


def _parse_date(value: object, name: str) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise invalid(f"Invalid {name} time.") from None


def _parse_datetime(value: object, name: str) -> datetime:
    text = str(value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f"Invalid {name} time.") from None
    if "T" not in text.upper():
        raise invalid(f"Invalid {name} time.")
    return moment.replace(microsecond=0)


def parse_instant(text: str, name: str) -> datetime:
    """An RFC 3339 query parameter in UTC, milliseconds cut; the offset is mandatory. Raises ApiError 400."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f"Invalid value for: {name}", name) from None
    if value.tzinfo is None:
        raise invalid(f"Invalid value for: {name}, a time zone offset is mandatory", name)
    try:
        return value.replace(microsecond=0).astimezone(UTC)
    except OverflowError:
        raise invalid(f"Invalid value for: {name}", name) from None


def rfc3339(value: datetime) -> str:
    """Instants of the service itself: UTC with milliseconds and a Z."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
