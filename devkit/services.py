"""The PostgreSQL and the Redis for the suite: TEST_DATABASE_URL and TEST_REDIS_URL, else the usual ports."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import redis

USUAL_DATABASE = "postgres://postgres@127.0.0.1:5432/carerix_calendar"
USUAL_REDIS = "redis://127.0.0.1:6379"
PROCESSES = 2
# Database 0 belongs to whoever uses the server otherwise.
POSSIBLE_DATABASES = range(15, PROCESSES - 1, -1)


@contextmanager
def real_services() -> Iterator[dict[str, str] | None]:
    """The variables that point the suite at both, or None when one is missing; leftovers are removed.

    Each of the suite's processes takes a Redis database for itself: the one that is named, and those before it.
    """
    database, store, ours = _database_url(), os.environ.get("TEST_REDIS_URL"), False
    if not store:
        store, ours = _empty_redis_database(), True
    if not database or not store:
        yield None
        return
    try:
        yield {"TEST_DATABASE_URL": database, "TEST_REDIS_URL": store}
    finally:
        if ours:
            for url in _redis_databases(store):
                redis.Redis.from_url(url).flushdb()


def _database_url() -> str | None:
    if given := os.environ.get("TEST_DATABASE_URL"):
        return given
    try:
        # the suite makes a database of its own beside this one
        psycopg2.connect(USUAL_DATABASE.replace("/carerix_calendar", "/postgres"), connect_timeout=3).close()
    except psycopg2.OperationalError:
        return None
    return USUAL_DATABASE


def _empty_redis_database() -> str | None:
    try:
        for number in POSSIBLE_DATABASES:
            url = f"{USUAL_REDIS}/{number}"
            stores = [redis.Redis.from_url(each, socket_timeout=3) for each in _redis_databases(url)]
            if not any(store.dbsize() for store in stores):
                return url
    except redis.RedisError:
        return None
    return None


def _redis_databases(url: str) -> list[str]:
    server, _, number = url.rpartition("/")
    return [f"{server}/{int(number) - process}" for process in range(PROCESSES)]
