"""Putting work on a queue: a lane's run at most once while it waits there, everything else by its task's name.

The first of many signals starts a run at once; what follows waits together, and runs of one lane start at least a
second apart. Tasks are named, not imported, because they stand above the services that ask for them.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from celery import current_app
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

_TASKS = "calendarsync.tasks"
# A message that was not taken for so long may be lost: the schedule then sends another. One too many fails to claim.
_WAITING_SECONDS = 10
_PAUSE_SECONDS = 1.0


def enqueue_lane(calendar_id: int, *, queue: str = "live") -> None:
    """After commit: run this lane, at once or a second after its last start.

    A broker that is away or loses the message loses nothing, because due rows are enqueued again.
    """
    transaction.on_commit(lambda: _send(calendar_id, queue, _pause), robust=True)


def continue_lane(calendar_id: int) -> None:
    """After commit: read on without a pause what a run left over, as long work."""
    transaction.on_commit(lambda: _send(calendar_id, "backfill", _no_pause), robust=True)


def enqueue_task(name: str, row_id: int, *, wait_seconds: int = 0) -> None:
    """After commit: run `calendarsync.tasks.<name>` for a row. For work that the schedule finds again if it is lost."""
    transaction.on_commit(lambda: _send_task(name, row_id, countdown=wait_seconds), robust=True)


def lane_started(calendar_id: int) -> None:
    """The waiting task runs now; from here on a new signal needs a new task, which keeps the pause.

    Whoever finds that nothing waits any more must find the start, so that is noted first.
    """
    with suppress(RedisError, OSError):
        cache.set(_started(calendar_id), time.time(), timeout=2)
    _forget(calendar_id)


def _send(calendar_id: int, queue: str, pause: Callable[[int], float]) -> None:
    if not _is_first(calendar_id):
        return
    if not _send_task("run_lane", calendar_id, queue=queue, countdown=pause(calendar_id)):
        _forget(calendar_id)


def _pause(calendar_id: int) -> float:
    """Seconds until this lane may start again; never more than the whole pause, whatever other machines' clocks say."""
    with suppress(RedisError, OSError):
        started = float(cache.get(_started(calendar_id), 0.0))
        return min(_PAUSE_SECONDS, max(0.0, started + _PAUSE_SECONDS - time.time()))
    return 0.0


def _no_pause(calendar_id: int) -> float:
    return 0.0


def _send_task(name: str, row_id: int, **options: Any) -> bool:
    try:
        current_app.send_task(f"{_TASKS}.{name}", (row_id,), retry=False, **options)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("task_not_enqueued", task=name, row=row_id, reason=type(error).__name__)
        return False
    return True


def _is_first(calendar_id: int) -> bool:
    try:
        return bool(cache.add(_waits(calendar_id), 1, timeout=_WAITING_SECONDS))
    except (RedisError, OSError):
        return True


def _forget(calendar_id: int) -> None:
    with suppress(RedisError, OSError):
        cache.delete(_waits(calendar_id))


def _waits(calendar_id: int) -> str:
    return f"lane-waits:{calendar_id}"


def _started(calendar_id: int) -> str:
    return f"lane-started:{calendar_id}"
