"""Notifications by the hundred, through real web processes, queue and workers: few runs, none lost."""

import time
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
import requests
from django.utils import timezone

from calendarsync.channel_secret import hash_of, new_secret
from calendarsync.engine.run import Outcome
from calendarsync.models import Calendar, Channel, Signal
from devkit.ports import free_port
from marketplace.tenancy import every_tenant
from tests.machine.conftest import Connect
from tests.machine.mailbox import Mailbox
from tests.machine.processes import Process, command_of, eventually
from tests.machine.stack import Stack

pytestmark = [pytest.mark.machine, pytest.mark.usefixtures("other_worker", "web")]

DAY = timedelta(days=1)
SENDERS = 8


@dataclass(frozen=True, slots=True)
class Announcer:
    """The provider's side of one channel: it tells several web processes, from many threads."""

    urls: tuple[str, ...]
    channel_id: str
    secret: str

    def announce(self, numbers: Iterable[int]) -> set[int]:
        """One message for each number, all at once; the statuses of the answers."""
        with ThreadPoolExecutor(SENDERS) as pool:
            return set(pool.map(self._post, numbers))

    def _post(self, number: int) -> int:
        headers = {
            "X-Goog-Channel-ID": self.channel_id,
            "X-Goog-Channel-Token": self.secret,
            "X-Goog-Message-Number": str(number),
            "X-Goog-Resource-State": "exists",
        }
        url = self.urls[number % len(self.urls)]
        return requests.post(f"{url}/hooks/google/", headers=headers, timeout=30).status_code


@pytest.fixture
def mailbox(stack: Stack, connected: Connect) -> Mailbox:
    """Read completely, and not due; from here on a schedule ticks."""
    mailbox = connected(events=20)
    mailbox.read_until(Outcome.COMPLETE)
    stack.start_ticking_beat()
    eventually(mailbox.is_settled, "nothing is left to do")
    return mailbox


@pytest.fixture
def announcer(stack: Stack, mailbox: Mailbox) -> Announcer:
    """A channel of this mailbox that has spoken, and two web processes that hear it. No poll comes between."""
    second_port = str(free_port())
    second: Process = stack.start(
        "web2", command_of("web", stack.env | {"PORT": second_port}), PORT=second_port
    )
    channel_id = str(uuid.uuid4())
    secret = new_secret(channel_id)
    calendar, later = mailbox.calendar, timezone.now() + DAY
    with every_tenant():
        Calendar.objects.filter(pk=calendar.pk).update(next_poll_at=later)
        Channel.objects.create(
            tenant=calendar.tenant, calendar=calendar, channel_id=channel_id, secret_hash=hash_of(secret),
            state="active", verified_at=timezone.now(), expires_at=later, renew_at=later,
        )  # fmt: skip
    urls = stack.url, f"http://127.0.0.1:{second_port}"
    eventually(lambda: _answers(urls[1]), f"the second web process answers; see {second.log}")
    return Announcer(urls, channel_id, secret)


def test_five_hundred_times_the_same_message_is_one_run(mailbox: Mailbox, announcer: Announcer) -> None:
    """S55"""
    fence, signals = mailbox.calendar.fence, signals_of(mailbox)

    statuses = announcer.announce([7] * 250 + [7] * 250)
    eventually(mailbox.is_settled, "the news were looked for")

    assert statuses == {204}
    assert signals_of(mailbox) == signals + 1
    assert mailbox.calendar.fence == fence + 1


def test_five_hundred_messages_are_a_run_a_second_at_most_and_the_last_news_are_there(
    stack: Stack, mailbox: Mailbox, announcer: Announcer
) -> None:
    """S21, S55: the first starts a run at once, the rest waits together."""
    fence, began = mailbox.calendar.fence, time.monotonic()

    statuses = announcer.announce(range(1, 501))
    stack.sandbox.add_event(mailbox.address, "After the burst", "2026-12-01T10:00:00Z")
    announcer.announce([501])
    eventually(mailbox.is_settled, "the news were looked for")

    lasted = time.monotonic() - began
    assert statuses == {204}
    assert 1 <= mailbox.calendar.fence - fence <= lasted + 1
    assert "After the burst" in {row["title"] for row in mailbox.contents.events.values()}


def test_message_during_a_run_leads_to_one_more(stack: Stack, mailbox: Mailbox, announcer: Announcer) -> None:
    """S21"""
    fence = mailbox.calendar.fence
    stack.sandbox.control("latency", ms=800, match={"mailbox": mailbox.address, "path": "/events$"}, times=1)
    announcer.announce([1])
    eventually(lambda: mailbox.calendar.lease_owner, "it is being read")

    announcer.announce(range(2, 30))
    eventually(mailbox.is_settled, "the news were looked for")

    assert mailbox.calendar.fence == fence + 2


def signals_of(mailbox: Mailbox) -> int:
    with every_tenant():
        return Signal.objects.get(calendar=mailbox.calendar_id).dirty_seq


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/health/", timeout=2).ok
    except requests.RequestException:
        return False
