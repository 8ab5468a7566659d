"""Push channels against the sandbox: opened, renewed without a gap, refused, closed."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from calendarsync.models import Account, Calendar, Channel, Signal
from calendarsync.services.unwatch import stop_channels
from calendarsync.services.watch import calendars_to_watch, open_channel
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, primary
from tests.calendarsync.rows import DAY, HOUR, MINUTE
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY_LISTENS = "http://127.0.0.1:9"
LATER = "2026-12-01T10:00:00Z"


@pytest.fixture
def account(alice: User, connected_account: Connect, settings: Settings) -> Account:
    """Alice's mailbox, read completely."""
    settings.WEBHOOK_URL = NOBODY_LISTENS
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    return account


def channels() -> list[Channel]:
    with every_tenant():
        return list(Channel.objects.order_by("pk"))


def alive(sandbox: Sandbox) -> set[str]:
    return {channel["id"] for channel in sandbox.look("channels")["channels"] if channel["alive"]}


def watch(account: Account) -> Channel:
    open_channel(primary(account).pk)
    return channels()[-1]


def dirty_seq(account: Account) -> int:
    with every_tenant():
        return Signal.objects.get(calendar=primary(account)).dirty_seq


def until(happened: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 5
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_calendar_is_watched_only_after_its_first_complete_reading(
    alice: User, connected_account: Connect, settings: Settings
):
    settings.WEBHOOK_URL = NOBODY_LISTENS
    account = connected_account(alice, ALICE_AT_GOOGLE)
    assert calendars_to_watch(timezone.now()) == []

    drain()

    assert calendars_to_watch(timezone.now()) == [primary(account).pk]


def test_without_an_address_of_our_own_there_is_only_polling(
    account: Account, settings: Settings, sandbox: Sandbox
):
    settings.WEBHOOK_URL = ""

    open_channel(primary(account).pk)

    assert calendars_to_watch(timezone.now()) == []
    assert (channels(), alive(sandbox)) == ([], set())


def test_open_channel_lasts_a_week_and_keeps_only_a_hash(account: Account, sandbox: Sandbox):
    before = dirty_seq(account)
    channel = watch(account)

    assert alive(sandbox) == {str(channel.channel_id)}
    assert channel.state == Channel.State.ACTIVE
    assert channel.resource_id
    assert timedelta(days=6) < channel.expires_at - timezone.now() <= timedelta(days=7)
    [remote] = sandbox.look("channels")["channels"]
    assert remote["address"] == f"{NOBODY_LISTENS}/hooks/google/"
    assert remote["token"] not in {channel.secret_hash, ""}
    assert dirty_seq(account) == before + 1  # what changed before the opening was not announced


def test_second_opening_changes_nothing(account: Account, sandbox: Sandbox):
    first = watch(account)

    assert calendars_to_watch(timezone.now()) == []
    assert watch(account) == first
    assert len(alive(sandbox)) == 1


def at(moment: datetime) -> time_machine.travel:
    return time_machine.travel(moment, tick=True)


def test_channel_is_renewed_before_its_end_without_a_gap(account: Account, sandbox: Sandbox):
    """S51: the former one goes when its successor has spoken, not before."""
    old = watch(account)
    assert speak(old, sandbox, "sync") == 204
    with at(old.renew_at - HOUR):
        assert calendars_to_watch(timezone.now()) == []

    with at(old.renew_at + MINUTE):
        assert calendars_to_watch(timezone.now()) == [primary(account).pk]
        new = watch(account)
        both = alive(sandbox)
        heard = [speak(channel, sandbox) for channel in (old, new)]
        stop_channels(account.pk)

    assert old.renew_at + DAY < old.expires_at
    assert both == {str(old.channel_id), str(new.channel_id)}
    assert heard == [204, 204]
    assert alive(sandbox) == {str(new.channel_id)}
    assert [channel.pk for channel in channels()] == [new.pk]


def test_renewals_of_channels_opened_together_are_spread(account: Account):
    moments = set()
    for _ in range(3):
        moments.add(watch(account).renew_at.replace(second=0, microsecond=0))
        with every_tenant():
            Channel.objects.all().delete()

    assert len(moments) > 1


@pytest.mark.parametrize(("status", "left"), [(503, "registering"), (400, "refused")])
def test_predecessor_is_believed_until_its_successor_stands(
    account: Account, sandbox: Sandbox, status: int, left: str
):
    """S51, S56"""
    old = watch(account)
    with every_tenant():
        Channel.objects.update(renew_at=timezone.now() - MINUTE)
    sandbox.control("faults", match={"path": "/watch"}, status=status, reason="pushNotSupported", times=1)

    watch(account)
    stop_channels(account.pk)

    assert [channel.state for channel in channels()] == ["active", left]
    assert str(old.channel_id) in alive(sandbox)
    assert speak(old, sandbox) == 204


def speak(channel: Channel, sandbox: Sandbox, state: str = "exists") -> int:
    """A message of this channel, as the provider would send it."""
    remote = remote_of(channel, sandbox)
    headers = {
        "X-Goog-Channel-ID": remote["id"],
        "X-Goog-Channel-Token": remote["token"],
        "X-Goog-Resource-ID": remote["resourceId"],
        "X-Goog-Resource-State": state,
    }
    return Client().post(reverse("hook", args=["google"]), headers=headers).status_code


def remote_of(channel: Channel, sandbox: Sandbox) -> dict[str, Any]:
    found = sandbox.look("channels")["channels"]
    return next(remote for remote in found if remote["id"] == str(channel.channel_id))


def test_failed_attempt_is_repeated_some_minutes_later_and_leaves_no_row(account: Account, sandbox: Sandbox):
    sandbox.control("faults", match={"path": "/watch"}, status=503, times=1)
    failed = watch(account)
    assert calendars_to_watch(timezone.now()) == []

    with at(timezone.now() + 6 * MINUTE):
        assert calendars_to_watch(timezone.now()) == [primary(account).pk]
        channel = watch(account)

    assert failed.state == Channel.State.REGISTERING
    assert channels() == [channel]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, "pushNotSupportedForRequestedResource"),
        (400, "webhookUrlNotHttps"),
        (401, "webhookUrlUnauthorized"),
        (403, "forbidden"),
    ],
)
def test_calendar_that_cannot_be_watched_is_asked_again_a_day_later(
    account: Account, sandbox: Sandbox, status: int, reason: str
):
    """S58"""
    sandbox.control("faults", match={"path": "/watch"}, status=status, reason=reason, times=1)
    sandbox.forget("log")

    refused = watch(account)

    assert refused.state == Channel.State.REFUSED
    assert len(sandbox.look("log")["requests"]) == 1
    with at(timezone.now() + 23 * HOUR):
        assert calendars_to_watch(timezone.now()) == []
    with at(timezone.now() + 25 * HOUR):
        assert calendars_to_watch(timezone.now()) == [primary(account).pk]
        assert watch(account).state == Channel.State.ACTIVE
    assert len(channels()) == 1


