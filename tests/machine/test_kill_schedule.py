"""The schedule stops or runs twice, and the web process is killed under an open page."""

import pytest

from calendarsync.engine.run import Outcome
from tests.machine.conftest import Connect
from tests.machine.processes import Process, eventually
from tests.machine.stack import Stack
from tests.machine.visitor import Visitor

pytestmark = [pytest.mark.machine, pytest.mark.usefixtures("other_worker")]


def test_schedule_that_was_killed_goes_on_where_it_stopped(stack: Stack, connected: Connect) -> None:
    """S23"""
    mailbox = connected()
    first = stack.start_beat()
    eventually(lambda: mailbox.calendar.progress_done, "it is being read")

    stack.end(first)
    eventually(lambda: not mailbox.calendar.lease_owner, "the run under way ends")
    mailbox.make_due()
    stack.start_beat()
    eventually(mailbox.is_settled, "it is read to its end")

    mailbox.assert_as_undisturbed()


def test_two_schedules_double_nothing(stack: Stack, connected: Connect) -> None:
    """S19, S22"""
    mailbox = connected()
    for name in ("beat", "second-beat"):
        stack.start_beat(name)

    eventually(mailbox.is_settled, "it is read to its end")
    reads = mailbox.pages_read()
    mailbox.have_a_busy_day()
    mailbox.make_due()
    eventually(mailbox.is_settled, "the changes are read")

    mailbox.assert_as_undisturbed()
    assert len(set(reads)) == len(reads)


def test_page_of_a_killed_web_process_reconnects_and_misses_nothing(
    stack: Stack, connected: Connect, web: Process
) -> None:
    """S90"""
    mailbox = connected()
    mailbox.read_until(Outcome.COMPLETE)
    mailbox.read_undisturbed()
    visitor = Visitor(mailbox.owner, stack.url)

    with visitor.stream() as events:
        assert next(events)[0] == "hello"
        stack.end(web)
        assert list(events) == []
    mailbox.have_a_busy_day()
    mailbox.make_due()
    mailbox.settle()
    stack.start_web()

    with visitor.stream() as events:
        assert next(events) == ("hello", {"revisions": {str(mailbox.calendar_id): mailbox.calendar.revision}})
    mailbox.assert_as_undisturbed()
