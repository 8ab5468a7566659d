"""What a complete reading did not meet: believed when it is little, asked about when it is much."""

import json

import pytest

from calendarsync.engine.run import Outcome
from calendarsync.models import Account, Calendar, Event
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, primary, sync, titles
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(sandbox: Sandbox, alice: User, connected_account: Connect) -> Account:
    """A mailbox of 500 events, read once."""
    sandbox.add_mailbox(ALICE_AT_GOOGLE, events=500)
    found = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    return found


def living(account: Account) -> int:
    with every_tenant():
        return Event.objects.living().filter(calendar__account=account).count()


def probes(sandbox: Sandbox) -> int:
    """How many events were asked for one by one."""
    return sum("/events/" in entry["path"] for entry in sandbox.look("log")["requests"])


def answer_with_nothing(sandbox: Sandbox) -> None:
    """The next complete reading comes to an end and brings no event at all."""
    body = json.dumps({"items": [], "nextSyncToken": "nothing"})
    sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)
    sandbox.control("faults", match={"path": "/events$", "query": "^(?!.*syncToken=)"}, body=body)


def test_complete_reading_of_nothing_removes_nothing_while_google_has_the_events(
    sandbox: Sandbox, account: Account
) -> None:
    """S6: held, probed, started over; when the answers are true again everything is as before."""
    before, sync_token = living(account), _sync_token(account)
    answer_with_nothing(sandbox)
    sandbox.forget("log")

    outcomes = sync(account)

    assert before >= 500
    assert outcomes[-1] is Outcome.FAILED
    assert living(account) == before
    assert 1 <= probes(sandbox) <= 5
    assert _sync_token(account) == sync_token
    sandbox.forget("faults")
    sync(account)
    assert living(account) == before
    assert primary(account).phase == Calendar.Phase.LIVE


@pytest.mark.slow
def test_complete_reading_of_nothing_is_believed_when_google_knows_none_of_the_events(
    sandbox: Sandbox, account: Account
) -> None:
    """S6: the mailbox was emptied indeed."""
    with every_tenant():
        ids = list(Event.objects.living().filter(master_remote_id="").values_list("remote_id", flat=True))
    for remote_id in ids:
        sandbox.control("events/delete", mailbox=ALICE_AT_GOOGLE, id=remote_id)
    sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)
    sandbox.forget("log")

    sync(account)

    assert titles(account) == set()
    assert probes(sandbox) == 5
    assert primary(account).phase == Calendar.Phase.LIVE


def test_few_missing_events_are_believed_without_a_question(sandbox: Sandbox, account: Account) -> None:
    with every_tenant():
        found = Event.objects.shown().filter(master_remote_id="").values_list("remote_id", flat=True)
        missing = list(found[:20])
    for remote_id in missing:
        sandbox.control("events/delete", mailbox=ALICE_AT_GOOGLE, id=remote_id)
    sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)
    before = living(account)
    sandbox.forget("log")

    sync(account)

    assert living(account) == before - 20
    assert probes(sandbox) == 0


def _sync_token(account: Account) -> str:
    with every_tenant():
        return str(primary(account).cursors.get(stream="full").sync_token)
