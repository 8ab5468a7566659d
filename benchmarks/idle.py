"""What a look at a calendar costs when nothing has changed: SQL statements and calls to the provider."""

from typing import NamedTuple

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.figure import Figure
from benchmarks.stage import WORKERS, CouldNotMeasure, Stage
from benchmarks.visitor import Visitor
from calendarsync.models import Calendar
from calendarsync.tasks import run_lane
from marketplace.tenancy import every_tenant

EVENTS = 500
REACH = 4.0
_OF_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Cost(NamedTuple):
    """What one run asked of the database and of the provider."""

    statements: int
    transactions: int
    calls: int


def measure(stage: Stage) -> Figure:
    """One run of the worker's own task in this process, once the workers have read everything and are gone."""
    stage.open()
    visitor = Visitor(stage, "visitor", EVENTS)
    visitor.connect()
    visitor.wait_until_complete()
    stage.stop(*WORKERS, "beat")
    _run(visitor)  # takes up what the last workers left undone
    idle = _run(visitor)
    detail = {"http_calls": idle.calls, "begin_and_commit": idle.transactions}
    return Figure("idle", idle.statements, "SQL", REACH, "lower", detail)


def _run(visitor: Visitor) -> Cost:
    calendar = visitor.calendar()
    with every_tenant():
        Calendar.objects.filter(pk=calendar.pk).update(next_poll_at=timezone.now())
    visitor.stage.provider.clear_requests()
    with CaptureQueriesContext(connection) as captured:
        outcome = run_lane(calendar.pk)
    if outcome not in ("done", "again"):
        raise CouldNotMeasure(f"The run ended as {outcome}.")
    statements = [query["sql"] for query in captured.captured_queries]
    framing = sum(statement.startswith(_OF_TRANSACTIONS) for statement in statements)
    calls = len(visitor.stage.provider.requests_since_cleared())
    return Cost(len(statements) - framing, framing, calls)
