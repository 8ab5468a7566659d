"""A 401 in spite of a fresh token: doubted three times, then confirmed with one question about the mailbox."""

from typing import Any

import pytest
from django.utils import timezone

from calendarsync.engine import pull
from calendarsync.engine.credentials import store_credentials
from calendarsync.engine.run import Outcome
from calendarsync.engine.session import Session
from calendarsync.errors import AccessRefused
from calendarsync.models import Account, Calendar, SyncRun
from calendarsync.providers.google.provider import GoogleMailbox, GoogleProvider
from marketplace.models import User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, make_due, primary, titles
from tests.calendarsync.rows import DAY
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox, sign_in
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
Phase = Calendar.Phase


@pytest.fixture
def account(alice: User, connected_account: Connect, sandbox: Sandbox) -> Account:
    """Alice's mailbox with a second calendar "Team", both completely read; the log is empty."""
    account = connected_account(alice, ALICE_AT_GOOGLE)
    sandbox.control("calendars", mailbox=ALICE_AT_GOOGLE, summary="Team")
    sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE)
    sandbox.add_event(ALICE_AT_GOOGLE, "Here", (timezone.now() + DAY).isoformat())
    drain()
    sandbox.forget("log")
    return account


def calls(sandbox: Sandbox, path: str) -> int:
    return sum(path in request["path"] for request in sandbox.look("log", limit=1000)["requests"])


def refuse(sandbox: Sandbox, path: str) -> None:
    sandbox.control("faults", match={"path": path}, status=401, reason="authError")


def rounds(account: Account, count: int) -> list[Outcome]:
    """So many looks at the primary calendar, each as if its time had come."""
    found = []
    for _ in range(count):
        make_due(account)
        found.append(pull.run_lane(primary(account).pk))
    return found


def state(account: Account) -> tuple[str, str]:
    with every_tenant():
        return Account.objects.values_list("auth_state", "error_code").get(pk=account.pk)


def test_refusal_in_spite_of_a_fresh_token_is_a_delay_at_first(sandbox: Sandbox, account: Account) -> None:
    refuse(sandbox, "/events")

    rounds(account, 3)

    calendar = primary(account)
    assert (calendar.error_code, calendar.failures, calendar.phase) == ("access_refused", 3, Phase.LIVE)
    assert calendar.not_before is not None
    assert calendar.not_before > timezone.now()
    assert state(account) == (Account.AuthState.OK, "")
    assert calls(sandbox, "/token") == 3
    assert calls(sandbox, "calendarList/primary") == 0


def test_refusal_everywhere_parks_the_account_once(sandbox: Sandbox, account: Account) -> None:
    """The mailbox is asked one question, and refused there too: the grant is dead whatever the token endpoint says."""
    refuse(sandbox, "/events|/calendarList/primary")

    rounds(account, 4)
    make_due(account)
    again = drain()

    assert state(account) == (Account.AuthState.RECONNECT, "reconnect_needed")
    assert again == []
    assert calls(sandbox, "calendarList/primary") == 1
    assert calls(sandbox, "/token") == 4
    assert titles(account) == {"Here"}
    with every_tenant():
        assert SyncRun.objects.filter(error_code="reconnect_needed").count() == 1


def test_refusal_of_one_calendar_closes_that_one_and_no_other(sandbox: Sandbox, account: Account) -> None:
    refuse(sandbox, f"/calendars/{ALICE_AT_GOOGLE}/events")

    rounds(account, 4)

    closed = primary(account)
    assert (closed.phase, closed.error_code) == (Phase.NO_ACCESS, "forbidden")
    assert closed.next_poll_at is not None
    assert closed.next_poll_at > timezone.now() + DAY / 2
    assert state(account) == (Account.AuthState.OK, "")
    with every_tenant():
        team = Calendar.objects.get(name="Team")
        Calendar.objects.filter(pk=team.pk).update(next_poll_at=timezone.now())
    assert pull.run_lane(team.pk) is Outcome.DONE


