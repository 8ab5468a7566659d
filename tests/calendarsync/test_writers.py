"""Requests, webhooks and workers write to one database at the same moment; on SQLite that is one file."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from calendarsync.domain import DeltaPage, Kind, RemoteEvent, Timed
from calendarsync.engine import lane
from calendarsync.engine.apply import apply_page
from calendarsync.live import show_change
from calendarsync.models import Calendar, Event, Signal
from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.rows import make_account, make_calendar
from tests.calendarsync.together import at_once, shared_database
from tests.conftest import signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROUNDS = 12
Job = Callable[[], None]


@pytest.fixture
def calendar(calendar_active: Tenant, alice: User, tmp_path: Path) -> Iterator[Calendar]:
    """Alice's calendar, in a database that all threads share."""
    made = make_calendar(make_account(alice))
    with shared_database(tmp_path):
        yield made


def read_pages(calendar: Calendar) -> None:
    """What a worker does: a page, a new revision and the lane's own row in each transaction."""
    start = datetime(2026, 11, 25, 9, tzinfo=UTC)
    event = RemoteEvent("", Kind.SINGLE, Timed(start, start + timedelta(hours=1), ""))
    with tenant_scope(calendar.tenant):
        for page in range(ROUNDS):
            items = tuple(replace(event, remote_id=f"{calendar.pk}-{page}-{number}") for number in range(100))
            with transaction.atomic():
                apply_page(calendar, DeltaPage(items), me=frozenset(), now=timezone.now())
                show_change(calendar)


def notify(calendar: Calendar) -> None:
    """What a webhook does."""
    for _ in range(ROUNDS):
        with every_tenant():
            lane.raise_signals(Calendar.objects.filter(pk=calendar.pk))


def paint(browser: Client, calendar: Calendar, colours: str) -> None:
    """What a person does: another colour with each request."""
    address = reverse("api-calendar-choices", args=[calendar.pk])
    for number in range(ROUNDS):
        colour = f"#{colours}{number:04d}"
        answer = browser.patch(address, {"colour": colour}, content_type="application/json")
        assert answer.status_code == 200, answer.content


def test_all_writers_wait_for_each_other_and_nothing_is_lost(calendar: Calendar, alice: User) -> None:
    """S28: no "database is locked", every revision, signal and row is there."""
    other = make_calendar(calendar.account, "Other")
    browsers = [signed_in(alice) for _ in range(2)]
    jobs: list[Job] = [
        lambda: read_pages(calendar),
        lambda: read_pages(other),
        lambda: notify(calendar),
        lambda: notify(calendar),
        lambda: paint(browsers[0], calendar, "11"),
        lambda: paint(browsers[1], calendar, "22"),
    ]
    waiting, before = iter(jobs), calendar.revision

    at_once(len(jobs), lambda: next(waiting)())

    with every_tenant():
        seen = Calendar.objects.get(pk=calendar.pk)
        assert seen.revision - before == 3 * ROUNDS
        assert seen.colour in {f"#{colours}{ROUNDS - 1:04d}" for colours in ("11", "22")}
        assert Signal.objects.get(calendar=calendar).dirty_seq == 2 * ROUNDS
        assert Event.objects.count() == 2 * ROUNDS * 100


def test_reader_that_writes_later_has_waited_for_the_writer_before_it(calendar: Calendar) -> None:
    """S28: read, compute, write in one transaction, eight at once; no step is lost to another one's."""

    def count_on() -> None:
        for _ in range(ROUNDS):
            with every_tenant(), transaction.atomic():
                row = Calendar.objects.select_for_update().get(pk=calendar.pk)
                row.progress_done += 1
                row.save(update_fields=["progress_done"])

    at_once(8, count_on)

    with every_tenant():
        assert Calendar.objects.get(pk=calendar.pk).progress_done == 8 * ROUNDS
