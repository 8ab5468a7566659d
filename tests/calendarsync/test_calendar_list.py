"""The daily look at the list of calendars: what Google changed follows, what the user chose stays."""

from typing import Any

import pytest
from django.utils import timezone

from calendarsync.models import Account, Calendar, Cursor, Event, Signal
from calendarsync.services.choose_calendars import choose_colour, choose_one, choose_receiver
from calendarsync.services.maintenance import accounts_with_old_list, refresh_list
from marketplace.models import User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.at_google import add
from tests.calendarsync.conftest import Connect, Published
from tests.calendarsync.driving import drain, sync, titles
from tests.calendarsync.rows import DAY, HOUR
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, BOB_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db
Phase = Calendar.Phase
TEAM = "team@group.sandbox.example"
NEW = "new@group.sandbox.example"


@pytest.fixture
def account(sandbox: Sandbox, alice: User, connected_account: Connect) -> Account:
    """Alice reads her own calendar and Bob's team calendar, in which new meetings of hers go; each has an event."""
    sandbox.control(
        "calendars", mailbox=BOB_AT_GOOGLE, summary="Team", id=TEAM, roles={ALICE_AT_GOOGLE: "writer"}
    )
    tomorrow = (timezone.now() + DAY).isoformat()
    sandbox.add_event(ALICE_AT_GOOGLE, "Mine", tomorrow)
    sandbox.control(
        "events", mailbox=BOB_AT_GOOGLE, calendar=TEAM, summary="Ours", start=tomorrow, minutes=30
    )
    found = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    with tenant_scope(found.tenant):
        choose_receiver(calendar=calendar(found))
        choose_colour(calendar=calendar(found), colour="#123456")
    return found


def calendar(account: Account, remote_id: str = TEAM) -> Calendar:
    with every_tenant():
        return Calendar.objects.select_related("account__owner__tenant", "tenant").get(
            account=account, remote_id=remote_id
        )


def choices(account: Account) -> dict[str, tuple[Any, ...]]:
    """What the user decided about each calendar."""
    with every_tenant():
        rows = Calendar.objects.filter(account=account)
        return {row.remote_id: (row.pk, row.selected, row.colour, row.receives_new) for row in rows}


def events(account: Account) -> set[tuple[int, str]]:
    with every_tenant():
        return set(Event.objects.living().filter(calendar__account=account).values_list("pk", "title"))


def share(sandbox: Sandbox, role: str) -> None:
    """Bob changes what Alice may do in the team calendar."""
    sandbox.control("calendars/role", calendar=TEAM, mailbox=ALICE_AT_GOOGLE, role=role)


def test_lists_are_looked_at_every_day(account: Account) -> None:
    """S96"""
    now = timezone.now()

    assert accounts_with_old_list(now + 23 * HOUR) == []
    assert accounts_with_old_list(now + 25 * HOUR) == [account.pk]


def test_unchanged_list_changes_nothing(account: Account) -> None:
    """S96: neither choices nor revisions nor the plan of the lanes."""
    before = choices(account), calendar(account).revision, calendar(account).next_poll_at

    refresh_list(account.pk)

    assert (choices(account), calendar(account).revision, calendar(account).next_poll_at) == before


def test_added_calendar_is_read_and_the_others_stay_chosen(sandbox: Sandbox, account: Account) -> None:
    """S96"""
    before, rows = choices(account), events(account)
    sandbox.control("calendars", mailbox=ALICE_AT_GOOGLE, summary="New", id=NEW)
    tomorrow = (timezone.now() + DAY).isoformat()
    sandbox.control(
        "events", mailbox=ALICE_AT_GOOGLE, calendar=NEW, summary="In the new one", start=tomorrow, minutes=5
    )

    refresh_list(account.pk)
    drain()

    after = choices(account)
    assert {name: after[name] for name in before} == before
    assert (after[NEW][1], after[NEW][3]) == (True, False)
    assert rows < events(account)
    assert "In the new one" in titles(account)


def test_renamed_calendar_has_its_new_name_and_everything_else_as_it_was(
    sandbox: Sandbox, account: Account
) -> None:
    """S96: open pages hear of the name."""
    before, rows, revision = choices(account), events(account), calendar(account).revision
    sandbox.control("calendars/patch", mailbox=BOB_AT_GOOGLE, calendar=TEAM, summary="The A-Team")

    refresh_list(account.pk)

    assert calendar(account).name == "The A-Team"
    assert calendar(account).revision == revision + 1
    assert (choices(account), events(account)) == (before, rows)


