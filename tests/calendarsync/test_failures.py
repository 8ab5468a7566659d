"""Every way to fail, over the sandbox: whom it concerns, how long it waits, what is kept, and who goes on."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.utils import timezone

from calendarsync.engine import pull
from calendarsync.engine.failures import named
from calendarsync.engine.run import Outcome
from calendarsync.engine.session import Session
from calendarsync.errors import Retry, SyncError, sentence_of
from calendarsync.models import Account, Calendar, SyncRun
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.driving import drain, make_due, primary, titles
from tests.calendarsync.failing import break_primary, reread, run_primary, run_team
from tests.calendarsync.rows import DAY, HOUR, MINUTE
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox, sign_in
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
Phase = Calendar.Phase
OK, RECONNECT, WAITING = Account.AuthState.OK, Account.AuthState.RECONNECT, Account.AuthState.WAITING
SECONDS = timedelta(seconds=1)


@pytest.fixture
def account(team_account: Account) -> Account:
    """Alice's mailbox; see team_account."""
    return team_account


class Row(NamedTuple):
    """What a fault leaves behind. `wait` is the least and the most; None: never by itself."""

    fault: dict[str, Any]
    code: str
    wait: tuple[timedelta, timedelta] | None
    auth: str = OK
    phase: str = Phase.LIVE
    team: Outcome = Outcome.DONE
    outcome: Outcome = Outcome.FAILED


SOON, DAILY = (0 * SECONDS, 10 * SECONDS), (18 * HOUR, 24 * HOUR)
QUARTER = (15 * MINUTE, 16.5 * MINUTE)
SHUT = Outcome.NOT_CLAIMED
ROWS = [
    Row({"status": 403, "reason": "insufficientPermissions"}, "permission_missing", None, RECONNECT, team=SHUT),
    Row({"status": 403, "reason": "admin_policy_enforced"}, "approval_needed", None, WAITING, team=SHUT),
    Row({"status": 403, "reason": "accessNotConfigured"}, "setup_faulty", DAILY),
    Row({"status": 403, "reason": "forbidden"}, "forbidden", DAILY, phase=Phase.NO_ACCESS),
    Row({"status": 403, "reason": "unheardOf"}, "forbidden", DAILY, phase=Phase.NO_ACCESS),
    Row({"status": 403, "reason": "quotaExceeded"}, "writing_blocked", (30 * MINUTE, HOUR)),
    Row({"status": 404, "reason": "notFound"}, "gone", SOON, outcome=Outcome.MISSING),
    Row({"status": 410, "reason": "deleted"}, "gone", SOON, outcome=Outcome.MISSING),
    Row({"status": 409, "reason": "conflict"}, "changed_elsewhere", SOON),
    Row({"status": 412, "reason": "conditionNotMet"}, "changed_elsewhere", SOON),
    Row({"status": 400, "reason": "badRequest"}, "refused", DAILY, phase=Phase.RESYNC),
    Row({"status": 401, "reason": "authError"}, "access_refused", (30 * SECONDS, MINUTE)),
    Row({"status": 408}, "unavailable", SOON),
    Row({"status": 500, "reason": "backendError"}, "unavailable", SOON),
    Row({"status": 502, "body": "html"}, "unavailable", SOON),
    Row({"body": "html"}, "unavailable", SOON),
    Row({"body": "truncated"}, "unavailable", SOON),
    Row({"body": "reset"}, "unavailable", SOON),
    Row({"body": "empty"}, "unavailable", SOON),
    Row({"body": '{"items": [], "nextSyncToken": ""}'}, "unavailable", SOON),
    Row({"body": '{"items": {}}'}, "unavailable", SOON),
    Row({"status": 503, "retry_after": 120}, "unavailable", (120 * SECONDS, 132 * SECONDS), team=SHUT),
    Row({"status": 403, "reason": "quotaExceeded", "retry_after": 900}, "writing_blocked", QUARTER, team=SHUT),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(map(str, row.fault.values())))
def test_failure_stands_where_it_belongs_and_stops_no_more_than_that(
    sandbox: Sandbox, account: Account, row: Row
) -> None:
    """S67, S68: class, scope, wait, state; a failing calendar blocks no other unless the mailbox is at fault."""
    began = timezone.now()
    break_primary(sandbox, **row.fault)

    outcome = run_primary(account)

    calendar = primary(account)
    assert outcome is row.outcome
    assert (calendar.error_code, calendar.failures, calendar.phase) == (row.code, 1, row.phase)
    if row.wait is None:
        assert calendar.not_before is None
    else:
        assert calendar.not_before is not None
        assert row.wait[0] <= calendar.not_before - began <= row.wait[1] + MINUTE
    assert reread(account).auth_state == row.auth
    assert run_team(account) is row.team
    assert titles(account) == {"Here"}
    with every_tenant():
        assert SyncRun.objects.filter(outcome="failed", error_code=row.code).count() == 1


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(map(str, row.fault.values())))
def test_failure_ends_with_its_cause(sandbox: Sandbox, account: Account, alice: User, row: Row) -> None:
    """Nothing is for ever: the same rows go on, and what changed meanwhile is there."""
    break_primary(sandbox, **row.fault)
    run_primary(account)
    sandbox.forget("faults")
    sandbox.add_event(ALICE_AT_GOOGLE, "Meanwhile", (timezone.now() + DAY).isoformat())
    if row.auth != OK:
        sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE)

    make_due(account)
    drain()

    assert titles(account) == {"Here", "Meanwhile"}
    assert (primary(account).error_code, primary(account).failures) == ("", 0)
    assert primary(account).phase == Phase.LIVE


