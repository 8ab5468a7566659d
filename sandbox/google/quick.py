"""quickAdd: an event from one line of text."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.shapes import Json

CLOCK = re.compile(r"\b(?:at|om)\s+(\d{1,2})(?::(\d{2}))?\s*(am|pm)?\b", re.IGNORECASE)
TOMORROW = re.compile(r"\b(?:tomorrow|morgen)\b", re.IGNORECASE)


def quick_event(text: str, now: datetime, zone: str) -> Json:
    """An hour at the time the text names ("at 15:00", "om 9"), else the next full hour; today or tomorrow."""
    local = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    day = local.date() + timedelta(days=bool(TOMORROW.search(text)))
    start = _clock(text, day) or (local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
    times = {"start": start, "end": start + timedelta(hours=1)}
    summary = " ".join(TOMORROW.sub("", CLOCK.sub("", text)).split())
    return {"summary": summary or text} | {
        name: {"dateTime": value.isoformat(), "timeZone": zone} for name, value in times.items()
    }


def _clock(text: str, day: date) -> datetime | None:
    match = CLOCK.search(text)
    if match is None:
        return None
    hour = int(match[1]) % 12 + 12 if (match[3] or "").lower() == "pm" else int(match[1])
    if hour > 23 or int(match[2] or 0) > 59:
        return None
    return datetime(day.year, day.month, day.day, hour, int(match[2] or 0))  # noqa: DTZ001  wall time
