"""The engine against the sandbox: near first, the history behind it, changes, deletions, failures."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from calendarsync.domain import Page
from calendarsync.engine import lane, pull
from calendarsync.engine import run as attempt
from calendarsync.engine.apply import apply_page
from calendarsync.engine.run import Outcome
from calendarsync.engine.session import Session
from calendarsync.models import Account, Calendar, Cursor, Event, Signal, SkippedItem, SyncRun
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, event_named, make_due, primary, sync, titles
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
Phase = Calendar.Phase


@pytest.fixture
def account(alice: User, connected_account: Connect) -> Account:
    """Alice's mailbox, signed in; nothing has been read yet."""
    return connected_account(alice, ALICE_AT_GOOGLE)


def in_days(days: int) -> str:
    """An hour on a day from today, as RFC 3339."""
    return (timezone.now() + timedelta(days=days)).replace(microsecond=0).isoformat()


def test_near_weeks_are_there_before_the_history(sandbox: Sandbox, account: Account) -> None:
    sandbox.add_event(ALICE_AT_GOOGLE, "Tomorrow", in_days(1))
    sandbox.add_event(ALICE_AT_GOOGLE, "Long ago", in_days(-900))

    outcome = pull.run_lane(primary(account).pk)

    assert outcome is Outcome.CONTINUE
    assert titles(account) == {"Tomorrow"}
    drain()
    assert titles(account) == {"Tomorrow", "Long ago"}
    assert primary(account).phase == Phase.LIVE


def test_an_event_deleted_between_near_weeks_and_history_disappears(
    sandbox: Sandbox, account: Account
) -> None:
    event = sandbox.add_event(ALICE_AT_GOOGLE, "Short life", in_days(1))
    pull.run_lane(primary(account).pk)

    sandbox.control("events/delete", mailbox=ALICE_AT_GOOGLE, id=event["id"])
    drain()

    assert titles(account) == set()


def test_all_pages_of_a_large_mailbox_are_read(sandbox: Sandbox, account: Account) -> None:
    """S3: more events than fit on a page."""
    sandbox.add_mailbox(ALICE_AT_GOOGLE, events=320)
    sandbox.control("pages", size=50)

    drain()

    with every_tenant():
        assert Event.objects.living().filter(calendar__account=account).count() >= 320


def test_empty_pages_do_not_end_a_reading(sandbox: Sandbox, account: Account) -> None:
    """S2: an empty page with a next token."""
    sandbox.add_event(ALICE_AT_GOOGLE, "Behind empty pages", in_days(1))
    sandbox.control("pages", empties=3)

    drain()

    assert titles(account) == {"Behind empty pages"}


