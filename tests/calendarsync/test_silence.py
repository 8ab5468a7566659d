"""Channels that fall silent: found out by what they did not announce, replaced, and never relied on meanwhile."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import structlog
import time_machine
from django.utils import timezone
from pytest_django import Settings

from calendarsync import tasks
from calendarsync.engine.silence import wait_after
from calendarsync.models import Account, Calendar, Channel, Signal
from calendarsync.services.watch import open_channel
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Connect, Published
from tests.calendarsync.driving import drain, make_due, primary, titles
from tests.calendarsync.rows import DAY, HOUR, MINUTE, NOW
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox, sign_in
from tests.calendarsync.test_watch import LATER, NOBODY_LISTENS, alive, channels, speak
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until it is moved."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def account(
    alice: User,
    connected_account: Connect,
    settings: Settings,
    sandbox: Sandbox,
    clock: time_machine.Traveller,
) -> Account:
    """Alice's mailbox, read completely, with a channel that has spoken; everything was quiet for ten minutes."""
    settings.WEBHOOK_URL = NOBODY_LISTENS
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    open_channel(primary(account).pk)
    assert speak(channels()[0], sandbox, "sync") == 204
    drain()
    poll(account, clock, 10 * MINUTE)
    return account


def poll(account: Account, clock: time_machine.Traveller, later: timedelta) -> None:
    """Time passes, then every calendar is looked at because its time has come."""
    clock.shift(later)
    make_due(account)
    drain()


def find_unannounced(account: Account, sandbox: Sandbox, clock: Any, title: str, later: timedelta) -> None:
    """A change of which nobody tells, found by a poll."""
    sandbox.add_event(ALICE_AT_GOOGLE, title, LATER)
    poll(account, clock, later)
    assert title in titles(account)


def wait_for_next_poll(account: Account) -> timedelta:
    moment = primary(account).next_poll_at
    assert moment is not None
    return moment - timezone.now()


def is_relied_on(account: Account) -> bool:
    """Whether polling trusts in push: every ten minutes instead of every minute."""
    return wait_for_next_poll(account) > 2 * MINUTE


def only_channel() -> Channel:
    [channel] = channels()
    return channel


def test_quiet_channel_is_relied_on_while_nothing_happens(account: Account, clock: Any):
    for _ in range(3):
        poll(account, clock, HOUR)

    assert only_channel().state == Channel.State.ACTIVE
    assert is_relied_on(account)


def test_first_unannounced_change_makes_the_channel_doubtful_and_polling_quick(
    account: Account, sandbox: Sandbox, clock: Any
):
    """S52: a single message may be lost, so nothing is condemned yet."""
    find_unannounced(account, sandbox, clock, "Missed", 10 * MINUTE)

    assert only_channel().state == Channel.State.ACTIVE
    assert only_channel().doubted_at == timezone.now()
    assert not is_relied_on(account)


def test_second_unannounced_change_condemns_it_and_asks_for_a_successor(
    account: Account, sandbox: Sandbox, clock: Any, published: list[Published]
):
    """S52"""
    find_unannounced(account, sandbox, clock, "Missed", 10 * MINUTE)
    published.clear()

    with structlog.testing.capture_logs() as logs:
        find_unannounced(account, sandbox, clock, "Missed again", 2 * MINUTE)

    assert only_channel().state == Channel.State.SILENT
    assert not is_relied_on(account)
    assert Published("watch_calendar", primary(account).pk, "maintenance") in published
    [told] = [line for line in logs if line["event"] == "channel_fell_silent"]
    assert (told["log_level"], told["calendar"]) == ("warning", primary(account).pk)


def test_changes_in_one_minute_are_one_doubt(account: Account, sandbox: Sandbox, clock: Any):
    """A message may be on its way for longer than the next quick poll takes."""
    find_unannounced(account, sandbox, clock, "Missed", 10 * MINUTE)
    find_unannounced(account, sandbox, clock, "Missed again", 15 * SECOND)

    assert only_channel().state == Channel.State.ACTIVE


def test_message_after_the_poll_clears_the_doubt(account: Account, sandbox: Sandbox, clock: Any):
    """The poll was quicker than the message."""
    find_unannounced(account, sandbox, clock, "Announced late", 10 * MINUTE)
    clock.shift(20 * SECOND)

    assert speak(only_channel(), sandbox) == 204
    drain()

    assert only_channel().doubted_at is None
    assert is_relied_on(account)


def test_change_found_a_moment_after_its_message_was_announced(
    account: Account, sandbox: Sandbox, clock: Any
):
    """Google may tell of what its list does not show yet; the run the message started saw nothing."""
    speak(only_channel(), sandbox)
    drain()

    find_unannounced(account, sandbox, clock, "Told before it was listed", 30 * SECOND)

    assert only_channel().doubted_at is None


