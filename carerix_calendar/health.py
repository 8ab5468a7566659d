"""Is the process alive, is it ready for traffic, and how is it doing."""

from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

from calendarsync.heartbeat import is_ticking


def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process can answer; depends on nothing else."""
    return JsonResponse({"status": "alive"})


def _database() -> bool:
    try:
        connection.ensure_connection()
    except DatabaseError:
        return False
    return True


def _migrations() -> bool:
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError:
        return False
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _redis() -> bool:
    try:
        cache.set("ready", 1, timeout=5)
    except (RedisError, OSError):
        return False
    return True


PROBES: dict[str, Callable[[], bool]] = {"database": _database, "migrations": _migrations, "redis": _redis}


def ready(request: HttpRequest) -> HttpResponse:
    """200 when every dependency answers, else 503 with the failing one by name.

    `beat` says whether the schedule ticks; pages can be served without it, so it never makes a process unready.
    """
    results = {name: probe() for name, probe in PROBES.items()}
    status = 200 if all(results.values()) else 503
    return JsonResponse(results | {"beat": is_ticking()}, status=status)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics, only with `Authorization: Bearer METRICS_KEY`; 404 without, so that nobody is told."""
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_KEY or not constant_time_compare(given, f"Bearer {settings.METRICS_KEY}"):
        return HttpResponse(status=404)
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
