"""One item that cannot be stored stops nothing but itself; a database that is away blames nobody."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calendarsync import unreadable
from calendarsync.engine import pull
from calendarsync.engine import run as attempt
from calendarsync.engine.apply import apply_page
from calendarsync.engine.run import Outcome
from calendarsync.models import Account, Cursor, Event, SkippedItem
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, event_named, make_due, primary, sync, titles
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

_REFUSE = {
    "sqlite": (
        "CREATE TRIGGER culprits_{0} BEFORE {0} ON calendarsync_event WHEN NEW.title LIKE 'Culprit%'"
        " BEGIN SELECT RAISE(ABORT, 'no culprits'); END",
        "DROP TRIGGER culprits_{0}",
    ),
    "postgresql": (
        "ALTER TABLE calendarsync_event ADD CONSTRAINT culprits_{0} CHECK (title NOT LIKE 'Culprit%%') NOT VALID",
        "ALTER TABLE calendarsync_event DROP CONSTRAINT culprits_{0}",
    ),
}


@pytest.fixture
def account(alice: User, connected_account: Connect) -> Account:
    """Alice's mailbox, signed in; nothing has been read yet."""
    return connected_account(alice, ALICE_AT_GOOGLE)


@pytest.fixture
def refused(transactional_db: None) -> Iterator[None]:
    """The database itself refuses events whose title begins with "Culprit"."""
    create, drop = _REFUSE[connection.vendor]
    for event in ("INSERT", "UPDATE"):
        with connection.cursor() as cursor:
            cursor.execute(create.format(event))
    yield
    for event in ("INSERT", "UPDATE"):
        with connection.cursor() as cursor:
            cursor.execute(drop.format(event))


def add(sandbox: Sandbox, *names: str) -> list[str]:
    moments = [timezone.now() + timedelta(hours=number) for number in range(len(names))]
    return [
        sandbox.add_event(ALICE_AT_GOOGLE, name, moment.isoformat())["id"]
        for name, moment in zip(names, moments, strict=True)
    ]


def skipped() -> list[tuple[str, str]]:
    with every_tenant():
        return sorted(SkippedItem.objects.values_list("title", "reason"))


@pytest.mark.parametrize("place", [0, 20, 40])
def test_item_the_database_refuses_is_listed_and_all_others_arrive(
    sandbox: Sandbox, account: Account, refused: None, place: int
) -> None:
    """At the beginning, in the middle and at the end of a page; near weeks, history and position go on."""
    names = [f"Event {number}" for number in range(40)]
    add(sandbox, *names[:place], "Culprit", *names[place:])

    outcomes = drain()

    assert Outcome.FAILED not in outcomes
    assert titles(account) == set(names)
    assert skipped() == [("Culprit", unreadable.NOT_STORED)]
    assert (primary(account).phase, primary(account).error_code) == ("live", "")


def test_culprit_of_a_page_in_the_middle_does_not_stop_the_pages_behind_it(
    sandbox: Sandbox, account: Account, refused: None
) -> None:
    names = [f"Event {number}" for number in range(20)]
    add(sandbox, *names[:7], "Culprit", *names[7:])
    sandbox.control("pages", size=5)

    outcomes = drain()

    assert Outcome.FAILED not in outcomes
    assert titles(account) == set(names)
    assert [title for title, _ in skipped()] == ["Culprit"]
    assert (primary(account).phase, primary(account).voids) == ("live", 0)


def test_several_culprits_of_a_delta_are_all_found(sandbox: Sandbox, account: Account, refused: None) -> None:
    drain()
    add(sandbox, "Culprit 1", "Good 1", "Culprit 2", "Culprit 3", "Good 2")

    sync(account)

    assert titles(account) == {"Good 1", "Good 2"}
    assert [title for title, _ in skipped()] == ["Culprit 1", "Culprit 2", "Culprit 3"]


