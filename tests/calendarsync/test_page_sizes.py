"""Too much for one answer: smaller pages after failures in a row, the usual ones again after a success."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from calendarsync.engine.run import Outcome
from calendarsync.models import Account, Calendar, Cursor
from marketplace.tenancy import every_tenant
from tests.calendarsync.driving import drain, make_due, primary, titles
from tests.calendarsync.failing import break_primary, run_primary
from tests.calendarsync.rows import DAY, HOUR
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
Phase = Calendar.Phase
SECONDS = timedelta(seconds=1)


@pytest.fixture
def account(team_account: Account) -> Account:
    """Alice's mailbox; see team_account."""
    return team_account


def sizes(sandbox: Sandbox) -> list[str]:
    """Page sizes asked for, in the order of the questions."""
    log = reversed(sandbox.look("log", limit=1000)["requests"])
    asked = [parse_qs(urlsplit(each["path"]).query) for each in log]
    return [query["maxResults"][0] for query in asked if "timeZone" in query.get("fields", [""])[0]]


def test_page_that_fails_again_and_again_is_asked_for_in_smaller_pieces(
    sandbox: Sandbox, account: Account
) -> None:
    """POISON: too much for one answer. The normal size returns with the first success."""
    sandbox.control("faults", match={"query": "maxResults=2500"}, status=500)
    sandbox.control("faults", match={"query": "maxResults=250&"}, body="truncated")
    sandbox.add_event(ALICE_AT_GOOGLE, "Heavy", (timezone.now() + DAY).isoformat())

    outcomes = [run_primary(account) for _ in range(5)]

    assert sizes(sandbox) == ["2500", "2500", "250", "250", "50"]
    assert outcomes == [Outcome.FAILED] * 4 + [Outcome.DONE]
    assert titles(account) == {"Here", "Heavy"}
    sandbox.forget("faults")
    run_primary(account)
    assert sizes(sandbox)[-1] == "2500"


def test_long_reading_continues_in_smaller_pieces_where_it_stood(sandbox: Sandbox, account: Account) -> None:
    """POISON: the third page of a resync; what was read stays read, and progress ends the trouble."""
    for number in range(90):
        sandbox.add_event(ALICE_AT_GOOGLE, f"Event {number}", (timezone.now() + number * HOUR).isoformat())
    make_due(account)
    drain()
    sandbox.control("pages", size=30)
    sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)
    sandbox.control("faults", match={"query": "maxResults=2500.*pageToken="}, status=500, after=1)
    for _ in range(2):
        run_primary(account)
    with every_tenant():
        stood = Cursor.objects.get(calendar=primary(account), stream="full").page_token
    sandbox.forget("log")

    outcome = run_primary(account)

    assert stood
    assert outcome is Outcome.COMPLETE
    assert set(sizes(sandbox)) == {"250"}
    assert len(titles(account)) == 91
    assert primary(account).phase == Phase.LIVE


def test_failure_of_another_kind_asks_for_pages_of_the_usual_size(sandbox: Sandbox, account: Account) -> None:
    break_primary(sandbox, status=409, reason="conflict")

    for _ in range(4):
        run_primary(account)

    assert set(sizes(sandbox)) == {"2500"}
