"""One meeting in several calendars: several rows under one identity, whatever happens to one of the copies."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from calendarsync.domain import Window
from calendarsync.engine import pull
from calendarsync.models import Account, Calendar, Event
from calendarsync.selectors.own import visible_calendars
from calendarsync.selectors.range_view import items_between
from marketplace.models import User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.at_google import add, call, change, delete, timed, weekly
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, make_due, sync
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, BOB_AT_GOOGLE, Sandbox
from tests.people import make_user

pytestmark = pytest.mark.django_db
CAROL_AT_GOOGLE = "carol@mail.example"
YEAR = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
AT: dict[str, Any] = {"start": timed("2026-11-25T09:00:00"), "end": timed("2026-11-25T10:00:00")}


# Colleagues


@pytest.fixture
def carol(alice: User) -> User:
    """A second colleague of Alice."""
    assert alice.tenant is not None
    return make_user(alice.tenant, "Carol")


@pytest.fixture
def accounts(
    sandbox: Sandbox, alice: User, bob: User, carol: User, connected_account: Connect
) -> list[Account]:
    """The mailboxes of all three, read once; Bob is the organiser of what follows."""
    sandbox.add_mailbox(CAROL_AT_GOOGLE)
    people = {alice: ALICE_AT_GOOGLE, bob: BOB_AT_GOOGLE, carol: CAROL_AT_GOOGLE}
    found = [connected_account(user, mailbox) for user, mailbox in people.items()]
    drain()
    return found


def sync_all(accounts: list[Account]) -> None:
    for account in accounts:
        sync(account)


def shown_to(account: Account) -> list[str]:
    """Titles on the calendar page of the account's owner."""
    with tenant_scope(account.tenant):
        calendars = list(visible_calendars(account.owner))
        return [item.event.title for item in items_between(calendars, YEAR, account.owner.tenant_zone)]


def identities() -> dict[str, set[str]]:
    """Who has a living copy, by the identity of the meeting."""
    with every_tenant():
        rows = Event.objects.shown().values_list("identity_key", "calendar__account__address")
        found: dict[str, set[str]] = {}
        for key, address in rows:
            found.setdefault(key, set()).add(address)
        return found


def test_meeting_of_three_colleagues_has_three_rows_and_one_identity(
    sandbox: Sandbox, accounts: list[Account]
) -> None:
    """S82: each sees it once."""
    guests = [{"email": ALICE_AT_GOOGLE}, {"email": CAROL_AT_GOOGLE}]

    add(sandbox, BOB_AT_GOOGLE, summary="Intake", attendees=guests, **AT)
    sync_all(accounts)

    assert list(identities().values()) == [{ALICE_AT_GOOGLE, BOB_AT_GOOGLE, CAROL_AT_GOOGLE}]
    assert [shown_to(account) for account in accounts] == [["Intake"]] * 3
    with every_tenant():
        assert Event.objects.count() == 3


@pytest.mark.parametrize("how", ["taken off the list", "deletes it", "disconnects"])
def test_colleague_who_leaves_takes_nothing_from_the_others(
    sandbox: Sandbox, accounts: list[Account], how: str
) -> None:
    """S82: the two other rows stay what they are."""
    guests = [{"email": ALICE_AT_GOOGLE}, {"email": CAROL_AT_GOOGLE}]
    event = add(sandbox, BOB_AT_GOOGLE, summary="Intake", attendees=guests, **AT)
    sync_all(accounts)
    [identity] = identities()
    hers, his, carols = accounts
    with every_tenant():
        before = set(Event.objects.exclude(calendar__account=carols).values_list("pk", "remote_id"))

    if how == "taken off the list":
        change(sandbox, event["id"], BOB_AT_GOOGLE, attendees=guests[:1])
    elif how == "deletes it":
        delete(sandbox, event["id"], CAROL_AT_GOOGLE)
    else:
        with every_tenant():
            Account.objects.filter(pk=carols.pk).delete()
    sync_all([hers, his] if how == "disconnects" else accounts)

    assert identities() == {identity: {ALICE_AT_GOOGLE, BOB_AT_GOOGLE}}
    assert shown_to(hers) == shown_to(his) == ["Intake"]
    with every_tenant():
        living = Event.objects.living().exclude(calendar__account=carols)
        assert set(living.values_list("pk", "remote_id")) == before


def test_each_date_of_a_series_is_a_meeting_of_its_own(sandbox: Sandbox, accounts: list[Account]) -> None:
    """S82: the moved date has one identity in all three calendars, and another one than its series."""
    guests = [{"email": ALICE_AT_GOOGLE}, {"email": CAROL_AT_GOOGLE}]
    master = weekly(sandbox, BOB_AT_GOOGLE, attendees=guests)

    change(sandbox, f"{master['id']}_20260330T070000Z", BOB_AT_GOOGLE, summary="Special")
    sync_all(accounts)

    with every_tenant():
        keys = [
            set(Event.objects.living().filter(kind=kind).values_list("identity_key", flat=True))
            for kind in ("master", "exception")
        ]
    assert [len(each) for each in keys] == [1, 1]
    assert keys[0].isdisjoint(keys[1])
    assert list(identities().values()) == [{ALICE_AT_GOOGLE, BOB_AT_GOOGLE, CAROL_AT_GOOGLE}]


# One person, two calendars


@pytest.fixture
def account(sandbox: Sandbox, alice: User, connected_account: Connect) -> Account:
    """Alice's mailbox with a second calendar of hers."""
    sandbox.control("calendars", mailbox=ALICE_AT_GOOGLE, summary="Team", id="team@group.sandbox.example")
    found = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    return found


def move(sandbox: Sandbox, account: Account, event_id: str, source: str, target: str) -> None:
    """As "move to another calendar" in Google's menu."""
    path = f"calendars/{quote(source)}/events/{event_id}/move"
    call(sandbox, account, "POST", path, destination=target)


def read(account: Account, order: list[str]) -> None:
    """The calendars hear of it one after the other."""
    make_due(account)
    for remote_id in order:
        with every_tenant():
            calendar_id = Calendar.objects.get(account=account, remote_id=remote_id).pk
        assert pull.run_lane(calendar_id) == "done"


def copies(account: Account) -> list[tuple[str, int, str]]:
    """Where it lives: calendar, row, identity."""
    with every_tenant():
        rows = Event.objects.living().filter(calendar__account=account, title="Intake")
        return list(rows.values_list("calendar__remote_id", "pk", "identity_key"))


TEAM = "team@group.sandbox.example"


@pytest.mark.parametrize("order", [[ALICE_AT_GOOGLE, TEAM], [TEAM, ALICE_AT_GOOGLE]], ids=["left", "arrived"])
def test_event_that_moves_between_calendars_keeps_its_identity(
    sandbox: Sandbox, account: Account, order: list[str]
) -> None:
    """S84: whichever calendar hears of it first; and moved back it is the same row again."""
    event = add(sandbox, summary="Intake", **AT)
    sync(account)
    [(first, row, identity)] = copies(account)
    assert first == ALICE_AT_GOOGLE

    move(sandbox, account, event["id"], "primary", TEAM)
    read(account, order)

    [(place, _, now)] = copies(account)
    assert (place, now) == (TEAM, identity)
    move(sandbox, account, event["id"], TEAM, ALICE_AT_GOOGLE)
    read(account, order)
    assert copies(account) == [(ALICE_AT_GOOGLE, row, identity)]