def test_left_out_calendar_stays_left_out(sandbox: Sandbox, account: Account) -> None:
    """S96: although Google shows it, and even when it is renamed."""
    with tenant_scope(account.tenant):
        choose_one(calendar=calendar(account), selected=False, now=timezone.now())
    sandbox.control("calendars/patch", mailbox=BOB_AT_GOOGLE, calendar=TEAM, summary="The A-Team")

    refresh_list(account.pk)
    drain()

    assert not calendar(account).selected


def test_calendar_that_may_only_be_read_receives_no_new_meetings_and_is_still_read(
    sandbox: Sandbox, account: Account
) -> None:
    """S96: from writer to reader; the own calendar takes over, rows keep their ids."""
    rows = events(account)
    share(sandbox, "reader")

    refresh_list(account.pk)
    sync(account)

    team, own = calendar(account), calendar(account, ALICE_AT_GOOGLE)
    assert (team.can_write, team.receives_new, team.selected, team.phase) == (False, False, True, Phase.LIVE)
    assert own.receives_new
    assert events(account) == rows


@pytest.mark.parametrize("role", ["none", "freeBusyReader"])
def test_calendar_that_is_no_longer_shared_keeps_its_rows_until_it_is_shared_again(
    sandbox: Sandbox, account: Account, role: str
) -> None:
    """S96: it is hidden, its lane rests even at a late notification; later everything is there under the same ids."""
    before, rows = choices(account), events(account)
    share(sandbox, role)
    sandbox.forget("log")

    refresh_list(account.pk)
    with every_tenant():
        Signal.objects.update(dirty_seq=7)
    sync(account)

    team = calendar(account)
    assert (team.phase, team.selected, team.receives_new) == (Phase.GONE, True, False)
    assert events(account) == rows
    assert not any("team%40" in entry["path"] for entry in sandbox.look("log")["requests"])
    with every_tenant():
        assert Cursor.objects.filter(calendar=team).count() == 2
    share(sandbox, "writer")
    sandbox.control(
        "events", mailbox=BOB_AT_GOOGLE, calendar=TEAM, summary="Later", start="2026-11-27T09:00:00Z"
    )
    refresh_list(account.pk)
    sync(account)
    assert calendar(account).phase == Phase.LIVE
    assert choices(account)[TEAM][:3] == before[TEAM][:3]
    assert rows < events(account)
    assert "Later" in titles(account)


def test_lane_that_google_does_not_know_any_more_asks_for_the_list(
    sandbox: Sandbox, account: Account, published: list[Published], django_capture_on_commit_callbacks: Any
) -> None:
    """S96: unsharing is noticed by the next look at the calendar, not only by tomorrow's look at the list."""
    from calendarsync.tasks import run_lane

    share(sandbox, "none")
    with every_tenant():
        Calendar.objects.update(next_poll_at=timezone.now(), not_before=None)

    with django_capture_on_commit_callbacks(execute=True):
        run_lane(calendar(account).pk)

    assert Published("refresh_calendar_list", account.pk, "maintenance") in published
    assert "Ours" in {title for _, title in events(account)}


def test_list_that_cannot_be_read_changes_nothing(sandbox: Sandbox, account: Account) -> None:
    """S96: half a list is no list."""
    before, rows = choices(account), events(account)
    for fault in (
        {"status": 503},
        {"body": "truncated"},
        {"body": "html"},
        {"status": 429, "retry_after": 60},
    ):
        sandbox.control("faults", match={"path": "/calendarList"}, times=1, **fault)
        refresh_list(account.pk)

    assert (choices(account), events(account)) == (before, rows)
    assert calendar(account).phase == Phase.LIVE


@pytest.mark.slow
def test_list_of_several_pages_is_read_to_its_end(sandbox: Sandbox, account: Account) -> None:
    """S96: a calendar on the second page is not taken for gone."""
    for number in range(260):
        sandbox.control(
            "calendars", mailbox=ALICE_AT_GOOGLE, summary=f"C {number}", id=f"{number}@group.test"
        )

    refresh_list(account.pk)

    with every_tenant():
        found = Calendar.objects.filter(account=account)
        assert found.count() == 262
        assert not found.filter(phase=Phase.GONE).exists()


def test_event_in_a_renamed_calendar_still_arrives(sandbox: Sandbox, account: Account) -> None:
    """S96: the lane goes on where it was."""
    sandbox.control("calendars/patch", mailbox=BOB_AT_GOOGLE, calendar=TEAM, summary="The A-Team")
    refresh_list(account.pk)
    with every_tenant():
        token = Cursor.objects.get(calendar=calendar(account).pk, stream="full").sync_token
    add(sandbox, summary="Mine too", start={"date": "2026-11-25"}, end={"date": "2026-11-26"})

    sync(account)

    assert "Mine too" in titles(account)
    with every_tenant():
        assert Cursor.objects.filter(sync_token=token).count() <= 1
