"""The provider of these tests is the sandbox, spoken to over real sockets; accounts come from a real sign-in."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias

import pytest
from celery.signals import before_task_publish
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from calendarsync.models import Account
from marketplace.catalogue import CALENDAR
from marketplace.models import Installation, Tenant, User
from marketplace.tenancy import every_tenant
from tests.calendarsync.driving import drain
from tests.calendarsync.stand_in import (
    ALICE_AT_GOOGLE,
    BOB_AT_GOOGLE,
    Sandbox,
    running_sandbox,
    sign_in,
)
from tests.conftest import signed_in

Connect: TypeAlias = Callable[[User, str], Account]


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    """One stand-in provider for all tests of this process."""
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_process: Sandbox, settings: Settings) -> Sandbox:
    """A fresh world with an empty mailbox for Alice and one for Bob; the product talks to it."""
    sandbox_process.control("reset", demo=False)
    for mailbox in (ALICE_AT_GOOGLE, BOB_AT_GOOGLE):
        sandbox_process.add_mailbox(mailbox)
    url = sandbox_process.url
    settings.SANDBOX_URL = url
    settings.GOOGLE_AUTH_URL = f"{url}/o/oauth2/v2/auth"
    settings.GOOGLE_TOKEN_URL = f"{url}/token"
    settings.GOOGLE_REVOKE_URL = f"{url}/revoke"
    settings.GOOGLE_API_URL = f"{url}/calendar/v3/"
    settings.PROVIDER_URLS = [url]
    return sandbox_process


@pytest.fixture(autouse=True)
def _nothing_waits() -> None:
    """What an earlier test put on a queue must not keep this one from doing the same."""
    cache.clear()


class Published(NamedTuple):
    """A task that was put on a queue: its name without the module, first argument, queue, earliest start (UTC)."""

    name: str
    about: int
    queue: str
    not_before: datetime | None = None


@pytest.fixture
def published() -> Iterator[list[Published]]:
    """What was put on queues since the test began; nothing takes it off again."""
    found: list[Published] = []

    def note(sender: str, body: Any, routing_key: str, headers: Any, **ignored: Any) -> None:
        about = body[0][0] if body[0] else 0
        eta = datetime.fromisoformat(headers["eta"]) if headers["eta"] else None
        found.append(Published(sender.rpartition(".")[2], about, routing_key, eta))

    before_task_publish.connect(note, weak=False)
    yield found
    before_task_publish.disconnect(note)


def activate_calendar(tenant: Tenant) -> None:
    """The Calendar module, active since ever; nobody has to log in again."""
    with every_tenant():
        Installation.objects.get_or_create(
            tenant=tenant, module=CALENDAR.key, defaults={"state": Installation.State.ACTIVE}
        )


@pytest.fixture
def calendar_active(tenant: Tenant) -> Tenant:
    """The tenant of Alice, Bob and Ada with the Calendar module active."""
    activate_calendar(tenant)
    return tenant


@pytest.fixture
def connected_account(sandbox: Sandbox) -> Connect:
    """`connected_account(alice, mailbox)` signs in as the owner of `mailbox`; the lanes have not run yet."""

    def connect(user: User, mailbox: str) -> Account:
        assert user.tenant is not None
        activate_calendar(user.tenant)
        answer = sign_in(signed_in(user), sandbox, mailbox)
        assert answer.status_code == 302, answer.content
        with every_tenant():
            return Account.objects.select_related("owner", "tenant").get(owner=user, address=mailbox)

    return connect


@pytest.fixture
def team_account(alice: User, connected_account: Connect, sandbox: Sandbox) -> Account:
    """Alice's mailbox with the event "Here" and a second calendar "Team", completely read; the log is empty."""
    sandbox.control("calendars", mailbox=ALICE_AT_GOOGLE, summary="Team")
    account = connected_account(alice, ALICE_AT_GOOGLE)
    sandbox.add_event(ALICE_AT_GOOGLE, "Here", (timezone.now() + timedelta(days=1)).isoformat())
    drain()
    sandbox.forget("log")
    return account