def test_run_that_a_signal_started_judges_nobody(account: Account, sandbox: Sandbox, clock: Any):
    """Somebody pressed Sync now, or a colleague channel spoke: the poll did not come first."""
    clock.shift(10 * MINUTE)
    sandbox.add_event(ALICE_AT_GOOGLE, "Asked for", LATER)
    with every_tenant():
        Signal.objects.update(dirty_seq=99)

    drain()

    assert "Asked for" in titles(account)
    assert only_channel().doubted_at is None


def test_change_that_we_do_not_keep_is_no_reason_to_doubt(account: Account, sandbox: Sandbox, clock: Any):
    event = sandbox.add_event(ALICE_AT_GOOGLE, "Known", LATER)
    speak(only_channel(), sandbox)
    drain()
    clock.shift(10 * MINUTE)
    sandbox.control(
        "events/patch", mailbox=ALICE_AT_GOOGLE, id=event["id"], changes={"guestsCanModify": True}
    )

    poll(account, clock, MINUTE)

    assert only_channel().doubted_at is None


def test_what_happened_while_we_were_away_accuses_nobody(account: Account, sandbox: Sandbox, clock: Any):
    """Messages of that time came to a closed door."""
    find_unannounced(account, sandbox, clock, "During an outage", HOUR)

    assert only_channel().doubted_at is None
    assert is_relied_on(account)


@pytest.mark.parametrize(("age", "is_kept"), [(23 * HOUR, True), (25 * HOUR, False)])
def test_doubt_that_nothing_confirms_is_dropped_after_a_day(
    account: Account, sandbox: Sandbox, clock: Any, age: timedelta, is_kept: bool
):
    find_unannounced(account, sandbox, clock, "Missed", 10 * MINUTE)
    clock.shift(age)

    tasks.renew_channels()

    assert bool(only_channel().doubted_at) == is_kept


def fall_silent(account: Account, sandbox: Sandbox, clock: Any, round_: int) -> None:
    for turn in ("first", "second"):
        find_unannounced(account, sandbox, clock, f"Missed {round_} {turn}", 10 * MINUTE)


def test_successor_is_on_trial_until_it_tells_news(account: Account, sandbox: Sandbox, clock: Any):
    """S52: its handshake does not prove that news arrive."""
    fall_silent(account, sandbox, clock, 1)
    silent = only_channel()
    open_channel(primary(account).pk)
    successor = channels()[-1]
    speak(successor, sandbox, "sync")
    drain()
    on_trial = is_relied_on(account)

    sandbox.add_event(ALICE_AT_GOOGLE, "Announced", LATER)
    speak(successor, sandbox)
    drain()

    assert not on_trial
    assert is_relied_on(account)
    assert str(silent.channel_id) not in alive(sandbox)
    assert only_channel().pk == successor.pk


def test_successors_that_fall_silent_too_are_replaced_ever_more_slowly(
    account: Account, sandbox: Sandbox, clock: Any
):
    """S52: no storm of channels; polling stays quick all the time."""
    waits = []
    for round_ in range(4):
        fall_silent(account, sandbox, clock, round_)
        silent = channels()[-1]
        waits.append(silent.renew_at - timezone.now())
        assert not is_relied_on(account)
        clock.move_to(silent.renew_at + SECOND)
        open_channel(primary(account).pk)
        speak(channels()[-1], sandbox, "sync")
        drain()
        poll(account, clock, 10 * MINUTE)

    assert waits == [timedelta(), HOUR, 2 * HOUR, 4 * HOUR]
    assert len(alive(sandbox)) == 1


def test_waiting_for_a_successor_ends_at_a_day():
    assert [wait_after(silences) for silences in (5, 6, 100)] == [16 * HOUR, DAY, DAY]


def test_silent_channel_waits_for_its_turn_and_a_word_from_it_rehabilitates(
    account: Account, sandbox: Sandbox, clock: Any
):
    with every_tenant():
        Channel.objects.update(silences=1)
    fall_silent(account, sandbox, clock, 1)
    open_channel(primary(account).pk)
    assert only_channel().state == Channel.State.SILENT  # not its turn yet

    assert speak(only_channel(), sandbox) == 204
    drain()

    assert only_channel().state == Channel.State.ACTIVE
    assert is_relied_on(account)