def test_a_killed_reading_continues_with_the_page_after_the_last_commit(
    sandbox: Sandbox, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S1, S23: the process dies between two pages; the next run resumes and the result is whole."""
    sandbox.add_mailbox(ALICE_AT_GOOGLE, events=200)
    sandbox.control("pages", size=40)
    calendar_id = primary(account).pk
    pull.run_lane(calendar_id)
    real = apply_page
    pages = 0

    def die_on_the_third_page(*args: object, **kwargs: object) -> object:
        nonlocal pages
        pages += 1
        if pages == 3:
            raise KeyboardInterrupt
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(attempt, "apply_page", die_on_the_third_page)
    with pytest.raises(KeyboardInterrupt):
        pull.run_lane(calendar_id)
    monkeypatch.undo()
    with every_tenant():
        token = Cursor.objects.get(calendar=calendar_id, stream="full").page_token
        Calendar.objects.filter(pk=calendar_id).update(lease_until=timezone.now() - timedelta(seconds=1))
    sandbox.forget("log")

    drain()

    asked = [entry for entry in sandbox.look("log")["requests"] if "maxResults=2500" in entry["path"]]
    assert token
    assert len(asked) < 6
    with every_tenant():
        assert Event.objects.living().filter(calendar=calendar_id).count() >= 200


def test_a_change_at_the_provider_arrives_with_the_next_run(sandbox: Sandbox, account: Account) -> None:
    event = sandbox.add_event(ALICE_AT_GOOGLE, "Intake", in_days(2))
    drain()
    before = event_named(account, "Intake")
    revision = primary(account).revision

    sandbox.control(
        "events/patch", mailbox=ALICE_AT_GOOGLE, id=event["id"], changes={"summary": "Intake moved"}
    )
    sync(account)

    after = event_named(account, "Intake moved")
    assert after.pk == before.pk
    assert primary(account).revision == revision + 1


def test_a_run_without_news_writes_nothing_visible(sandbox: Sandbox, account: Account) -> None:
    """S16: a delta of nothing keeps revision and history still and renews the last success."""
    sandbox.add_event(ALICE_AT_GOOGLE, "Quiet", in_days(2))
    drain()
    before = primary(account)
    with every_tenant():
        runs = SyncRun.objects.count()

    sync(account)

    after = primary(account)
    assert after.revision == before.revision
    assert after.last_ok_at is not None
    assert before.last_ok_at is not None
    assert after.last_ok_at > before.last_ok_at
    with every_tenant():
        assert SyncRun.objects.count() == runs


def test_a_deletion_removes_exactly_that_event(sandbox: Sandbox, account: Account) -> None:
    """S7, S9: absence from a delta means nothing, a tombstone without times means gone."""
    event = sandbox.add_event(ALICE_AT_GOOGLE, "Goes", in_days(2))
    sandbox.add_event(ALICE_AT_GOOGLE, "Stays", in_days(3))
    drain()

    sandbox.control("events/delete", mailbox=ALICE_AT_GOOGLE, id=event["id"])
    sync(account)

    assert titles(account) == {"Stays"}


def test_an_expired_sync_token_heals_without_loss_or_duplicates(sandbox: Sandbox, account: Account) -> None:
    """S4: 410, five deleted in the gap; the other rows keep their ids and nothing is written at the provider."""
    ids = [sandbox.add_event(ALICE_AT_GOOGLE, f"Event {n}", in_days(n % 60 - 20))["id"] for n in range(40)]
    drain()
    with every_tenant():
        before = dict(Event.objects.living().values_list("remote_id", "pk"))
    sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)
    for remote_id in ids[:5]:
        sandbox.control("events/delete", mailbox=ALICE_AT_GOOGLE, id=remote_id)
    sandbox.forget("log")

    sync(account)

    with every_tenant():
        after = dict(Event.objects.living().values_list("remote_id", "pk"))
    assert after == {remote_id: pk for remote_id, pk in before.items() if remote_id not in ids[:5]}
    assert {entry["method"] for entry in sandbox.look("log")["requests"]} == {"GET"}
    assert primary(account).phase == Phase.LIVE


def test_a_failed_page_during_a_resync_removes_nothing(sandbox: Sandbox, account: Account) -> None:
    """S5: the full reading breaks off; without its end nothing is known to be gone."""
    for n in range(30):
        sandbox.add_event(ALICE_AT_GOOGLE, f"Event {n}", in_days(n))
    drain()
    sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)
    sandbox.control("pages", size=10)
    sandbox.control("faults", match={"path": "/events", "mailbox": ALICE_AT_GOOGLE}, status=500, after=2)

    sync(account)

    assert len(titles(account)) == 30
    assert primary(account).failures == 1
    sandbox.forget("faults")
    sync(account)
    assert len(titles(account)) == 30
    assert primary(account).phase == Phase.LIVE


@pytest.mark.parametrize("body", ["html", "truncated", "empty", "reset", "[]", "{}"])
def test_a_foreign_answer_is_a_delay_and_nothing_is_applied(
    sandbox: Sandbox, account: Account, body: str
) -> None:
    """S15, S68: HTML, half a document, nothing, a reset connection, other JSON, a last page without a token."""
    sandbox.add_event(ALICE_AT_GOOGLE, "Here", in_days(2))
    drain()
    with every_tenant():
        token = Cursor.objects.get(calendar=primary(account).pk, stream="full").sync_token
    sandbox.control("faults", match={"path": "/events"}, body=body, times=1)

    outcomes = sync(account)

    assert Outcome.FAILED in outcomes
    calendar = primary(account)
    assert calendar.error_code == "unavailable"
    assert calendar.not_before is not None
    assert titles(account) == {"Here"}
    with every_tenant():
        assert Cursor.objects.get(calendar=calendar.pk, stream="full").sync_token == token


def test_bad_items_are_listed_and_the_rest_arrives(sandbox: Sandbox, account: Account) -> None:
    sandbox.add_event(ALICE_AT_GOOGLE, "Good", in_days(2))
    sandbox.control("malformed", mailbox=ALICE_AT_GOOGLE)

    drain()

    assert "Good" in titles(account)
    assert primary(account).phase == Phase.LIVE
    with every_tenant():
        skipped = SkippedItem.objects.filter(calendar__account=account)
        assert skipped.count() >= 4
        assert all(item.reason for item in skipped)


def test_a_throttle_holds_the_whole_mailbox_and_counts_as_no_failure(
    sandbox: Sandbox, account: Account
) -> None:
    """S66, S67: 403 rateLimitExceeded with Retry-After."""
    drain()
    sandbox.control(
        "faults", match={"path": "/events"}, status=403, reason="rateLimitExceeded", retry_after=90, times=1
    )

    sync(account)

    with every_tenant():
        account.refresh_from_db()
    assert account.blocked_until is not None
    assert timedelta(seconds=60) < account.blocked_until - timezone.now() <= timedelta(seconds=99)
    assert primary(account).failures == 0
    assert not lane.claim(primary(account).pk, timezone.now())


def test_a_calendar_that_may_not_be_read_does_not_stop_the_others(sandbox: Sandbox, account: Account) -> None:
    """S67: 403 forbidden parks one lane; its data stays."""
    drain()
    sandbox.add_event(ALICE_AT_GOOGLE, "Here", in_days(2))
    sync(account)
    sandbox.control("faults", match={"path": "/events"}, status=403, reason="forbidden", times=1)

    sync(account)

    calendar = primary(account)
    assert calendar.phase == Phase.NO_ACCESS
    assert calendar.next_poll_at is not None
    assert calendar.next_poll_at > timezone.now() + timedelta(hours=12)
    assert titles(account) == {"Here"}
    sync(account)
    assert primary(account).phase == Phase.LIVE


def test_a_revoked_grant_parks_the_account_once_and_keeps_its_data(
    sandbox: Sandbox, account: Account
) -> None:
    """S61."""
    sandbox.add_event(ALICE_AT_GOOGLE, "Here", in_days(2))
    drain()
    sandbox.control("grants/revoke", mailbox=ALICE_AT_GOOGLE)

    sync(account)
    make_due(account)
    again = drain()

    with every_tenant():
        account.refresh_from_db()
    assert account.auth_state == Account.AuthState.RECONNECT
    assert again == []
    assert titles(account) == {"Here"}


def test_reconnecting_keeps_every_row(
    sandbox: Sandbox, account: Account, alice: User, connected_account: Connect
) -> None:
    """S61: same account, same calendars, same events; reading goes on."""
    sandbox.add_event(ALICE_AT_GOOGLE, "Here", in_days(2))
    drain()
    before = event_named(account, "Here").pk
    sandbox.control("grants/revoke", mailbox=ALICE_AT_GOOGLE)
    sync(account)

    again = connected_account(alice, ALICE_AT_GOOGLE)
    sandbox.add_event(ALICE_AT_GOOGLE, "New", in_days(3))
    sync(again)

    assert again.pk == account.pk
    assert again.auth_state == Account.AuthState.OK
    assert event_named(account, "Here").pk == before
    assert titles(account) == {"Here", "New"}


def test_an_expired_access_token_is_refreshed_within_the_run(sandbox: Sandbox, account: Account) -> None:
    drain()
    sandbox.add_event(ALICE_AT_GOOGLE, "After refresh", in_days(2))
    sandbox.control("tokens/expire", mailbox=ALICE_AT_GOOGLE)

    outcomes = sync(account)

    assert Outcome.FAILED not in outcomes
    assert titles(account) == {"After refresh"}


def test_another_question_is_never_continued_with_an_old_sync_token(
    sandbox: Sandbox, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S13: a release that reads differently reads everything once more, ids kept."""
    sandbox.add_event(ALICE_AT_GOOGLE, "Here", in_days(2))
    drain()
    before = event_named(account, "Here").pk
    monkeypatch.setattr("calendarsync.providers.google.mapping.VERSION", 999)

    sync(account)

    assert event_named(account, "Here").pk == before
    with every_tenant():
        assert SyncRun.objects.filter(phase=Phase.RESYNC).count() == 1


def test_a_run_over_budget_hands_the_lane_back_and_goes_on_later(
    sandbox: Sandbox, account: Account, settings: Settings
) -> None:
    sandbox.add_mailbox(ALICE_AT_GOOGLE, events=120)
    sandbox.control("pages", size=30)
    settings.SYNC_BUDGET_SECONDS = -1
    calendar_id = primary(account).pk

    outcomes = [pull.run_lane(calendar_id) for _ in range(3)]

    assert outcomes == [Outcome.CONTINUE] * 3
    assert primary(account).lease_until is None
    drain()
    assert primary(account).phase == Phase.LIVE


def test_a_signal_during_the_run_asks_for_another_run(
    sandbox: Sandbox, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S21: the notification arrives after the last page was fetched."""
    drain()
    calendar = primary(account)
    real = Session.pull

    def notified_meanwhile(session: Session, *args: Any) -> Page:
        page = real(session, *args)
        Signal.objects.filter(calendar=calendar.pk).update(dirty_seq=7)
        return page

    monkeypatch.setattr(Session, "pull", notified_meanwhile)
    make_due(account)

    assert pull.run_lane(calendar.pk) is Outcome.AGAIN
