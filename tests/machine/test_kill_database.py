"""Web and worker write to one SQLite file at the same time."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import TypeVar

import pytest

from calendarsync.models import Signal
from marketplace.tenancy import every_tenant
from tests.machine.conftest import Connect
from tests.machine.mailbox import Mailbox
from tests.machine.processes import Process
from tests.machine.stack import Stack
from tests.machine.visitor import Visitor

pytestmark = pytest.mark.machine

BUSY_SECONDS = 6
T = TypeVar("T")


def test_web_and_worker_write_together(
    stack: Stack, connected: Connect, other_worker: Process, web: Process
) -> None:
    """S28: each waits for the other, nobody is turned away, and no write is lost."""
    mailbox = connected(events=600, page_size=20)
    stack.start_beat()
    painter, asker = (Visitor(mailbox.owner, stack.url) for _ in range(2))
    colours = cycle(["#112233", "#445566"])
    until = time.monotonic() + BUSY_SECONDS
    former = len(other_worker.log.read_bytes())

    def paint() -> str:
        colour = next(colours)
        painter.act("PATCH", f"calendars/{mailbox.calendar_id}/", colour=colour)
        return colour

    def ask() -> None:
        asker.act("POST", f"accounts/{mailbox.calendar.account_id}/sync-now/")

    with ThreadPoolExecutor(2) as pool:
        painting, asking = (pool.submit(repeat, action, until) for action in (paint, ask))
        while time.monotonic() < until:
            stack.sandbox.control("events/random", mailbox=mailbox.address, count=10)
            time.sleep(0.1)
        painted, asked = painting.result(), asking.result()

    calendar = mailbox.calendar
    assert (calendar.colour, _signals(mailbox)) == (painted[-1], len(asked))
    assert calendar.revision > len(painted) > 0
    mailbox.settle()
    mailbox.assert_as_undisturbed()
    said = web.log.read_bytes() + other_worker.log.read_bytes()[former:]
    assert b"database is locked" not in said


def repeat(action: Callable[[], T], until: float) -> list[T]:
    """What an action came to each time, until that moment."""
    done = []
    while time.monotonic() < until:
        done.append(action())
    return done


def _signals(mailbox: Mailbox) -> int:
    with every_tenant():
        return Signal.objects.get(calendar=mailbox.calendar_id).dirty_seq
