"""Webhooks of providers: verify, take note, answer. A hint, never data.

Strangers knock here. Nothing is said about what exists, nothing is done without the channel's own secret, and who
lacks our signature is looked up a limited number of times a minute. A provider takes a channel it does not know any
more to be ended by 410 (Google drops the message at any 4xx and sends it again after a 503).
"""

import uuid
from datetime import datetime
from enum import StrEnum

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from calendarsync import strangers
from calendarsync.channel_secret import hash_of, is_signed
from calendarsync.metrics import WEBHOOKS
from calendarsync.models import Channel
from calendarsync.providers import PROVIDERS, provider_of
from calendarsync.providers.base import Notification
from calendarsync.services.listen import hear
from marketplace.tenancy import every_tenant

log = structlog.get_logger(__name__)

_MAX_BODY = 64 * 1024


class Verdict(StrEnum):
    """What became of a notification, best first."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    LIMITED = "limited"
    REFUSED = "refused"
    JUNK = "junk"
    POSTPONED = "postponed"


_STATUS = {
    Verdict.ACCEPTED: 204,
    Verdict.REPEATED: 204,
    Verdict.LIMITED: 429,
    Verdict.REFUSED: 410,
    Verdict.JUNK: 404,
    Verdict.POSTPONED: 503,
}


@csrf_exempt
@require_POST
def hook(request: HttpRequest, provider: str) -> HttpResponse:
    """204 when at least one notification was ours; else 404, 410 or 429 without a reason; 503 without a database."""
    body = request.read(_MAX_BODY + 1)
    if provider not in PROVIDERS or len(body) > _MAX_BODY:
        return HttpResponse(status=404)
    claimed = provider_of(provider).read_notifications(request.headers, body)
    verdict = _judge_all(claimed, request.META.get("REMOTE_ADDR", ""))
    WEBHOOKS.labels(provider, verdict.value).inc()
    return HttpResponse(status=_STATUS[verdict])


def _judge_all(claimed: list[Notification], address: str) -> Verdict:
    now = timezone.now()
    try:
        with every_tenant():
            verdicts = {_judge(notification, address, now) for notification in claimed}
    except (OperationalError, InterfaceError) as error:
        log.warning("notification_postponed", reason=type(error).__name__)
        return Verdict.POSTPONED
    return next((verdict for verdict in Verdict if verdict in verdicts), Verdict.JUNK)


def _judge(claimed: Notification, address: str, now: datetime) -> Verdict:
    """One notification: believed only with the secret of a living channel."""
    has_signature = is_signed(claimed.channel_id, claimed.secret)
    if not has_signature and strangers.are_too_many(address):
        return Verdict.LIMITED
    channel = _channel(claimed.channel_id, now)
    if channel is not None and _is_genuine(channel, claimed):
        return Verdict.ACCEPTED if hear(channel=channel, said=claimed, now=now) else Verdict.REPEATED
    if not has_signature:
        strangers.count(address)
    return Verdict.REFUSED


def _is_genuine(channel: Channel, claimed: Notification) -> bool:
    if not constant_time_compare(hash_of(claimed.secret), channel.secret_hash):
        return False
    same_resource = claimed.resource_id in ("", channel.resource_id) or not channel.resource_id
    if not same_resource:
        log.warning("channel_tells_of_another_resource", calendar=channel.calendar_id)
    return same_resource


def _channel(channel_id: str, now: datetime) -> Channel | None:
    try:
        return Channel.objects.filter(channel_id=uuid.UUID(channel_id), expires_at__gt=now).first()
    except ValueError:
        return None
