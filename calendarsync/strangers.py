"""How often senders we do not know may make us look them up: a minute's worth for each address, and for all of them.

Counted in the cache, so one who is over the limit costs no database statement. Notifications with a secret signed by
us are never counted here.
"""

import hashlib
from contextlib import suppress

from django.core.cache import cache
from redis.exceptions import RedisError

PER_ADDRESS = 30
OVERALL = 600
_SECONDS = 60


def are_too_many(address: str) -> bool:
    """Whether this address, or all strangers together, were refused too often; also while nobody can count."""
    limits = _limits(address)
    try:
        counted = cache.get_many(limits)
    except (RedisError, OSError):
        return True
    return any(counted.get(key, 0) >= limit for key, limit in limits.items())


def count(address: str) -> None:
    """One more refusal of this address."""
    with suppress(RedisError, OSError):
        for key in _limits(address):
            cache.add(key, 0, timeout=_SECONDS)
            with suppress(ValueError):  # the minute ended between the two
                cache.incr(key)


def _limits(address: str) -> dict[str, int]:
    # A hash, because what a proxy passes on as an address may be anything, of any length.
    known_as = hashlib.sha256(address.encode(errors="replace")).hexdigest()[:32]
    return {f"strangers:{known_as}": PER_ADDRESS, "strangers": OVERALL}
