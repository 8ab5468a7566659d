"""Signing in again, also when an earlier attempt ended halfway: one field says how it is, and there is a way on."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from calendarsync.models import Account, Calendar, Event
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, sync, titles
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, BOB_AT_GOOGLE, Sandbox, sign_in, start_sign_in
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
SETTINGS = reverse("calendar-sync")


@pytest.fixture
def account(sandbox: Sandbox, alice: User, connected_account: Connect) -> Account:
    """Alice's mailbox with an event, read once."""
    sandbox.add_event(ALICE_AT_GOOGLE, "Here", timezone.now().isoformat())
    found = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    return found


def state(account: Account) -> str:
    """What the settings tab says, as the API tells it."""
    [found] = signed_in(account.owner).get(reverse("api-accounts")).json()
    return str(found["state"])


def rows() -> tuple[set[int], set[int], set[int]]:
    with every_tenant():
        found = [set(model.objects.values_list("pk", flat=True)) for model in (Account, Calendar, Event)]
        return found[0], found[1], found[2]


# Half-finished reconnects


def _close_the_window(browser: Client, sandbox: Sandbox, account: Account) -> None:
    start_sign_in(browser, account.pk)


def _say_no(browser: Client, sandbox: Sandbox, account: Account) -> None:
    sign_in(browser, sandbox, ALICE_AT_GOOGLE, account.pk, sandbox_allow="0")


def _lose_the_token(browser: Client, sandbox: Sandbox, account: Account) -> None:
    sandbox.control("faults", match={"path": "^/token$"}, status=500, times=1)
    sign_in(browser, sandbox, ALICE_AT_GOOGLE, account.pk)


def _lose_the_list(browser: Client, sandbox: Sandbox, account: Account) -> None:
    sandbox.control("faults", match={"path": "/calendarList"}, status=503, times=1)
    sign_in(browser, sandbox, ALICE_AT_GOOGLE, account.pk)


@pytest.mark.parametrize(
    "half",
    [_close_the_window, _say_no, _lose_the_token, _lose_the_list],
    ids=lambda half: half.__name__.strip("_"),
)
def test_reconnect_that_ends_halfway_changes_nothing_and_can_be_done_again(
    sandbox: Sandbox, account: Account, alice: User, half: Callable[..., None]
) -> None:
    """S98: the state stays "reconnect", the button stays, the next attempt works; no row is added or lost."""
    sandbox.control("grants/revoke", mailbox=ALICE_AT_GOOGLE)
    sync(account)
    assert state(account) == "reconnect"
    before, browser = rows(), signed_in(alice)

    half(browser, sandbox, account)

    sync(account)
    assert state(account) == "reconnect"
    assert f'name="account" value="{account.pk}"' in browser.get(SETTINGS).content.decode()
    assert sign_in(browser, sandbox, ALICE_AT_GOOGLE, account.pk).status_code == 302
    sync(account)
    assert state(account) == "active"
    assert rows() == before


# Rows in which state and credentials disagree


def _without(account: Account) -> None:
    account.sealed_credentials = ""


def _empty(account: Account) -> None:
    account.seal_credentials({})


def _unreadable(account: Account) -> None:
    account.sealed_credentials = "no such seal"


def _dead(account: Account) -> None:
    account.seal_credentials({"access_token": "dead", "refresh_token": "dead"})


def _good(account: Account) -> None:
    """As they were."""


def leave(account: Account, **values: Any) -> None:
    """What a killed process, a restored backup or a lost key leave behind."""
    with every_tenant():
        fields = {"sealed_credentials": account.sealed_credentials} | values
        Account.objects.filter(pk=account.pk).update(**fields)


@pytest.mark.parametrize(
    "spoil", [_without, _empty, _unreadable, _dead], ids=lambda spoil: spoil.__name__.strip("_")
)
def test_account_that_looks_signed_in_without_usable_credentials_asks_to_reconnect(
    sandbox: Sandbox, account: Account, alice: User, spoil: Callable[[Account], None]
) -> None:
    """S98: after its next run it says so, keeps its rows, and reconnecting heals it."""
    before = rows()
    spoil(account)
    leave(account)

    sync(account)

    assert state(account) == "reconnect"
    assert titles(account) == {"Here"}
    assert sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE, account.pk).status_code == 302
    sync(account)
    assert state(account) == "active"
    assert rows() == before


@pytest.mark.parametrize("spoil", [_good, _without, _unreadable], ids=lambda spoil: spoil.__name__.strip("_"))
@pytest.mark.parametrize("auth_state", ["reconnect", "waiting"])
def test_state_follows_the_field_and_not_the_credentials(
    sandbox: Sandbox, account: Account, alice: User, spoil: Callable[[Account], None], auth_state: str
) -> None:
    """S98: good credentials beside "reconnect" are not used behind the user's back; the button is there."""
    before = rows()
    spoil(account)
    leave(account, auth_state=auth_state)
    sandbox.forget("log")

    sync(account)

    assert state(account) == auth_state
    assert sandbox.look("log")["requests"] == []
    assert sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE, account.pk).status_code == 302
    sync(account)
    assert state(account) == "active"
    assert rows() == before


def test_refresh_of_one_connection_leaves_the_persons_other_one_alone(
    sandbox: Sandbox, account: Account, alice: User, connected_account: Connect
) -> None:
    """S63: two mailboxes of one person; the right row only gets the new token and keeps its refresh token."""
    other = connected_account(alice, BOB_AT_GOOGLE)
    drain()
    before = {each.pk: each.credentials for each in (account, other)}
    sandbox.control("tokens/expire", mailbox=ALICE_AT_GOOGLE)

    sync(account)

    with every_tenant():
        after = {each.pk: each.credentials for each in Account.objects.all()}
    assert after[other.pk] == before[other.pk]
    assert after[account.pk]["access_token"] != before[account.pk]["access_token"]
    assert after[account.pk]["refresh_token"] == before[account.pk]["refresh_token"]