def test_every_error_of_reading_is_in_the_table() -> None:
    elsewhere = {
        "sync_error", "sync_token_void", "voided_often", "access_expired", "refresh_elsewhere",
        "reconnect_needed", "throttled", "storage_away", "unexpected", "unexpected_again",
    }  # fmt: skip

    assert {row.code for row in ROWS} | elsewhere == set(SyncError.by_code) | {"sync_error"}


# Void tokens


@pytest.mark.parametrize(
    "fault", [(410, "fullSyncRequired"), (410, "updatedMinTooLongAgo"), (400, "invalid")]
)
def test_void_sync_token_is_no_failure(sandbox: Sandbox, account: Account, fault: tuple[int, str]) -> None:
    """Everything is read again within the same run."""
    sandbox.control("faults", match={"query": "syncToken="}, status=fault[0], reason=fault[1], times=1)

    outcome = run_primary(account)

    assert outcome is Outcome.COMPLETE
    assert (primary(account).phase, primary(account).error_code) == (Phase.LIVE, "")


# Bugs of ours


class Trouble(Exception):
    """A bug."""


def stumble(monkeypatch: pytest.MonkeyPatch, calendar: Calendar, error: Exception) -> None:
    """Reading this calendar, and no other, ends in `error`."""
    real = Session.pull

    def pulled(session: Session, asked: Calendar, *more: Any) -> Any:
        if asked.pk == calendar.pk:
            raise error
        return real(session, asked, *more)

    monkeypatch.setattr(Session, "pull", pulled)


def test_bug_is_raised_for_the_log_and_waits_like_a_failure(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    stumble(monkeypatch, primary(account), Trouble("Dinner with Carla"))

    with pytest.raises(Trouble):
        run_primary(account)

    calendar = primary(account)
    assert (calendar.error_code, calendar.failures) == ("unexpected", 1)
    assert calendar.error_detail.startswith("kind=Trouble at=test_failures.py:")
    assert "Carla" not in calendar.error_detail


def test_bug_for_the_fifth_time_in_a_row_is_tried_daily_and_others_go_on(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = timezone.now()
    stumble(monkeypatch, primary(account), Trouble())

    seen = []
    for _ in range(6):
        with pytest.raises(Trouble):
            run_primary(account)
        seen.append(primary(account).error_code)

    assert seen == ["unexpected"] * 4 + ["unexpected_again"] * 2
    not_before = primary(account).not_before
    assert not_before is not None
    assert 17 * HOUR <= not_before - began <= 25 * HOUR
    assert sentence_of(seen[-1]) != sentence_of(seen[0])
    assert run_team(account) is Outcome.DONE
    monkeypatch.undo()
    assert run_primary(account) is Outcome.DONE
    assert primary(account).error_code == ""


def test_other_failures_between_bugs_are_not_counted_as_bugs(
    sandbox: Sandbox, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_primary(sandbox, status=500)
    for _ in range(4):
        run_primary(account)
    stumble(monkeypatch, primary(account), Trouble())

    with pytest.raises(Trouble):
        run_primary(account)

    assert (primary(account).error_code, primary(account).failures) == ("unexpected", 5)


@pytest.mark.parametrize("leaf", SyncError.by_code.values(), ids=lambda leaf: leaf.__name__)
def test_error_of_ours_keeps_its_name(leaf: type[SyncError]) -> None:
    error = leaf()

    assert named(error) is error
    assert (leaf.retry is Retry.NEVER) == (
        leaf.code in {"reconnect_needed", "permission_missing", "approval_needed"}
    )


def test_wait_is_named_by_the_row(account: Account, sandbox: Sandbox) -> None:
    """What the settings tab says about the next attempt is what the claim obeys."""
    break_primary(sandbox, status=503)
    run_primary(account)
    calendar = primary(account)

    assert calendar.not_before == calendar.next_poll_at
    assert isinstance(calendar.not_before, datetime)
    with every_tenant():
        Calendar.objects.filter(pk=calendar.pk).update(not_before=calendar.not_before + HOUR)
    assert pull.run_lane(calendar.pk) is Outcome.NOT_CLAIMED