def test_calendar_that_stays_closed_is_asked_for_once_a_day(sandbox: Sandbox, account: Account) -> None:
    refuse(sandbox, f"/calendars/{ALICE_AT_GOOGLE}/events")
    rounds(account, 4)
    sandbox.forget("log")

    rounds(account, 1)

    assert (primary(account).phase, primary(account).error_code) == (Phase.NO_ACCESS, "forbidden")
    assert (calls(sandbox, "/token"), calls(sandbox, "calendarList/primary")) == (1, 1)
    sandbox.forget("faults")
    make_due(account)
    drain()
    assert (primary(account).phase, primary(account).error_code) == (Phase.LIVE, "")


@pytest.mark.parametrize(
    ("fault", "code"),
    [({"status": 503}, "unavailable"), ({"status": 429, "retry_after": 60}, "access_refused")],
)
def test_question_that_finds_no_answer_decides_nothing(
    sandbox: Sandbox, account: Account, fault: dict[str, Any], code: str
) -> None:
    refuse(sandbox, "/events")
    rounds(account, 3)
    sandbox.control("faults", match={"path": "calendarList/primary"}, **fault)

    rounds(account, 1)

    assert state(account)[0] == Account.AuthState.OK
    assert (primary(account).phase, primary(account).error_code) == (Phase.LIVE, code)


def test_success_between_refusals_lets_the_doubts_begin_anew(sandbox: Sandbox, account: Account) -> None:
    refuse(sandbox, "/events|/calendarList/primary")
    rounds(account, 3)
    sandbox.forget("faults")
    rounds(account, 1)
    refuse(sandbox, "/events|/calendarList/primary")

    rounds(account, 3)

    assert state(account)[0] == Account.AuthState.OK


def test_another_failure_between_refusals_lets_the_doubts_begin_anew(
    sandbox: Sandbox, account: Account
) -> None:
    refuse(sandbox, "/events|/calendarList/primary")
    rounds(account, 2)
    sandbox.forget("faults")
    sandbox.control("faults", match={"path": "/events"}, status=500)
    rounds(account, 1)
    sandbox.forget("faults")
    refuse(sandbox, "/events|/calendarList/primary")

    rounds(account, 3)

    assert state(account)[0] == Account.AuthState.OK
    rounds(account, 1)
    assert state(account)[0] == Account.AuthState.RECONNECT


def test_credentials_that_another_worker_renewed_are_used_before_anything_is_concluded(
    sandbox: Sandbox, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S60: while this run refreshed, the owner reconnected; only the newest token is accepted."""
    mine = "renewed by this run"
    real_refresh, real_list = GoogleProvider.refresh, GoogleMailbox.list_calendars
    with every_tenant():
        elsewhere = Account.objects.get(pk=account.pk)

    def renewed(self: GoogleProvider, credentials: Any) -> dict[str, Any]:
        return {**real_refresh(self, credentials), "access_token": mine}

    def listed(self: GoogleMailbox) -> Any:
        with every_tenant():
            elsewhere.refresh_from_db()
            if elsewhere.credentials["access_token"] == mine:
                newest = real_refresh(GoogleProvider(), elsewhere.credentials)
                assert store_credentials(elsewhere, newest)
        return real_list(self)

    monkeypatch.setattr(GoogleProvider, "refresh", renewed)
    monkeypatch.setattr(GoogleMailbox, "list_calendars", listed)
    sandbox.control("tokens/expire", mailbox=ALICE_AT_GOOGLE)

    with tenant_scope(account.tenant):
        session = Session(Account.objects.get(pk=account.pk), timezone.now)
        found = session.list_calendars()
        session.close()

    assert len(found) == 2


def test_refused_session_ends_after_one_refresh(sandbox: Sandbox, account: Account) -> None:
    refuse(sandbox, "calendarList")

    with tenant_scope(account.tenant), pytest.raises(AccessRefused):
        Session(Account.objects.get(pk=account.pk), timezone.now).list_calendars()

    assert calls(sandbox, "/token") == 1
    assert calls(sandbox, "calendarList") == 2