def test_row_we_have_survives_its_successor_that_cannot_be_stored(
    sandbox: Sandbox, account: Account, refused: None
) -> None:
    """And a complete reading does not take it for deleted; once storable, it is one row still."""
    (remote_id,) = add(sandbox, "Good")
    drain()
    kept = event_named(account, "Good").pk
    change = {"mailbox": ALICE_AT_GOOGLE, "id": remote_id}
    sandbox.control("events/patch", **change, changes={"summary": "Culprit"})
    sandbox.control("sync-tokens/expire", mailbox=ALICE_AT_GOOGLE)

    sync(account)

    assert titles(account) == {"Good"}
    assert [title for title, _ in skipped()] == ["Culprit"]
    sandbox.control("events/patch", **change, changes={"summary": "Good again"})
    sync(account)
    assert event_named(account, "Good again").pk == kept
    assert skipped() == []


def test_bug_in_reading_one_item_costs_that_item(
    sandbox: Sandbox, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(calendar: Any, page: Any, **more: Any) -> Any:
        if any(item.title == "Odd" for item in page.items):
            raise KeyError("a column nobody thought of")
        return apply_page(calendar, page, **more)

    monkeypatch.setattr(attempt, "apply_page", stumble)
    monkeypatch.setattr("calendarsync.engine.sift.apply_page", stumble)
    add(sandbox, "One", "Odd", "Two")

    drain()

    assert titles(account) == {"One", "Two"}
    assert [title for title, _ in skipped()] == ["Odd"]


def test_bug_in_reading_every_item_is_a_bug_and_blames_none(
    sandbox: Sandbox, account: Account, refused: None
) -> None:
    """More than ten of a page: our fault as a whole. Nothing is listed and the position stays."""
    drain()
    add(sandbox, *(f"Culprit {number}" for number in range(30)), "Good")
    with every_tenant():
        token = Cursor.objects.get(calendar=primary(account), stream="full").sync_token
    make_due(account)

    with CaptureQueriesContext(connection) as asked, pytest.raises(IntegrityError):
        pull.run_lane(primary(account).pk)

    assert primary(account).error_code == "unexpected"
    assert (skipped(), titles(account)) == ([], set())
    with every_tenant():
        assert Cursor.objects.get(calendar=primary(account), stream="full").sync_token == token
    assert len(asked) < 1000


def test_search_for_one_culprit_takes_a_bounded_number_of_statements(
    sandbox: Sandbox, account: Account, refused: None
) -> None:
    drain()
    add(sandbox, *(f"Event {number}" for number in range(127)), "Culprit")
    make_due(account)

    with CaptureQueriesContext(connection) as asked:
        pull.run_lane(primary(account).pk)

    assert len(titles(account)) == 127
    assert len(asked) < 2 * 7 * 12 + 30


def test_page_that_can_be_stored_costs_no_savepoint(sandbox: Sandbox, account: Account) -> None:
    drain()
    add(sandbox, "One", "Two")
    make_due(account)

    with CaptureQueriesContext(connection) as asked:
        pull.run_lane(primary(account).pk)

    assert not [query for query in asked if query["sql"].startswith("SAVEPOINT")]


def test_database_that_is_away_blames_no_item_and_is_tried_again(
    sandbox: Sandbox, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locked or out of reach: raised for the log, a delay on the lane, and everything arrives afterwards."""
    drain()
    add(sandbox, "One", "Two")

    def locked(calendar: Any, page: Any, **more: Any) -> Any:
        if page.items:
            raise OperationalError("database is locked")
        return apply_page(calendar, page, **more)

    monkeypatch.setattr(attempt, "apply_page", locked)
    monkeypatch.setattr("calendarsync.engine.sift.apply_page", locked)
    make_due(account)
    with pytest.raises(OperationalError):
        pull.run_lane(primary(account).pk)
    monkeypatch.undo()

    calendar = primary(account)
    assert (calendar.error_code, calendar.failures, skipped()) == ("storage_away", 1, [])
    assert calendar.not_before is not None
    sync(account)
    assert titles(account) == {"One", "Two"}
    with every_tenant():
        assert Event.objects.count() == 2
