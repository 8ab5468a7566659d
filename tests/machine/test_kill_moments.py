"""A worker is killed while something outside the database is half done: an answer, a channel, a disconnect."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from calendarsync.engine.run import Outcome
from calendarsync.models import Account, Calendar, Channel, Event
from calendarsync.selectors.lanes import due_lanes
from calendarsync.services.disconnect import UNDO, disconnect
from calendarsync.services.watch import calendars_to_watch
from marketplace.tenancy import every_tenant
from tests.machine.conftest import Connect
from tests.machine.mailbox import Mailbox
from tests.machine.processes import eventually
from tests.machine.stack import Stack

pytestmark = [pytest.mark.machine, pytest.mark.usefixtures("other_worker")]


def test_worker_killed_while_the_provider_answers(stack: Stack, connected: Connect) -> None:
    """S23, S24"""
    mailbox = connected()
    match = {"mailbox": mailbox.address, "path": "/events$"}
    stack.sandbox.control("latency", ms=2500, match=match, times=2)
    doomed = stack.start_worker("doomed", "doomed")
    mailbox.send_run("doomed")
    eventually(lambda: _struck(stack) == 1, "the provider is asked")

    stack.end(doomed)
    stack.sandbox.forget("faults")
    mailbox.settle()

    mailbox.assert_as_undisturbed()


def test_restarted_worker_of_the_same_name_goes_on_at_once(stack: Stack, connected: Connect) -> None:
    """S23"""
    mailbox = connected()
    doomed = stack.start_doomed(
        "calendarsync.engine.pull _commit_page call", "doomed", SYNC_LEASE_SECONDS="600"
    )
    mailbox.send_run("doomed")
    doomed.wait_until_halted()
    stack.end(doomed)
    assert not _is_due(mailbox)

    stack.start_worker("doomed", "doomed")
    eventually(lambda: _is_due(mailbox), "the lease of the predecessor is free")
    mailbox.settle()

    mailbox.assert_as_undisturbed()
    assert mailbox.calendar.lease_until is None


def test_worker_killed_while_it_opens_a_channel(stack: Stack, connected: Connect, settings: Settings) -> None:
    """S23, S56"""
    settings.WEBHOOK_URL = stack.url
    mailbox = connected()
    mailbox.read_until(Outcome.COMPLETE)
    opening = "calendarsync.engine.session Session.watch return"
    doomed = stack.start_doomed(opening, "doomed", WEBHOOK_URL=stack.url)
    stack.send("watch_calendar", mailbox.calendar_id, queue="doomed")
    doomed.wait_until_halted()

    stack.end(doomed)
    mailbox.have_a_busy_day()
    mailbox.make_due()
    mailbox.settle()
    mailbox.assert_as_undisturbed()
    assert not _lacks_channel(mailbox)
    with every_tenant():
        # some minutes later
        Channel.objects.update(renew_at=timezone.now(), expires_at=timezone.now())
    assert _lacks_channel(mailbox)
    stack.start_worker("next", "doomed", WEBHOOK_URL=stack.url)
    stack.send("watch_calendar", mailbox.calendar_id, queue="doomed")

    eventually(lambda: Channel.State.ACTIVE in _states(mailbox), "a channel stands")
    assert _states(mailbox).count(Channel.State.ACTIVE) == 1


def test_worker_killed_while_it_removes_copies(stack: Stack, connected: Connect) -> None:
    """S23, S27"""
    mailbox = connected(events=1100, page_size=2500)
    mailbox.read_until(Outcome.COMPLETE)
    before = mailbox.read_undisturbed()
    with every_tenant():
        disconnect(account=mailbox.calendar.account, by=mailbox.owner, now=timezone.now() - UNDO)
    # The third time it asks whether to go on, the first slice is gone.
    doomed = stack.start_doomed("calendarsync.services.disconnect _is_closing call 3", "doomed")
    stack.send("close_account", mailbox.calendar.account_id, queue="doomed")
    doomed.wait_until_halted()
    assert 0 < _copies(mailbox) < 1100

    stack.end(doomed)
    with every_tenant():
        # the schedule looks for what was left ten minutes ago
        closing = Account.objects.filter(owner=mailbox.owner)
        closing.update(closing_since=timezone.now() - timedelta(minutes=11))
    stack.send("finish_disconnects", queue="maintenance")
    eventually(lambda: not _is_known(mailbox), "the account is gone")

    assert _copies(mailbox) == 0
    assert mailbox.read_undisturbed() == before
    mailbox.assert_nothing_was_written()


def _struck(stack: Stack) -> int:
    return sum(fault["hits"] for fault in stack.sandbox.look("faults")["faults"])


def _is_due(mailbox: Mailbox) -> bool:
    return mailbox.calendar_id in [lane.calendar_id for lane in due_lanes(timezone.now(), limit=100)]


def _lacks_channel(mailbox: Mailbox) -> bool:
    return mailbox.calendar_id in calendars_to_watch(timezone.now())


def _states(mailbox: Mailbox) -> list[str]:
    with every_tenant():
        channels = Channel.objects.filter(calendar=mailbox.calendar_id).order_by("pk")
        return list(channels.values_list("state", flat=True))


def _copies(mailbox: Mailbox) -> int:
    with every_tenant():
        return Event.objects.filter(calendar=mailbox.calendar_id).count()


def _is_known(mailbox: Mailbox) -> bool:
    with every_tenant():
        return Calendar.objects.filter(pk=mailbox.calendar_id).exists()
