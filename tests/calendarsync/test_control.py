"""The buttons of the settings tab: what they do to the rows, and for whom."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from calendarsync.engine import streams
from calendarsync.engine.lane import claim, has_new_signal
from calendarsync.models import Account, Calendar, Cursor
from calendarsync.selectors.facts import accounts_of
from calendarsync.selectors.states import State
from calendarsync.selectors.status import status_of
from calendarsync.services import control
from marketplace.models import User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.conftest import Connect, activate_calendar
from tests.calendarsync.driving import drain, primary
from tests.calendarsync.rows import HOUR, MINUTE, NOW, make_account, make_calendar, make_skipped
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox
from tests.conftest import signed_in

ACTIONS = ["sync-now", "check-again", "pause", "restart"]


def press(browser: Client, account: Account, action: str) -> Any:
    return browser.post(reverse("calendar-act", args=[account.pk, action]))


def words_of(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def reread(row: Any) -> Any:
    with every_tenant():
        return type(row).objects.get(pk=row.pk)


def state_of(user: User) -> State:
    with tenant_scope(user.tenant):  # type: ignore[arg-type]
        return status_of(accounts_of(user)[0], NOW).state


@pytest.fixture
def account(alice: User) -> Account:
    """Alice's account, which works."""
    activate_calendar(alice.tenant)  # type: ignore[arg-type]
    return make_account(alice)


@pytest.fixture
def lane(account: Account) -> Calendar:
    """Its calendar."""
    return make_calendar(account)


def test_sync_now_makes_calendars_due_and_cuts_our_own_waiting_short(account: Account, lane: Calendar):
    with every_tenant():
        Calendar.objects.update(not_before=NOW + HOUR, failures=3)

    with tenant_scope(account.tenant):
        control.sync_now(account=account, now=NOW)

    lane = reread(lane)
    assert (lane.next_poll_at, lane.not_before, lane.failures) == (NOW, None, 3)


def test_sync_now_during_a_run_makes_that_run_look_once_more(account: Account, lane: Calendar):
    with every_tenant():
        Calendar.objects.update(next_poll_at=NOW)
    running = streams.load(lane.pk, claim(lane.pk, NOW), NOW)
    assert running

    with tenant_scope(account.tenant):
        control.sync_now(account=account, now=NOW)

        assert has_new_signal(running.lease)


def test_sync_now_leaves_the_providers_throttle_and_says_so(account: Account, lane: Calendar, alice: User):
    with every_tenant():
        Account.objects.update(blocked_until=NOW.replace(year=2126))

    answer = press(signed_in(alice), account, "sync-now")

    assert reread(account).blocked_until is not None
    assert words_of(answer) == ["Not now. The card below says why."]


def test_pause_stops_and_fences_running_work_off(account: Account, lane: Calendar, alice: User):
    with every_tenant():
        Calendar.objects.update(lease_owner="w", lease_until=NOW + MINUTE, fence=4)

    answer = press(signed_in(alice), account, "pause")

    lane = reread(lane)
    assert (lane.lease_owner, lane.lease_until, lane.fence) == ("", None, 5)
    assert state_of(alice) is State.STOPPED
    assert words_of(answer) == ["Paused. Nothing changes here until you restart."]


def test_pause_offers_undo(account: Account, lane: Calendar, alice: User):
    browser = signed_in(alice)

    page = browser.post(reverse("calendar-act", args=[account.pk, "pause"]), follow=True).content.decode()

    assert f'action="{reverse("calendar-act", args=[account.pk, "restart"])}"' in page
    assert "Undo" in page


def test_a_second_pause_keeps_the_first_moment_and_reason(account: Account, lane: Calendar):
    with tenant_scope(account.tenant):
        control.pause(account=account, stopped_by=Account.StoppedBy.ADMIN, now=NOW)
        control.pause(account=account, now=NOW + HOUR)

    account = reread(account)
    assert (account.stopped_at, account.stopped_by) == (NOW, "admin")


def test_restart_reads_everything_again_beside_the_rows(account: Account, lane: Calendar, alice: User):
    with every_tenant():
        Account.objects.update(stopped_at=NOW, stopped_by="user")
        Calendar.objects.update(failures=3, error_code="unavailable", not_before=NOW + HOUR)
        Cursor.objects.update(page_token="half way", sync_token="kept")

    press(signed_in(alice), account, "restart")

    lane = reread(lane)
    assert (lane.phase, lane.generation, lane.failures, lane.not_before) == ("resync", 2, 0, None)
    with every_tenant():
        assert set(Cursor.objects.values_list("page_token", "sync_token")) == {("", "kept")}
    assert state_of(alice) is State.IMPORTING


