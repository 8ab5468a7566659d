"""How the synchronisation is doing, for Prometheus: read from the rows at each scrape, in seven statements.

Only webhooks are counted where they arrive. No label names a person, a mailbox or a tenant.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import redis
from django.conf import settings
from django.db.models import Case, Count, Max, Min, Q, QuerySet, Value, When
from django.utils import timezone
from prometheus_client import REGISTRY, Counter
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from calendarsync.engine.lane import startable
from calendarsync.models import Account, Calendar, Channel, SkippedItem, SyncRun
from calendarsync.models.channel import trust
from marketplace.tenancy import every_tenant

QUEUES = ("live", "backfill", "write-back", "maintenance")
WINDOW_MINUTES = 60

Samples: TypeAlias = list[tuple[tuple[str, ...], float]]

WEBHOOKS = Counter(
    "calendar_webhooks", "Notifications of providers that reached this process.", ["provider", "result"]
)


class SyncCollector(Collector):
    """Asks the database and the broker when it is scraped."""

    def describe(self) -> list[Metric]:
        """Nothing: registering must not touch the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All families."""
        now = timezone.now()
        # All are read before the first is given away, so that the scope is lifted for nobody else.
        with every_tenant():
            families = [
                _family("calendar_accounts", "Connections by state.", ["state"], _accounts(now)),
                _family(
                    "calendar_lanes", "Chosen calendars by phase and state.", ["phase", "state"], _lanes(now)
                ),
                _family(
                    "calendar_failing_lanes", "Chosen calendars that fail, by error.", ["error"], _failing()
                ),
                _family("calendar_runs_last_hour", "Runs by outcome.", ["outcome"], _runs(now)),
                _family("calendar_channels", "Push subscriptions by state.", ["state"], _channels(now)),
                _single("calendar_skipped_items", "Items that cannot be read.", SkippedItem.objects.count()),
                *_ages(now),
            ]
        yield from families
        yield _family("calendar_queue_length", "Tasks waiting in the broker.", ["queue"], _queues())


def register() -> None:
    """Add the collector to this process's metrics; once."""
    REGISTRY.register(SyncCollector())


def _family(name: str, text: str, labels: list[str], samples: Samples) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for values, number in samples:
        family.add_metric(list(values), number)
    return family


def _single(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _counted(rows: QuerySet[Any], *labels: str) -> Samples:
    counted = rows.order_by().values_list(*labels).annotate(number=Count("pk"))
    return [(tuple(row[:-1]), row[-1]) for row in counted]


def _accounts(now: datetime) -> Samples:
    """The first that holds: closing, ended, stopped, waiting, reconnect, throttled, ok."""
    state = Case(
        When(closing_since__isnull=False, then=Value("closing")),
        When(auth_state=Account.AuthState.ENDED, then=Value("ended")),
        When(stopped_at__isnull=False, then=Value("stopped")),
        When(~Q(auth_state=Account.AuthState.OK), then="auth_state"),
        When(blocked_until__gt=now, then=Value("throttled")),
        default=Value("ok"),
    )
    return _counted(Account.objects.annotate(state=state), "state")


def _lanes(now: datetime) -> Samples:
    """The first that holds: parked (may not run at all), running, failing, idle."""
    running = Q(
        account__auth_state=Account.AuthState.OK, account__stopped_at=None, account__closing_since=None
    )
    state = Case(
        When(~running, then=Value("parked")),
        When(lease_until__gt=now, then=Value("running")),
        When(failures__gt=0, then=Value("failing")),
        default=Value("idle"),
    )
    return _counted(Calendar.objects.filter(selected=True).annotate(state=state), "phase", "state")


def _failing() -> Samples:
    """Codes of calendarsync.errors; those whose actor is "us" want an operator."""
    return _counted(Calendar.objects.filter(selected=True, failures__gt=0), "error_code")


def _runs(now: datetime) -> Samples:
    recent = SyncRun.objects.filter(started_at__gt=now - timedelta(minutes=WINDOW_MINUTES))
    return _counted(recent, "outcome")


def _channels(now: datetime) -> Samples:
    return _counted(Channel.objects.filter(expires_at__gt=now).annotate(trust=trust()), "trust")


def _ages(now: datetime) -> Iterator[Metric]:
    """Seconds; of calendars that could run now, so that a paused or signed-out account raises no alarm."""
    found = Calendar.objects.filter(startable(now)).aggregate(
        due=Min("next_poll_at", filter=Q(next_poll_at__lte=now)),
        newest=Max("last_ok_at"),
        oldest=Min("last_ok_at"),
    )
    texts = {
        "due": ("calendar_lag_seconds", "How long the longest waiting due calendar waits."),
        "newest": ("calendar_last_success_age_seconds", "Since any calendar was read with success."),
        "oldest": (
            "calendar_stalest_success_age_seconds",
            "Since the stalest calendar was read with success.",
        ),
    }
    for key, (name, text) in texts.items():
        moment: datetime | None = found[key]
        yield _single(name, text, (now - moment).total_seconds() if moment else 0)


def _queues() -> Samples:
    """Lengths of the queues; none while the broker is away."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            pipeline = client.pipeline(transaction=False)
            for queue in QUEUES:
                pipeline.llen(queue)
            return [
                ((queue,), float(length)) for queue, length in zip(QUEUES, pipeline.execute(), strict=True)
            ]
    except (redis.RedisError, OSError):
        return []
