"""Whether the schedule ticks and a worker answers it; written by each tick, read by the readiness page."""

from django.core.cache import cache
from redis.exceptions import RedisError

_KEY = "schedule-ticks"
# Several ticks long, so that one late tick is no alarm.
_SECONDS = 30


def tick() -> None:
    """The schedule has ticked and a worker took it."""
    try:
        cache.set(_KEY, 1, timeout=_SECONDS)
    except (RedisError, OSError):
        return


def is_ticking() -> bool:
    """Whether that happened within the last half minute."""
    try:
        return cache.get(_KEY) is not None
    except (RedisError, OSError):
        return False
