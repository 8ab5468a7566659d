"""A deploy: the worker is asked to end in the middle of a long reading, and another goes on there."""

import pytest

from calendarsync.engine.run import Outcome
from tests.machine.conftest import Connect
from tests.machine.processes import eventually
from tests.machine.stack import Stack

pytestmark = [pytest.mark.machine, pytest.mark.usefixtures("other_worker")]

# What containers grant by default.
GRACE_SECONDS = 10


def test_worker_that_is_asked_to_end_gives_its_lane_back(stack: Stack, connected: Connect) -> None:
    """S23, C1: within the seconds that a deploy grants; its lease would last longer than this test."""
    mailbox = connected()
    mailbox.read_until(Outcome.CONTINUE)
    stack.sandbox.control("latency", ms=300, match={"mailbox": mailbox.address, "path": "/events$"})
    worker = stack.start_worker("leaving", "doomed", SYNC_LEASE_SECONDS="600")
    mailbox.send_run("doomed")
    eventually(lambda: mailbox.calendar.progress_done, "it is being read")
    reading = mailbox.calendar

    seconds = worker.terminate()
    stack.sandbox.forget("faults")
    stack.sandbox.control("pages", calendar=mailbox.address, size=6)
    mailbox.settle()

    assert seconds < GRACE_SECONDS
    assert mailbox.calendar.fence > reading.fence
    assert mailbox.calendar.generation == reading.generation
    pages = mailbox.pages_read()
    assert len(pages) == len(set(pages))
    mailbox.assert_as_undisturbed()
