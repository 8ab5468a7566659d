"""When to try again, and how gently. Pure but for the dice, which are passed in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zlib import crc32

from calendarsync.errors import Retry, SyncError

LONGEST_WAIT = 3600
Dice = Callable[[float, float], float]

# What the provider cannot deliver in one piece may come in smaller ones. By failures in a row; 0: its usual size.
_PAGE_SIZES = (0, 0, 250, 250, 50)
# A named time is never undercut, and overrun by up to a tenth, so that many mailboxes do not return together.
_OVERRUN = 0.1


def retry_moment(error: SyncError, failures: int, now: datetime, dice: Dice) -> datetime | None:
    """When a lane that failed for the `failures`-th time in a row may run again; None for never by itself.

    The provider's own time wins but never lies in the past; otherwise exponential waiting with full jitter, in
    seconds, at least one and up to an hour.
    """
    if error.retry is Retry.NEVER:
        return None
    if error.retry is Retry.DAILY:
        return now + timedelta(hours=24 * dice(0.75, 1.0))
    if error.retry_at is not None:
        named = max(error.retry_at, now + timedelta(seconds=1))
        return named + dice(0.0, _OVERRUN) * (named - now)
    longest = min(LONGEST_WAIT, error.first_wait * 2 ** min(max(failures - 1, 0), 12))
    return now + timedelta(seconds=max(1.0, dice(longest * error.least_wait, longest)))


def longer_than(last: timedelta, moment: datetime, now: datetime) -> datetime:
    """A throttle right after one that held for `last` holds at least twice as long, up to an hour.

    Throttles are no failures, so nothing else makes a provider that keeps saying "in a second" be asked less often.
    """
    return max(moment, now + min(2 * last, timedelta(seconds=LONGEST_WAIT)))


def page_size(failures: int) -> int:
    """How many items to ask for after so many failures in a row; 0 for the provider's usual number."""
    return _PAGE_SIZES[min(failures, len(_PAGE_SIZES) - 1)]


def next_poll(seconds: int, now: datetime, dice: Dice) -> datetime:
    """The next regular look, spread by a quarter so that calendars do not march in step."""
    return now + timedelta(seconds=seconds * dice(0.75, 1.25))


def is_repair_due(calendar_id: int, read_at: datetime | None, now: datetime, days: int) -> bool:
    """Whether the regular complete reading has come, when the last one began at `read_at`. Never with 0 `days`.

    Each calendar has a moment of its own within the days, by a hash of its id, so that calendars connected together
    are not read together. A reading less than half the days before that moment counts for it.
    """
    if days <= 0 or read_at is None:
        return days > 0
    days_in_seconds = days * 86_400
    since_its_moment = (now.timestamp() - crc32(str(calendar_id).encode())) % days_in_seconds
    its_moment = now - timedelta(seconds=since_its_moment)
    return read_at < its_moment - timedelta(days=days / 2)
