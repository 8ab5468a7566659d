"""Readings that take several runs: what is signalled, deployed or failing in between."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from calendarsync.engine import pull
from calendarsync.engine.run import Outcome
from calendarsync.engine.session import Session
from calendarsync.models import Account, Calendar, Cursor, Event, Signal
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, make_due, primary, sync, titles
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
Phase = Calendar.Phase


@pytest.fixture
def account(alice: User, connected_account: Connect, sandbox: Sandbox) -> Account:
    """Alice's mailbox of thirty events, completely read; the next complete reading has begun and read two pages."""
    account = connected_account(alice, ALICE_AT_GOOGLE)
    for number in range(30):
        sandbox.add_event(ALICE_AT_GOOGLE, f"Event {number:02}", in_days(number - 10))
    drain()
    sandbox.control("pages", size=10)
    sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)
    return account


@pytest.fixture
def one_page_a_run(settings: Settings) -> None:
    """Every run is over its budget after a page."""
    settings.SYNC_BUDGET_SECONDS = -1


def in_days(days: int) -> str:
    return (timezone.now() + timedelta(days=days)).isoformat()


def token(account: Account) -> str:
    with every_tenant():
        return Cursor.objects.get(calendar=primary(account), stream="full").sync_token


def test_change_signalled_between_two_pages_is_there_at_once_and_not_with_the_next_poll(
    sandbox: Sandbox, account: Account, one_page_a_run: None
) -> None:
    """S21: the last run of a long reading cannot answer what came after the first page."""
    make_due(account)
    calendar = primary(account)
    assert pull.run_lane(calendar.pk) is Outcome.CONTINUE
    with every_tenant():
        read = Event.objects.filter(seen_generation=primary(account).generation).first()
        assert read is not None
        sandbox.control(
            "events/patch",
            mailbox=ALICE_AT_GOOGLE,
            id=read.remote_id,
            changes={"summary": "Changed behind us"},
        )
        Signal.objects.filter(calendar=calendar).update(dirty_seq=F("dirty_seq") + 1)

    drain()

    assert primary(account).phase == Phase.LIVE
    assert "Changed behind us" in titles(account)


def test_reading_that_saw_no_signal_is_followed_by_no_further_run(
    sandbox: Sandbox, account: Account, one_page_a_run: None
) -> None:
    make_due(account)

    assert drain() == [Outcome.CONTINUE, Outcome.CONTINUE, Outcome.COMPLETE]


@pytest.mark.parametrize("phase", [Phase.FULL, Phase.RESYNC])
def test_release_in_the_middle_of_a_reading_leaves_no_row_of_the_former_mapping(
    sandbox: Sandbox, account: Account, one_page_a_run: None, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    """S13: the pages read before the deploy are read once more, so that no cursor is mixed."""
    make_due(account)
    pull.run_lane(primary(account).pk)
    with every_tenant():
        Calendar.objects.filter(account=account).update(phase=phase)
    asked: list[str] = []
    real = Session.pull

    def noted(session: Session, calendar: Calendar, position: Any) -> Any:
        asked.append(position.page_token)
        return real(session, calendar, position)

    monkeypatch.setattr(Session, "pull", noted)
    monkeypatch.setattr("calendarsync.providers.google.mapping.VERSION", 999)
    before = primary(account)

    drain()

    assert (asked[0], asked.count("")) == ("", 1)
    assert primary(account).generation == before.generation + 1
    assert (primary(account).phase, len(titles(account))) == (Phase.LIVE, 30)


def test_complete_reading_that_breaks_off_for_good_removes_nothing_until_it_is_complete(
    sandbox: Sandbox, account: Account
) -> None:
    """S5: page 5 of 8 fails until the budget of attempts ends; an event deleted meanwhile goes at the very end."""
    sandbox.control("pages", size=4)
    with every_tenant():
        before = dict(Event.objects.living().values_list("remote_id", "pk"))
    gone = sorted(before)[0]
    sandbox.control("events/delete", mailbox=ALICE_AT_GOOGLE, id=gone)
    match = {"path": "/events$", "query": "timeZone.*pageToken="}
    sandbox.control("faults", match=match, status=500, after=3)

    for _ in range(6):
        sync(account)
        with every_tenant():
            assert dict(Event.objects.living().values_list("remote_id", "pk")) == before

    assert primary(account).failures == 6
    sandbox.forget("faults")
    sync(account)
    with every_tenant():
        after = dict(Event.objects.living().values_list("remote_id", "pk"))
    assert after == {remote_id: pk for remote_id, pk in before.items() if remote_id != gone}


def test_progress_ends_the_trouble_before_it(sandbox: Sandbox, account: Account) -> None:
    """A page that arrives is a sign of health: the next failure is the first of a new row, with a short wait."""
    match = {"path": "/events$", "query": "timeZone.*pageToken="}
    sandbox.control("faults", match=match, status=500, times=3)
    for _ in range(3):
        sync(account)
    assert primary(account).failures == 3
    sandbox.control("faults", match=match, status=500, after=1, times=1)

    sync(account)

    assert (primary(account).failures, primary(account).error_code) == (1, "unavailable")
    sync(account)
    assert (primary(account).failures, primary(account).phase) == (0, Phase.LIVE)


def test_delta_of_nothing_brings_the_newest_token(sandbox: Sandbox, account: Account) -> None:
    """S16: the next question is asked with it."""
    sync(account)
    sandbox.control(
        "faults", match={"path": "/events"}, body='{"items": [], "nextSyncToken": "the-newest"}', times=1
    )

    assert sync(account) == [Outcome.DONE]

    assert token(account) == "the-newest"
    sandbox.forget("log")
    sync(account)
    asked = [each["path"] for each in sandbox.look("log")["requests"] if "syncToken=" in each["path"]]
    assert len(asked) == 1
    assert "syncToken=the-newest" in asked[0]


def test_reading_that_died_before_its_sweep_leaves_no_ghost_of_what_it_saw(
    sandbox: Sandbox, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S4, S23: everything was applied, then the worker died; what is deleted before the next attempt must go too."""
    sandbox.control("pages", size=0)
    with monkeypatch.context() as patch:
        patch.setattr("calendarsync.engine.sweep.sweep", _die)
        make_due(account)
        with pytest.raises(KeyboardInterrupt):
            pull.run_lane(primary(account).pk)
    with every_tenant():
        gone = Event.objects.get(title="Event 07").remote_id
        Calendar.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    sandbox.control("events/delete", mailbox=ALICE_AT_GOOGLE, id=gone)

    sync(account)

    assert "Event 07" not in titles(account)
    assert len(titles(account)) == 29


def _die(*ignored: object, **also_ignored: object) -> None:
    raise KeyboardInterrupt