def test_restart_of_a_first_import_goes_on_where_it_was(account: Account, lane: Calendar):
    with every_tenant():
        Calendar.objects.update(phase="full", first_complete_at=None, progress_done=340)
        Cursor.objects.update(page_token="half way")

    with tenant_scope(account.tenant):
        control.restart(account=account, now=NOW)

    lane = reread(lane)
    assert (lane.phase, lane.generation, lane.progress_done) == ("full", 1, 340)
    with every_tenant():
        assert set(Cursor.objects.values_list("page_token", flat=True)) == {"half way"}


def test_restart_does_not_hide_that_the_grant_is_dead(account: Account, lane: Calendar, alice: User):
    with every_tenant():
        Account.objects.update(
            stopped_at=NOW, stopped_by="user", auth_state="reconnect", error_code="permission_missing"
        )

    with tenant_scope(account.tenant):
        control.restart(account=account, now=NOW)

    assert state_of(alice) is State.RECONNECT
    assert reread(account).error_code == "permission_missing"


def test_check_again_tries_once_more_and_is_not_called_active(account: Account, alice: User):
    lane = make_calendar(account, failures=1, error_code="approval_needed", next_poll_at=None)
    with every_tenant():
        Account.objects.update(auth_state="waiting", error_code="approval_needed")

    press(signed_in(alice), account, "check-again")

    assert reread(account).auth_state == "ok"
    assert reread(lane).next_poll_at is not None
    assert state_of(alice) is State.DELAYED


def test_check_again_is_no_way_around_a_dead_grant(account: Account, lane: Calendar):
    with every_tenant():
        Account.objects.update(auth_state="reconnect")

    with tenant_scope(account.tenant):
        control.check_again(account=account, now=NOW)

    assert reread(account).auth_state == "reconnect"


def test_retry_reads_only_that_calendar_again(account: Account, lane: Calendar, alice: User):
    other = make_calendar(account, "Private")
    make_skipped(lane)

    signed_in(alice).post(reverse("calendar-retry", args=[lane.pk]))

    assert (reread(lane).phase, reread(other).phase) == ("resync", "live")


def test_what_became_readable_leaves_the_list(connected_account: Connect, alice: User, sandbox: Sandbox):
    account = connected_account(alice, ALICE_AT_GOOGLE)
    sandbox.control("malformed", mailbox=ALICE_AT_GOOGLE, kinds=["missing_start"])
    drain()
    calendar = primary(account)
    [broken] = _skipped(calendar)
    sandbox.control(
        "events/patch",
        mailbox=ALICE_AT_GOOGLE,
        id=broken.remote_id,
        changes={"start": {"dateTime": "2026-11-25T09:00:00+01:00"}},
    )

    signed_in(alice).post(reverse("calendar-retry", args=[calendar.pk]))
    drain()

    assert _skipped(calendar) == []


def _skipped(calendar: Calendar) -> list[Any]:
    with every_tenant():
        return list(calendar.skipped_items.all())


@pytest.mark.parametrize("action", ACTIONS)
def test_pressing_twice_is_harmless(action: str, account: Account, lane: Calendar, alice: User):
    browser = signed_in(alice)

    answers = [press(browser, account, action), press(browser, account, action)]

    assert [answer.status_code for answer in answers] == [302, 302]


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_presses_buttons_of_somebody_else(
    action: str, account: Account, lane: Calendar, bob: User, charlie: User, ada: User
):
    activate_calendar(charlie.tenant)  # type: ignore[arg-type]

    for other in (bob, charlie, ada):
        assert press(signed_in(other), account, action).status_code == 404
        assert signed_in(other).post(reverse("calendar-retry", args=[lane.pk])).status_code == 404
    assert reread(account).stopped_at is None


def test_unknown_actions_and_reading_requests_do_nothing(account: Account, alice: User):
    browser = signed_in(alice)

    assert press(browser, account, "explode").status_code == 404
    assert browser.get(reverse("calendar-act", args=[account.pk, "pause"])).status_code == 405
    assert browser.get(reverse("calendar-retry", args=[1])).status_code == 405
