"""Refreshing a grant: once, whoever notices; never an old answer over a newer one; trouble named for what it is."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from calendarsync.engine import pull
from calendarsync.engine.credentials import fresh_credentials, store_credentials
from calendarsync.engine.run import Outcome
from calendarsync.engine.session import Session
from calendarsync.errors import ReconnectNeeded, RefreshElsewhere, SetupFaulty, SyncError, Unavailable
from calendarsync.models import Account, Calendar, SyncRun
from calendarsync.providers.google.provider import GoogleProvider
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, make_due, sync
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, BOB_AT_GOOGLE, Sandbox, sign_in
from tests.calendarsync.together import at_once, shared_database
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(alice: User, connected_account: Connect, sandbox: Sandbox) -> Account:
    """Alice's account, just signed in; the sandbox's log is empty."""
    account = connected_account(alice, ALICE_AT_GOOGLE)
    sandbox.forget("log")
    return account


def reread(account: Account) -> Account:
    with every_tenant():
        return Account.objects.select_related("owner", "tenant").get(pk=account.pk)


def age(account: Account) -> None:
    """As if the access token had run out an hour ago."""
    with every_tenant():
        store_credentials(account, {**account.credentials, "expires_at": time.time() - 3600})


def token_calls(sandbox: Sandbox) -> int:
    return sum(request["path"] == "/token" for request in sandbox.look("log")["requests"])


def refreshed(account: Account, **refused: int) -> dict[str, Any]:
    with every_tenant():
        return fresh_credentials(reread(account), timezone.now(), **refused)


def persistently(account: Account) -> str:
    """Ask again while another worker refreshes, as the engine does; returns the access token."""
    for _ in range(100):
        try:
            return str(refreshed(account)["access_token"])
        except RefreshElsewhere:
            time.sleep(0.02)
    raise AssertionError("the refresh never came to an end")


def test_living_token_is_used_as_it_is(account: Account, sandbox: Sandbox):
    assert refreshed(account) == account.credentials
    assert token_calls(sandbox) == 0


def test_ended_token_is_refreshed_and_stored(account: Account, sandbox: Sandbox):
    age(account)
    before = reread(account)

    renewed = refreshed(account)

    assert renewed["access_token"] != before.credentials["access_token"]
    assert renewed["expires_at"] > time.time() + 3000
    after = reread(account)
    assert after.credentials == renewed
    assert (after.cred_version, after.refreshing_until) == (before.cred_version + 1, None)


def test_answer_without_a_refresh_token_keeps_the_old_one(account: Account):
    """S63"""
    kept = account.credentials["refresh_token"]
    age(account)

    assert refreshed(account)["refresh_token"] == kept
    assert reread(account).credentials["refresh_token"] == kept


def test_eight_workers_with_an_ended_token_make_one_refresh(
    account: Account, sandbox: Sandbox, tmp_path: Path
):
    """S59"""
    age(account)
    sandbox.control("latency", ms=100, match={"path": "/token"})

    with shared_database(tmp_path):
        tokens = at_once(8, lambda: persistently(account))
        state = reread(account).auth_state

    assert len(set(tokens)) == 1
    assert token_calls(sandbox) == 1
    assert state == Account.AuthState.OK


def test_eight_refused_tokens_make_one_refresh(account: Account, sandbox: Sandbox, tmp_path: Path):
    """S59: the provider ended the token early; whoever comes late adopts the new one."""
    sandbox.control("tokens/expire", mailbox=ALICE_AT_GOOGLE)

    def read_list() -> int:
        with every_tenant():
            session = Session(reread(account), timezone.now)
            for _ in range(100):
                try:
                    return len(session.list_calendars())
                except RefreshElsewhere:
                    time.sleep(0.02)
                finally:
                    session.close()
        raise AssertionError("the refresh never came to an end")

    with shared_database(tmp_path):
        found = at_once(8, read_list)

    assert found == [1] * 8
    assert token_calls(sandbox) == 1


def test_worker_that_died_while_refreshing_blocks_nobody_for_long(account: Account):
    age(account)
    with every_tenant():
        Account.objects.update(refreshing_until=timezone.now() - timedelta(seconds=1))

    assert refreshed(account)["access_token"]


def test_older_answer_never_overwrites_a_newer_one(account: Account):
    """S60"""
    early, late = reread(account), reread(account)

    with every_tenant():
        assert store_credentials(early, {"access_token": "newer", "refresh_token": "r"})
        assert not store_credentials(late, {"access_token": "older", "refresh_token": "r"})

    assert reread(account).credentials["access_token"] == "newer"


def test_answer_that_arrives_after_a_reconnect_is_dropped(
    account: Account, alice: User, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
):
    """S60"""
    age(account)
    ask, late = GoogleProvider.refresh, []

    def answered_late(self: GoogleProvider, credentials: Any) -> dict[str, Any]:
        late.append(ask(self, credentials))
        sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE)
        return late[0]

    monkeypatch.setattr(GoogleProvider, "refresh", answered_late)

    adopted = refreshed(account)

    assert adopted == reread(account).credentials
    assert adopted["access_token"] != late[0]["access_token"]


FAILING = [
    {"status": 500},
    {"status": 503},
    {"status": 429},
    {"status": 502, "body": "html"},
    {"body": "html"},
    {"body": "truncated"},
    {"body": "empty"},
    {"body": "reset"},
    {"body": "[]"},
    {"body": '"text"'},
    {"body": "{}"},
    {"body": '{"access_token": null}'},
    {"body": '{"access_token": "a", "expires_in": "soon"}'},
    {"body": '{"access_token": "a", "expires_in": []}'},
]


@pytest.mark.parametrize("fault", FAILING, ids=lambda fault: " ".join(map(str, fault.values())))
def test_token_endpoint_that_fails_is_a_delay(fault: dict[str, Any], account: Account, sandbox: Sandbox):
    """S65: no reconnect, no retries of the library's own, nothing lost."""
    age(account)
    kept = reread(account).credentials
    sandbox.control("faults", match={"path": "/token"}, **fault)
    started = time.monotonic()

    with pytest.raises(Unavailable):
        refreshed(account)

    assert time.monotonic() - started < 0.9
    assert token_calls(sandbox) == 1
    assert reread(account).credentials == kept


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("invalid_grant", ReconnectNeeded),
        ("invalid_client", SetupFaulty),
        ("deleted_client", SetupFaulty),
        ("unheard_of", Unavailable),
    ],
)
def test_refusal_of_the_token_endpoint_has_its_own_name(
    reason: str, expected: type[SyncError], account: Account, sandbox: Sandbox
):
    age(account)
    sandbox.control("faults", match={"path": "/token"}, status=400, reason=reason)

    with pytest.raises(expected):
        refreshed(account)


