"""Telling open pages that something changed: only *that*, never *what*.

Messages go through Redis pub/sub, one channel a tenant. A browser that hears one asks the ordinary API again, so
permissions are decided in one place; a browser that missed one learns the newest revisions when it reconnects.
"""

import json
from functools import cache
from typing import Any

import redis
import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F

from calendarsync.models import Account, Calendar

log = structlog.get_logger(__name__)


def topic(tenant_id: int) -> str:
    """The pub/sub channel of a tenant."""
    return f"live:{tenant_id}"


def show_change(calendar: Calendar, **values: object) -> None:
    """Store `values` with a new revision, of which open pages hear after the commit."""
    Calendar.objects.filter(pk=calendar.pk).update(revision=F("revision") + 1, **values)
    calendar.refresh_from_db(fields=["revision", *values])
    publish_revision(calendar)


def publish_revision(calendar: Calendar) -> None:
    """After commit: this calendar has a new revision."""
    _publish(calendar.tenant_id, {"calendar": calendar.pk, "revision": calendar.revision})


def publish_status(account: Account) -> None:
    """After commit: progress or state of this account changed."""
    _publish(account.tenant_id, {"owner": account.owner_id})


def _publish(tenant_id: int, message: dict[str, Any]) -> None:
    transaction.on_commit(lambda: _send(topic(tenant_id), json.dumps(message)), robust=True)


@cache
def _client() -> "redis.Redis":
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)


def _send(channel: str, message: str) -> None:
    try:
        _client().publish(channel, message)
    except redis.RedisError as error:
        # Pages fall back to asking from time to time; the data itself is safe.
        log.warning("live_message_lost", reason=type(error).__name__)