def test_channel_without_a_first_message_fell_silent_at_birth(account: Account, published: list[Published]):
    with every_tenant():
        Channel.objects.update(verified_at=None)
    published.clear()

    tasks.renew_channels()

    assert only_channel().state == Channel.State.SILENT
    assert Published("watch_calendar", primary(account).pk, "maintenance") in published


def test_channel_is_given_some_minutes_for_its_first_message(account: Account, clock: Any):
    with every_tenant():
        Channel.objects.update(verified_at=None, created_at=timezone.now() - 4 * MINUTE)

    tasks.renew_channels()

    assert only_channel().state == Channel.State.ACTIVE


def test_changes_of_a_silent_provider_are_found_within_the_poll_period(
    account: Account, sandbox: Sandbox, clock: Any
):
    """S52, seen from the page: each change appears within the poll period."""
    sandbox.control("notifications", silent=True)
    for number in range(3):
        sandbox.add_event(ALICE_AT_GOOGLE, f"Silent {number}", LATER)
        clock.shift(wait_for_next_poll(account) + SECOND)
        drain()
        assert f"Silent {number}" in titles(account)

    assert wait_for_next_poll(account) <= timedelta(seconds=75)


def test_reconnecting_renews_the_channels_because_the_former_grant_may_have_taken_them_along(
    account: Account, alice: User, sandbox: Sandbox, published: list[Published]
):
    former = only_channel()
    published.clear()

    sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE, account=account.pk)
    drain()
    not_relied_on = not is_relied_on(account)
    open_channel(primary(account).pk)
    successor = channels()[-1]
    heard = speak(former, sandbox)
    speak(successor, sandbox, "sync")
    tasks.stop_channels(account.pk)

    assert Published("watch_calendar", primary(account).pk, "maintenance") in published
    assert not_relied_on
    assert heard == 204
    assert alive(sandbox) == {str(successor.channel_id)}


def change(model: Any, **values: object) -> Any:
    def apply(account: Account) -> None:
        rows = (
            Account.objects.filter(pk=account.pk)
            if model is Account
            else Calendar.objects.filter(account=account)
        )
        rows.update(**values)

    return apply


@pytest.mark.parametrize(
    "end",
    [
        change(Calendar, selected=False),
        change(Calendar, phase="no_access"),
        change(Calendar, phase="gone"),
        change(Account, stopped_at=NOW, stopped_by="user"),
    ],
    ids=["not chosen", "no access", "gone", "paused"],
)
def test_channel_of_a_calendar_that_is_not_read_is_stopped(
    account: Account, sandbox: Sandbox, published: list[Published], end: Any
):
    with every_tenant():
        end(account)
    published.clear()

    tasks.renew_channels()
    tasks.stop_channels(account.pk)

    assert published == [Published("stop_channels", account.pk, "maintenance")]
    assert (channels(), alive(sandbox)) == ([], set())


def test_channel_of_a_revoked_grant_is_forgotten_without_a_call(account: Account, sandbox: Sandbox):
    """S61: no call is possible; its messages are refused until it ends."""
    channel = only_channel()
    with every_tenant():
        Account.objects.update(auth_state=Account.AuthState.RECONNECT)
    sandbox.forget("log")

    tasks.stop_channels(account.pk)

    assert channels() == []
    assert sandbox.look("log")["requests"] == []
    assert speak(channel, sandbox) == 410


def test_channel_that_cannot_be_stopped_now_is_stopped_later(account: Account, sandbox: Sandbox):
    with every_tenant():
        Calendar.objects.update(selected=False)
    sandbox.control("faults", match={"path": "/channels/stop"}, status=503, times=1)

    tasks.stop_channels(account.pk)
    kept = channels()
    tasks.stop_channels(account.pk)

    assert len(kept) == 1
    assert (channels(), alive(sandbox)) == ([], set())


def test_opening_whose_answer_was_lost_is_stopped_once_the_channel_has_named_itself(
    account: Account, sandbox: Sandbox, clock: Any
):
    """S56: it was opened at the provider all the same."""
    old = only_channel()
    with every_tenant():
        Channel.objects.update(renew_at=timezone.now())
    sandbox.control("faults", match={"path": "/watch"}, body="reset", times=1)
    open_channel(primary(account).pk)
    orphan = channels()[-1]
    assert (orphan.state, orphan.resource_id) == (Channel.State.REGISTERING, "")
    assert speak(orphan, sandbox, "sync") == 204

    clock.shift(6 * MINUTE)
    tasks.stop_channels(account.pk)

    assert [channel.pk for channel in channels()] == [old.pk]
    assert alive(sandbox) == {str(old.channel_id)}


def test_channels_of_an_account_that_vanished_are_no_error(account: Account):
    tasks.stop_channels(account.pk + 1)