def test_account_without_a_refresh_token_must_reconnect(account: Account, sandbox: Sandbox):
    with every_tenant():
        store_credentials(account, {"access_token": "a", "refresh_token": "", "expires_at": 0})

    with pytest.raises(ReconnectNeeded):
        refreshed(account)
    assert token_calls(sandbox) == 0


def test_failing_token_endpoint_delays_the_lane_and_leaves_the_account_signed_in(
    account: Account, sandbox: Sandbox
):
    """S65"""
    age(account)
    sandbox.control("faults", match={"path": "/token"}, status=503)

    assert drain() == [Outcome.FAILED]

    with every_tenant():
        calendar = Calendar.objects.get()
    assert (calendar.error_code, calendar.failures) == ("unavailable", 1)
    assert calendar.not_before is not None
    assert calendar.not_before > timezone.now()
    assert reread(account).auth_state == Account.AuthState.OK


def test_failed_refresh_delays_every_lane_that_meets_it_and_keeps_none_waiting_for_another(
    account: Account, alice: User, sandbox: Sandbox
):
    """S65: each backs off by itself; when the endpoint answers again, the first to come refreshes for all."""
    sandbox.control("calendars", mailbox=ALICE_AT_GOOGLE, summary="Team")
    sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE)
    age(reread(account))
    sandbox.control("faults", match={"path": "/token"}, status=503)
    sandbox.forget("log")

    assert drain() == [Outcome.FAILED] * 2

    with every_tenant():
        assert set(Calendar.objects.values_list("error_code", "failures")) == {("unavailable", 1)}
    assert reread(account).refreshing_until is None
    sandbox.forget("faults")
    assert Outcome.FAILED not in sync(account)
    assert token_calls(sandbox) == 3


def test_time_that_the_token_endpoint_names_holds_the_whole_mailbox(account: Account, sandbox: Sandbox):
    """S65, S66"""
    age(account)
    sandbox.control("faults", match={"path": "/token"}, status=503, retry_after=120)
    began = timezone.now()

    drain()

    blocked = reread(account).blocked_until
    assert blocked is not None
    assert timedelta(seconds=120) <= blocked - began <= timedelta(seconds=200)
    assert reread(account).auth_state == Account.AuthState.OK


def test_refresh_of_one_connection_leaves_the_other_of_the_same_person_alone(
    account: Account, alice: User, sandbox: Sandbox, connected_account: Connect
):
    """S63: two mailboxes of one person."""
    other = connected_account(alice, BOB_AT_GOOGLE)
    before = other.sealed_credentials, other.cred_version
    age(account)

    refreshed(account)

    after = reread(other)
    assert (after.sealed_credentials, after.cred_version) == before
    assert after.address == BOB_AT_GOOGLE


def test_revoked_grant_parks_the_account_once_for_all_its_lanes(
    account: Account, alice: User, sandbox: Sandbox
):
    """S61"""
    for name in ("Holidays", "Team"):
        sandbox.control("calendars", mailbox=ALICE_AT_GOOGLE, summary=name)
    sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE)
    sandbox.control("grants/revoke", mailbox=ALICE_AT_GOOGLE)
    age(reread(account))
    sandbox.forget("log")

    outcomes = drain()

    assert outcomes.count(Outcome.FAILED) == 1
    assert token_calls(sandbox) == 1
    parked = reread(account)
    assert (parked.auth_state, parked.error_code) == (Account.AuthState.RECONNECT, "reconnect_needed")
    with every_tenant():
        assert SyncRun.objects.filter(outcome="failed").count() == 1
    make_due(account)
    assert drain() == []


def test_late_refusal_does_not_park_an_account_that_was_reconnected(
    account: Account, alice: User, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
):
    """S98: the failure belongs to the grant it was asked with."""
    sandbox.control(
        "faults", match={"path": "/events"}, status=403, reason="insufficientPermissions", times=1
    )
    asked = Session.pull

    def reconnect_meanwhile(self: Session, *position: Any) -> Any:
        try:
            return asked(self, *position)
        finally:
            sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE)

    monkeypatch.setattr(Session, "pull", reconnect_meanwhile)

    with every_tenant():
        pull.run_lane(Calendar.objects.get().pk)

    assert reread(account).auth_state == Account.AuthState.OK


def test_lost_encryption_key_asks_for_a_new_sign_in(account: Account, settings: Settings):
    settings.FIELD_ENCRYPTION_KEYS = ["bG9zdC1rZXktbG9zdC1rZXktbG9zdC1rZXktbG9zdC0="]

    sync(account)

    with every_tenant():
        account.refresh_from_db()
    assert account.auth_state == Account.AuthState.RECONNECT
