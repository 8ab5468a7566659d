"""The broker is killed, comes back with nothing, or stays away: nothing is lost, and nobody has to help."""

import time
from collections.abc import Callable
from datetime import timedelta
from itertools import islice

import pytest
from django.utils import timezone
from pytest_django import Settings

from calendarsync.engine.run import Outcome
from calendarsync.models import Channel, Signal
from calendarsync.services.watch import open_channel
from marketplace.tenancy import every_tenant
from tests.machine.conftest import Connect
from tests.machine.mailbox import Mailbox
from tests.machine.processes import Process, eventually
from tests.machine.stack import Stack
from tests.machine.visitor import Visitor

pytestmark = [pytest.mark.machine, pytest.mark.usefixtures("other_worker")]

AWAY_SECONDS = 5


def nothing_read(mailbox: Mailbox) -> None:
    """Just connected."""


def changed(mailbox: Mailbox) -> None:
    """Everything was read; then the owner had a busy day."""
    mailbox.read_until(Outcome.COMPLETE)
    mailbox.read_undisturbed()
    mailbox.have_a_busy_day()


@pytest.mark.parametrize("before", [nothing_read, changed], ids=lambda before: before.__name__)
def test_broker_that_forgets_everything_during_a_reading(
    before: Callable[[Mailbox], None], stack: Stack, connected: Connect
) -> None:
    """S22, S23: its messages, what it held of running tasks, and the cache are gone."""
    mailbox = connected()
    before(mailbox)
    stack.sandbox.control("latency", ms=200, match={"mailbox": mailbox.address, "path": "/events$"}, times=9)
    mailbox.make_due()
    stack.start_beat()
    eventually(lambda: mailbox.calendar.lease_owner, "it is being read")

    stack.broker.kill()
    time.sleep(1)
    stack.broker.start()
    eventually(mailbox.is_settled, "it is read to its end")

    mailbox.assert_as_undisturbed()


def test_broker_stays_away_while_pages_are_open_and_notifications_arrive(
    stack: Stack, connected: Connect, web: Process, settings: Settings
) -> None:
    """S21, S22, S90"""
    settings.WEBHOOK_URL = stack.url
    mailbox = connected()
    mailbox.read_until(Outcome.COMPLETE)
    mailbox.read_undisturbed()
    stack.start_beat()
    open_channel(mailbox.calendar_id)
    eventually(lambda: _has_push(mailbox), "notifications arrive")
    eventually(mailbox.is_settled, "the gap before the channel is closed")
    visitor = Visitor(mailbox.owner, stack.url)
    signalled = _signals(mailbox)

    with visitor.stream() as events:
        assert next(events)[0] == "hello"
        stack.broker.kill()
        began = time.monotonic()
        mailbox.have_a_busy_day()
        eventually(lambda: _signals(mailbox) > signalled, "notifications are counted")
        assert [name for name, _data in events if name != "status"] == []
    while time.monotonic() - began < AWAY_SECONDS:
        assert "calendar" in visitor.page("/calendar/")
        assert _shown(visitor) > 0
        assert visitor.ask("sync-status/")["state"] == "active"
    stack.broker.start()
    eventually(lambda: _is_current(visitor, mailbox), "an open page is told of the newest revision")
    eventually(mailbox.is_settled, "it is read to its end")

    mailbox.assert_as_undisturbed()


def _has_push(mailbox: Mailbox) -> bool:
    with every_tenant():
        channels = Channel.objects.filter(calendar=mailbox.calendar_id)
        return channels.filter(verified_at__isnull=False).exists()


def _signals(mailbox: Mailbox) -> int:
    with every_tenant():
        return Signal.objects.get(calendar=mailbox.calendar_id).dirty_seq


def _shown(visitor: Visitor) -> int:
    today = timezone.now().date()
    days = {"from": today - timedelta(days=30), "to": today + timedelta(days=90)}
    return len(visitor.ask("calendar/", **{end: f"{day}T00:00:00Z" for end, day in days.items()})["events"])


def _is_current(visitor: Visitor, mailbox: Mailbox) -> bool:
    """Whether a page that connects anew learns of the revision with which everything has arrived."""
    with visitor.stream() as events:
        told = [data["revisions"] for name, data in islice(events, 1) if name == "hello"]
    newest = {str(mailbox.calendar_id): mailbox.calendar.revision}
    return told == [newest] and mailbox.is_settled()
