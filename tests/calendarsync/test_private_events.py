"""A private event is its owner's alone: what leaves the row on any other way than the owner's pages says nothing."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import redis as redis_client
from django.conf import settings
from django.test import Client
from django.urls import reverse

from calendarsync.live import topic
from calendarsync.models import Account, Event, SyncRun
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.at_google import add, change, timed
from tests.calendarsync.conftest import Connect, activate_calendar
from tests.calendarsync.driving import drain, event_named, sync
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox
from tests.calendarsync.test_stream import redis, redis_url  # noqa: F401  # fixtures, used by name below
from tests.conftest import signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis")]
MARK = "Vertrouwelijk"
RANGE = {"from": "2026-11-23T00:00:00Z", "to": "2026-11-30T00:00:00Z", "q": MARK[:6]}
PAGES = [
    reverse(name)
    for name in (
        "api-calendar", "api-event-search", "api-calendars", "api-accounts", "api-sync-status", "calendar",
        "calendar-sync", "activities", "activities-export", "metrics",
    )
]  # fmt: skip


@pytest.fixture
def messages(redis: None, alice: User) -> Iterator[Any]:  # noqa: F811
    """Everything published to the tenant's open pages since the test began; call it to read them."""
    client = redis_client.Redis.from_url(settings.REDIS_URL)
    inbox = client.pubsub(ignore_subscribe_messages=True)
    inbox.subscribe(topic(alice.tenant_id or 0))

    def heard() -> list[str]:
        found: list[str] = []
        while (message := inbox.get_message(timeout=0.2)) or not found:
            if message:
                found.append(message["data"].decode())
        return found

    yield heard
    inbox.close()
    client.close()


@pytest.fixture
def account(sandbox: Sandbox, alice: User, connected_account: Connect) -> Account:
    """Alice's mailbox with one private event; every word of it is marked."""
    guests = [{"email": "guest@maple.example", "displayName": f"{MARK} guest"}]
    add(
        sandbox,
        summary=f"{MARK} title",
        description=f"{MARK} text",
        location=f"{MARK} place",
        visibility="private",
        attendees=guests,
        start=timed("2026-11-25T09:00:00"),
        end=timed("2026-11-25T10:00:00"),
    )
    found = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    return found


def addresses(event: Event) -> list[str]:
    return [*PAGES, *(reverse(name, args=[event.pk]) for name in ("api-event", "calendar-event"))]


def told(browser: Client, path: str) -> bool:
    """Whether an answer carries the mark; the question never does."""
    answer: Any = browser.get(path, RANGE)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return MARK in content.decode()


def test_owner_sees_it_and_that_it_is_private(account: Account, alice: User) -> None:
    """S86: otherwise the other tests would prove nothing."""
    browser, event = signed_in(alice), event_named(account, f"{MARK} title")

    shown = [path for path in addresses(event) if told(browser, path)]

    assert shown == [
        *(reverse(name) for name in ("api-calendar", "api-event-search")),
        *(reverse(name, args=[event.pk]) for name in ("api-event", "calendar-event")),
    ]
    [item] = browser.get(reverse("api-calendar"), RANGE).json()["events"]
    assert item["visibility"] == "private"


@pytest.mark.parametrize("who", ["bob", "ada", "charlie"])
def test_nobody_else_learns_a_word_of_it(account: Account, who: str, request: pytest.FixtureRequest) -> None:
    """S86: a colleague, the administrator, another tenant: pages, API, search, export, by id."""
    other: User = request.getfixturevalue(who)
    assert other.tenant is not None
    activate_calendar(other.tenant)
    browser, event = signed_in(other), event_named(account, f"{MARK} title")

    assert [path for path in addresses(event) if told(browser, path)] == []


def test_operator_reads_no_content_in_the_admin(account: Account, sandbox: Sandbox) -> None:
    """S86: lists and rows of every table of the synchronisation, unreadable items included."""
    change(sandbox, event_named(account, f"{MARK} title").remote_id, summary=f"{MARK} changed")
    sync(account)
    User.objects.create_superuser(email="root@ops.example", password="root", name="Operator")
    browser = Client()
    assert browser.login(username="root@ops.example", password="root")

    index = browser.get(reverse("admin:app_list", args=["calendarsync"])).content.decode()
    tables = [
        name
        for name in ("account", "calendar", "syncrun", "skippeditem", "channel", "event")
        if f"/{name}/" in index
    ]

    assert "event" not in tables
    for table in tables:
        assert not told(browser, reverse(f"admin:calendarsync_{table}_changelist"))
    with every_tenant():
        run = SyncRun.objects.latest("pk")
    assert not told(browser, reverse("admin:calendarsync_syncrun_change", args=[run.pk]))


def test_live_messages_carry_numbers_only(account: Account, sandbox: Sandbox, messages: Any) -> None:
    """S86: whoever listens in the tenant hears that something changed, never what."""
    change(sandbox, event_named(account, f"{MARK} title").remote_id, location=f"{MARK} elsewhere")

    sync(account)

    heard = [json.loads(message) for message in messages()]
    assert heard
    assert {key for message in heard for key in message} <= {"calendar", "revision", "owner"}
    assert all(isinstance(value, int) for message in heard for value in message.values())


def test_logs_say_nothing_of_it_even_when_it_goes_wrong(
    account: Account, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """S86: at the most talkative level, through a change, an unreadable item, half an answer and a refusal."""
    caplog.set_level(logging.DEBUG)
    remote_id = event_named(account, f"{MARK} title").remote_id
    broken = {"summary": f"{MARK} broken", "start": {"dateTime": f"{MARK} o'clock"}}

    change(sandbox, remote_id, location=f"{MARK} elsewhere")
    sync(account)
    for fault in ({"body": "truncated"}, {"body": json.dumps({"items": [broken]})}, {"status": 403}):
        sandbox.control("faults", match={"path": "/events$"}, times=1, **fault)
        sync(account)
    sync(account)

    assert len(caplog.records) > 5
    written = capfd.readouterr()
    assert MARK not in caplog.text + written.out + written.err
    with every_tenant():
        details = SyncRun.objects.exclude(error_detail="").values_list("error_detail", flat=True)
        assert MARK not in " ".join(details)
