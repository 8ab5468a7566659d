"""Push channels, where a provider has them: opened, believed, stopped."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from calendarsync.providers.base import Mailbox, Notification
from tests.contract.conftest import PUSHING
from tests.contract.rig import Draft, Inbox, Rig
from tests.contract.test_reading import AT_TEN

SECONDS = 5
pytestmark = pytest.mark.parametrize("rig", PUSHING, indirect=True)


def arrived(rig: Rig, inbox: Inbox, number: int) -> list[Notification]:
    """What the first `number` messages claim, once they are here."""
    _until(lambda: len(inbox.received) >= number)
    return [each for message in inbox.received for each in rig.provider.read_notifications(*message)]


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_channel_shakes_hands_and_then_tells_of_changes(rig: Rig, mailbox: Mailbox) -> None:
    channel_id = str(uuid.uuid4())
    with rig.inbox() as inbox:
        watch = mailbox.watch(rig.calendar, channel_id=channel_id, secret="our secret", address=inbox.address)
        [hello] = arrived(rig, inbox, 1)
        rig.add(Draft("News", AT_TEN))
        news = arrived(rig, inbox, 2)[-1]
        mailbox.unwatch(channel_id=watch.channel_id, resource_id=watch.resource_id)

    assert {(each.channel_id, each.secret) for each in (hello, news)} == {(channel_id, "our secret")}
    assert (hello.is_handshake, news.is_handshake) == (True, False)
    assert watch.channel_id == channel_id
    assert timedelta() < watch.expires_at - datetime.now(UTC) <= timedelta(days=8)


def test_stopped_channel_is_silent_and_stopping_again_is_fine(rig: Rig, mailbox: Mailbox) -> None:
    with rig.inbox() as inbox:
        watch = mailbox.watch(rig.calendar, channel_id=str(uuid.uuid4()), secret="s", address=inbox.address)
        arrived(rig, inbox, 1)
        mailbox.unwatch(channel_id=watch.channel_id, resource_id=watch.resource_id)
        mailbox.unwatch(channel_id=watch.channel_id, resource_id=watch.resource_id)
        rig.add(Draft("Unheard", AT_TEN))
        time.sleep(0.3)

        assert len(inbox.received) == 1


@pytest.mark.parametrize(
    ("headers", "body"),
    [({}, b""), ({"Content-Type": "application/json"}, b'{"value": [{}]}'), ({}, b"\xff" * 1000)],
)
def test_junk_is_no_notification(rig: Rig, headers: dict[str, str], body: bytes) -> None:
    """S53"""
    assert rig.provider.read_notifications(headers, body) == []
