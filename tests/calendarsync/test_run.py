"""One run between two claims: what is open while the provider answers, and what happens to a run nobody wants."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from calendarsync.domain import Page
from calendarsync.engine import pull
from calendarsync.engine.run import Outcome
from calendarsync.engine.session import Session
from calendarsync.models import Account, Calendar, Cursor, Event
from calendarsync.services import control
from calendarsync.services.choose_calendars import choose_one
from calendarsync.services.disconnect import close_account, disconnect
from marketplace.models import User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, make_due, primary, sync, titles
from tests.calendarsync.rows import DAY
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(sandbox: Sandbox, alice: User, connected_account: Connect) -> Account:
    """A mailbox with one event, read once."""
    sandbox.add_event(ALICE_AT_GOOGLE, "Here", (timezone.now() + DAY).isoformat())
    found = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    return found


@pytest.fixture
def during_each_answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """`during_each_answer(action)`: from now on it happens between a question to the provider and what follows."""
    real = Session.pull

    def install(action: Callable[[], None]) -> None:
        def pulled(session: Session, *args: Any) -> Page:
            page = real(session, *args)
            action()
            return page

        monkeypatch.setattr(Session, "pull", pulled)

    return install


def test_answer_of_no_changes_moves_the_sync_token_on(sandbox: Sandbox, account: Account) -> None:
    """S16: zero items and a new token; nothing is visible, and the next question is asked with it."""
    revision = primary(account).revision
    answer = json.dumps({"items": [], "nextSyncToken": "the-next-one"})
    sandbox.control("faults", match={"path": "/events$"}, body=answer, times=1)

    assert sync(account) == [Outcome.DONE]

    with every_tenant():
        assert Cursor.objects.get(calendar=primary(account).pk, stream="full").sync_token == "the-next-one"
    assert primary(account).revision == revision


@pytest.mark.parametrize("resync", [False, True], ids=["delta", "complete reading"])
def test_no_transaction_is_open_while_the_provider_answers(
    sandbox: Sandbox, account: Account, during_each_answer: Any, resync: bool
) -> None:
    """S24: however long it takes, no row is locked meanwhile."""
    open_ones: list[bool] = []
    during_each_answer(lambda: open_ones.append(connection.in_atomic_block))
    sandbox.add_mailbox(ALICE_AT_GOOGLE, events=30)
    sandbox.control("pages", size=10)
    if resync:
        sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)

    sync(account)

    assert len(open_ones) >= 3
    assert not any(open_ones)


def _disconnect(account: Account) -> None:
    with tenant_scope(account.tenant):
        disconnect(account=account, by=account.owner, now=timezone.now())


def _disconnect_to_the_end(account: Account) -> None:
    _disconnect(account)
    close_account(account.pk)


def _pause(account: Account) -> None:
    with tenant_scope(account.tenant):
        control.pause(account=account, now=timezone.now())


def _leave_out(account: Account) -> None:
    with tenant_scope(account.tenant):
        choose_one(calendar=primary(account), selected=False, now=timezone.now())


@pytest.mark.parametrize(
    "stop",
    [_disconnect, _disconnect_to_the_end, _pause, _leave_out],
    ids=lambda stop: stop.__name__.strip("_"),
)
def test_run_writes_nothing_once_the_user_has_stopped_it(
    sandbox: Sandbox, account: Account, during_each_answer: Any, stop: Callable[[Account], None]
) -> None:
    """S27: between the answer and its page; neither event nor position nor a sign of success."""
    sandbox.add_event(ALICE_AT_GOOGLE, "Too late", (timezone.now() + DAY).isoformat())
    calendar = primary(account)
    with every_tenant():
        position = Cursor.objects.get(calendar=calendar.pk, stream="full").sync_token
    during_each_answer(lambda: stop(account))
    make_due(account)

    assert pull.run_lane(calendar.pk) is Outcome.NOT_CLAIMED

    assert "Too late" not in titles(account)
    with every_tenant():
        assert not Event.objects.filter(title="Too late").exists()
        assert set(Cursor.objects.filter(stream="full").values_list("sync_token", flat=True)) <= {position}
        assert not Calendar.objects.filter(last_ok_at__gt=calendar.last_ok_at).exists()