def test_throttle_while_opening_holds_the_whole_mailbox(account: Account, sandbox: Sandbox):
    """S66"""
    sandbox.control("faults", match={"path": "/watch"}, status=429, retry_after="600", times=1)

    watch(account)

    with every_tenant():
        blocked_until = Account.objects.get().blocked_until
    assert blocked_until is not None
    assert blocked_until > timezone.now() + 9 * MINUTE
    with at(timezone.now() + 6 * MINUTE):
        assert calendars_to_watch(timezone.now()) == []


@pytest.mark.parametrize("phase", ["no_access", "gone"])
def test_calendar_that_is_not_read_is_not_watched(account: Account, sandbox: Sandbox, phase: str):
    with every_tenant():
        Calendar.objects.update(phase=phase)
    sandbox.forget("log")

    open_channel(primary(account).pk)

    assert calendars_to_watch(timezone.now()) == []
    assert sandbox.look("log")["requests"] == []


def test_refused_calendar_is_polled_often(account: Account, sandbox: Sandbox, settings: Settings):
    """S58"""
    settings.SYNC_POLL_SECONDS, settings.SYNC_POLL_SECONDS_WITHOUT_PUSH = 6000, 60
    sandbox.control("faults", match={"path": "/watch"}, status=400, reason="pushNotSupported", times=1)
    watch(account)
    with every_tenant():
        Calendar.objects.update(next_poll_at=timezone.now())

    drain()

    next_poll = primary(account).next_poll_at
    assert next_poll is not None
    assert next_poll - timezone.now() <= timedelta(seconds=75)


def test_channel_that_never_spoke_is_not_relied_on(account: Account, settings: Settings):
    """S52"""
    settings.SYNC_POLL_SECONDS, settings.SYNC_POLL_SECONDS_WITHOUT_PUSH = 6000, 60
    watch(account)
    drain()
    silent = primary(account).next_poll_at

    with every_tenant():
        Channel.objects.update(verified_at=timezone.now(), last_message_at=timezone.now())
        Calendar.objects.update(next_poll_at=timezone.now())
    drain()
    verified = primary(account).next_poll_at

    assert silent is not None
    assert verified is not None
    assert silent - timezone.now() < timedelta(seconds=80)
    assert verified - timezone.now() > timedelta(seconds=4000)


@pytest.mark.parametrize(
    "values",
    [{"stopped_at": timezone.now(), "stopped_by": "user"}, {"auth_state": "reconnect"}],
    ids=["paused", "signed out"],
)
def test_account_at_rest_opens_no_channel(account: Account, values: dict[str, Any]):
    with every_tenant():
        Account.objects.update(**values)

    assert calendars_to_watch(timezone.now()) == []


def test_calendar_that_vanished_is_no_error(account: Account):
    open_channel(primary(account).pk + 1)


@pytest.mark.slow
def test_notification_of_the_provider_arrives_and_verifies_the_channel(
    account: Account, sandbox: Sandbox, settings: Settings, live_server: LiveServer
):
    settings.WEBHOOK_URL = live_server.url
    channel = watch(account)
    until(lambda: channels()[0].verified_at)
    before = dirty_seq(account)

    sandbox.add_event(ALICE_AT_GOOGLE, "News", LATER)

    until(lambda: dirty_seq(account) > before)
    assert channels() == [channel]
