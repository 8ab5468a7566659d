"""A queue that delivers twice, late, or to two workers at once; and a worker that wakes up after its lease."""

from functools import partial

import pytest

from calendarsync.engine.run import Outcome
from calendarsync.models import Calendar
from tests.machine.conftest import Connect
from tests.machine.mailbox import Mailbox
from tests.machine.processes import eventually
from tests.machine.stack import EVERY_QUEUE, Stack

pytestmark = [pytest.mark.machine, pytest.mark.usefixtures("other_worker")]

ROUNDS = 50


def test_two_workers_given_the_same_task_read_once(stack: Stack, connected: Connect) -> None:
    """S19: fifty times at the same moment."""
    mailbox = connected()
    mailbox.read_until(Outcome.COMPLETE)
    stack.start_worker("second", "doomed")
    fence, reads = mailbox.calendar.fence, len(mailbox.pages_read())

    for number in range(1, ROUNDS + 1):
        mailbox.make_due()
        for queue in ("live", "doomed"):
            mailbox.send_run(queue)
        eventually(partial(_is_over, mailbox, fence + number), "one of them has read")

    assert mailbox.calendar.fence == fence + ROUNDS
    assert len(mailbox.pages_read()) == reads + ROUNDS
    mailbox.assert_as_undisturbed()


def test_worker_that_slept_past_its_lease_writes_nothing(stack: Stack, connected: Connect) -> None:
    """S20"""
    mailbox = connected()
    doomed = stack.start_doomed("calendarsync.engine.pull _commit_page call", "doomed")
    mailbox.send_run("doomed")
    doomed.wait_until_halted()
    asleep = stack.broker.waiting()
    mailbox.settle()
    before = _lane(mailbox), mailbox.contents

    doomed.resume()
    eventually(lambda: stack.broker.waiting() < asleep, "the sleeper's task has ended")

    assert (_lane(mailbox), mailbox.contents) == before
    mailbox.assert_as_undisturbed()


def test_task_delivered_again_after_it_was_done_does_nothing(stack: Stack, connected: Connect) -> None:
    """S22: its worker died before it could acknowledge, and the broker hands it to another much later."""
    mailbox = connected()
    mailbox.read_until(Outcome.COMPLETE)
    doomed = stack.start_doomed("calendarsync.engine.pull run_lane return", "doomed")
    mailbox.make_due()
    mailbox.send_run("doomed")
    doomed.wait_until_halted()
    stack.end(doomed)
    assert mailbox.is_settled()
    before = _lane(mailbox), mailbox.requests()

    # a worker for which a second is "much later"
    stack.start_worker("heir", "doomed", app="tests.machine.hurried")
    eventually(lambda: stack.broker.waiting("doomed") == 0, "it was delivered again")

    assert (_lane(mailbox), mailbox.requests()) == before
    mailbox.assert_as_undisturbed()


def test_task_of_a_killed_worker_is_done_when_it_is_delivered_again(stack: Stack, connected: Connect) -> None:
    """S22: the schedule plays no part."""
    mailbox = connected()
    doomed = stack.start_doomed(
        "calendarsync.engine.pull _commit_page call", "doomed", SYNC_LEASE_SECONDS="0"
    )
    mailbox.send_run("doomed")
    doomed.wait_until_halted()
    stack.end(doomed)

    stack.start_worker("heir", f"doomed,{EVERY_QUEUE}", app="tests.machine.hurried")
    eventually(mailbox.is_settled, "it is read to its end")

    mailbox.assert_as_undisturbed()


def _is_over(mailbox: Mailbox, fence: int) -> bool:
    """Whether a run with this fence ended and neither message is left."""
    calendar = mailbox.calendar
    return (
        calendar.fence >= fence
        and not calendar.lease_owner
        and mailbox.stack.broker.waiting("live", "doomed") == 0
    )


def _lane(mailbox: Mailbox) -> tuple[int, int, int, str]:
    """What every run, and everything visible that it did, would change."""
    calendar: Calendar = mailbox.calendar
    return calendar.fence, calendar.revision, calendar.generation, calendar.phase
