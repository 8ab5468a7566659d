"""After a complete reading: what was not seen is gone, unless that is too much to be believed.

Absence means deletion only here, after a finished snapshot of the same generation. A mass removal is checked with
the provider first (vdirsyncer's StorageEmpty is the model).
"""

import random
from collections.abc import Callable
from datetime import datetime

from calendarsync.engine.apply import remove
from calendarsync.engine.occurrences import project
from calendarsync.models import Calendar, Event, SkippedItem

_ALWAYS_BELIEVED = 20
_BELIEVED_SHARE = 0.3
_PROBES = 5


def unseen(calendar: Calendar) -> list[str]:
    """Remote ids of living events the finished reading did not bring."""
    return list(
        Event.objects.living()
        .filter(calendar=calendar, seen_generation__lt=calendar.generation)
        .values_list("remote_id", flat=True)
    )


def is_believable(calendar: Calendar, candidates: list[str], exists: Callable[[str], bool]) -> bool:
    """Whether these may be removed. Many are checked with the provider by a few; never in a transaction."""
    if len(candidates) <= _ALWAYS_BELIEVED:
        return True
    total = Event.objects.living().filter(calendar=calendar).count()
    if len(candidates) <= total * _BELIEVED_SHARE:
        return True
    return not any(
        exists(remote_id) for remote_id in random.sample(candidates, min(_PROBES, len(candidates)))
    )


def sweep(calendar: Calendar, candidates: list[str], *, now: datetime) -> int:
    """Remove the candidates, exceptions of gone series with them; returns how many."""
    affected = list(
        Event.objects.filter(calendar=calendar, remote_id__in=candidates).exclude(master_remote_id="")
        .values_list("master_remote_id", flat=True)
    )  # fmt: skip
    removed = remove(calendar, candidates, now=now)
    project(calendar, {*candidates, *affected}, now=now)
    return removed


def forget_old_unreadable(calendar: Calendar, started_at: datetime) -> None:
    """Strike unreadable items that this complete reading did not meet again."""
    SkippedItem.objects.filter(calendar=calendar, last_seen_at__lt=started_at).delete()
