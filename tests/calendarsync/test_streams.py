"""Positions that end too early: the stream starts over, and no row is lost, doubled or made anew."""

from datetime import timedelta

import pytest
from django.utils import timezone

from calendarsync.engine import pull
from calendarsync.models import Account, Calendar, Event
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, primary, sync
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(sandbox: Sandbox, alice: User, connected_account: Connect) -> Account:
    """A mailbox of 90 events in pages of 30; the near weeks were read."""
    sandbox.add_mailbox(ALICE_AT_GOOGLE, events=90)
    sandbox.control("pages", size=30)
    found = connected_account(alice, ALICE_AT_GOOGLE)
    for _ in range(4):
        if primary(found).phase == Calendar.Phase.NEAR:
            pull.run_lane(primary(found).pk)
    assert primary(found).phase == Calendar.Phase.FULL
    return found


def rows() -> dict[str, int]:
    with every_tenant():
        return dict(Event.objects.living().values_list("remote_id", "pk"))


def void_the_next_page_token(sandbox: Sandbox, after: int) -> None:
    """So many pages with a token are answered, the following one is not."""
    match = {"path": "/events$", "query": "fields=nextPageToken%2CnextSyncToken.*pageToken="}
    sandbox.control("faults", match=match, status=400, reason="invalid", after=after, times=1, label="void")


def struck(sandbox: Sandbox) -> bool:
    return any(entry["note"] == "void" for entry in sandbox.look("log", limit=1000)["requests"])


@pytest.mark.parametrize("after", [0, 1])
def test_page_token_that_ends_in_the_history_starts_it_over(
    sandbox: Sandbox, account: Account, after: int
) -> None:
    """S12: in the middle of the first reading; the rows read already keep their ids."""
    near, generation = rows(), primary(account).generation
    void_the_next_page_token(sandbox, after)

    drain()

    assert struck(sandbox)
    found = rows()
    assert len(found) == 90
    assert near.items() <= found.items()
    assert (primary(account).phase, primary(account).generation) == ("live", generation + 1)


def test_page_token_that_ends_in_a_reading_beside_the_rows_removes_none(
    sandbox: Sandbox, account: Account
) -> None:
    """S12: after a void sync token; an event deleted meanwhile is the only one to go."""
    drain()
    before = rows()
    gone = sorted(remote_id for remote_id in before if "_" not in remote_id)[0]
    sandbox.control("events/delete", mailbox=ALICE_AT_GOOGLE, id=gone)
    sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)
    void_the_next_page_token(sandbox, 1)

    sync(account)

    assert struck(sandbox)
    left = {remote_id: pk for remote_id, pk in before.items() if not remote_id.startswith(gone)}
    assert rows() == left


def test_page_token_that_ends_in_a_delta_costs_a_complete_reading_and_no_row(
    sandbox: Sandbox, account: Account
) -> None:
    """S12: the changes of the first page are there already and come again."""
    drain()
    before = rows()
    soon = timezone.now() + timedelta(days=1)
    for number in range(65):
        sandbox.add_event(ALICE_AT_GOOGLE, f"New {number}", soon.isoformat())
    void_the_next_page_token(sandbox, 0)

    sync(account)

    assert struck(sandbox)
    assert before.items() <= rows().items()
    assert len(rows()) == 155
    assert primary(account).phase == Calendar.Phase.LIVE


def test_other_question_is_asked_once_even_when_it_ends_where_we_were(
    sandbox: Sandbox, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S13: nothing changed meanwhile, so the reading ends at the very sync token we have."""
    sandbox.control("pages", size=0)
    drain()
    monkeypatch.setattr("calendarsync.providers.google.mapping.VERSION", 999)
    sync(account)
    read = primary(account).generation

    sync(account)

    assert primary(account).generation == read
