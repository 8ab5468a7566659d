"""My profile > Calendar sync settings as the browser gets it."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from calendarsync.models import Calendar
from calendarsync.providers import provider_of
from calendarsync.selectors.history import DAYS, Day, History, history_of
from calendarsync.selectors.settings_tab import Action, cards_of
from calendarsync.templatetags.sync_words import day_of
from marketplace.models import Installation, User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.conftest import activate_calendar
from tests.calendarsync.rows import (
    DAY,
    NOW,
    make_account,
    make_calendar,
    make_event,
    make_run,
    make_skipped,
)
from tests.conftest import signed_in

PAGE = reverse("calendar-sync")
pytestmark = pytest.mark.usefixtures("calendar_active")


def page_of(user: User) -> str:
    answer = signed_in(user).get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def fresh(account: Any, name: str = "Work", **fields: Any) -> Calendar:
    """A calendar that succeeded just now by the clock of this machine."""
    now = timezone.now()
    return make_calendar(
        account, name, **{"last_ok_at": now, "next_poll_at": now + timedelta(minutes=9)} | fields
    )


def test_without_an_account_the_page_invites_to_start(alice: User):
    page = page_of(alice)

    assert "Start synchronization" in page
    assert f'href="{reverse("calendar")}"' in page


def test_a_card_tells_provider_protocol_address_and_state(alice: User):
    fresh(make_account(alice))

    page = page_of(alice)

    for words in (
        "alice@mail.example",
        "Google",
        str(provider_of("google").protocol),
        "Synchronised · just now",
        "Connected since",
    ):
        assert words in page


def test_each_state_has_its_action(alice: User):
    states: dict[Action, dict[str, Any]] = {
        Action.SYNC_NOW: {},
        Action.CHECK_AGAIN: {"auth_state": "waiting"},
        Action.RECONNECT: {"auth_state": "reconnect"},
        Action.RESTART: {"stopped_at": NOW, "stopped_by": "user"},
    }
    for number, fields in enumerate(states.values()):
        fresh(make_account(alice, f"box{number}@mail.example", **fields))

    with tenant_scope(alice.tenant):  # type: ignore[arg-type]
        cards = cards_of(alice, timezone.now())

    assert [card.primary for card in cards] == list(states)
    assert all(Action.DISCONNECT in card.others for card in cards)


def test_importing_asks_for_nothing_and_shows_progress(alice: User):
    fresh(make_account(alice), phase="full", first_complete_at=None, progress_done=340, progress_total=1204)

    page = page_of(alice)

    assert "Importing your appointments · 340 of 1,204" in page
    assert "<progress" in page
    assert "Pause synchronisation" in page
    assert "Sync now" not in page


def test_waiting_shows_what_the_administrator_needs(alice: User):
    fresh(make_account(alice, auth_state="waiting", error_code="approval_needed"))

    page = page_of(alice)

    assert "sandbox-client" in page
    assert "Check again" in page


def test_calendars_show_counts_and_what_they_allow(alice: User):
    account = make_account(alice)
    work = fresh(account, receives_new=True)
    fresh(account, "Team holidays", can_write=False)
    fresh(account, "Gone elsewhere", phase=Calendar.Phase.GONE)
    for number in range(2):
        make_event(work, f"Interview {number}")
    make_event(work, "Cancelled", kind="cancelled", starts_at=None, ends_at=None)

    page = page_of(alice)

    assert "2 events" in page
    assert "Read-only" in page
    assert "Removed at Google" in page
    assert page.count('name="receiver"') == 1


def test_a_gone_calendar_that_was_left_out_is_not_shown(alice: User):
    fresh(make_account(alice), "Old team", phase=Calendar.Phase.GONE, selected=False)

    assert "Old team" not in page_of(alice)


@pytest.mark.parametrize(
    ("stamp", "shown"),
    [
        ("2026-11-25T10:00:00+01:00", "25 November 2026"),
        ("2026-02-28", "28 February 2026"),
        ("2026-02-30", "2026-02-30"),
        ("", ""),
    ],
)
def test_date_of_a_skipped_item_is_a_day_in_words_where_it_is_one(stamp: str, shown: str):
    assert day_of(stamp) == shown


def test_skipped_items_show_title_date_reason_and_retry(alice: User):
    calendar = fresh(make_account(alice))
    make_skipped(calendar, "Strategy day", date="2026-02-30", reason="The date does not exist.")

    page = page_of(alice)

    for words in ("Strategy day", "2026-02-30", "The date does not exist."):
        assert words in page
    assert f'formaction="{reverse("calendar-retry", args=[calendar.pk])}"' in page


def test_an_item_without_a_title_shows_its_id(alice: User):
    make_skipped(fresh(make_account(alice)), "", remote_id="abc123")

    assert "abc123" in page_of(alice)


def test_support_sees_codes_but_no_secrets(alice: User):
    account = make_account(alice, error_code="throttled", error_detail="status=403", error_at=NOW)
    fresh(account)

    page = page_of(alice)

    assert str(account.public_id) in page
    assert "throttled" in page
    assert "status=403" in page
    assert "secret" not in page
    assert account.sealed_credentials not in page


def test_titles_from_outside_are_only_text(alice: User):
    calendar = fresh(make_account(alice), "<script>alert(1)</script>")
    make_skipped(calendar, "<img src=x>")

    page = page_of(alice)

    assert "<script>alert" not in page
    assert "<img src=x>" not in page


def test_history_counts_days_in_the_owners_zone(alice: User):
    calendar = make_calendar(make_account(alice))
    late_evening_utc = NOW.replace(hour=23, minute=30) - 2 * DAY  # the next day in Amsterdam
    make_run(calendar, late_evening_utc, changed=3, removed=1)
    make_run(calendar, NOW - DAY, outcome="failed", changed=0)
    make_run(calendar, NOW - 40 * DAY)

    with tenant_scope(alice.tenant):  # type: ignore[arg-type]
        history = history_of(calendar.account, NOW)

    assert len(history.days) == DAYS
    assert history.days[-1].date == NOW.date()
    assert history.days[-2] == Day((NOW - DAY).date(), runs=2, changes=4, failures=1)
    assert sum(day.runs for day in history.days) == 2


def test_bars_are_scaled_to_the_busiest_day_and_never_vanish():
    quiet, busy = Day(NOW.date(), runs=1), Day(NOW.date(), runs=100, failures=50)

    small, large = History((quiet, busy)).bars

    assert small.done_height == 3
    assert (large.done_height, large.failed_height) == (30, 30)
    assert large.failed_y == 0


def test_an_empty_history_says_so(alice: User):
    fresh(make_account(alice))

    assert "Nothing has been synchronised yet." in page_of(alice)


def test_history_is_also_a_table(alice: User):
    make_run(fresh(make_account(alice)), timezone.now(), changed=1204)

    page = page_of(alice)

    assert "Show as a table" in page
    assert "1,204" in page


def test_colleagues_and_other_tenants_see_nothing_of_it(alice: User, bob: User, charlie: User):
    activate_calendar(charlie.tenant)  # type: ignore[arg-type]
    fresh(make_account(alice))

    for other in (bob, charlie):
        assert "alice@mail.example" not in page_of(other)


def test_a_closing_account_is_not_shown(alice: User):
    fresh(make_account(alice, closing_since=NOW))

    assert "alice@mail.example" not in page_of(alice)


def test_the_tab_is_there_only_while_the_module_is_active(alice: User):
    browser = signed_in(alice)
    assert "Calendar sync settings" in browser.get(reverse("profile")).content.decode()

    with every_tenant():
        Installation.objects.update(state=Installation.State.INSTALLED)

    assert browser.get(PAGE).status_code == 404
    assert "Calendar sync settings" not in browser.get(reverse("profile")).content.decode()


def test_many_calendars_and_items_need_no_more_statements(
    alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
):
    account = make_account(alice)
    for number in range(8):
        calendar = fresh(account, f"Calendar {number}")
        make_skipped(calendar)
        make_event(calendar)
        make_run(calendar, timezone.now())
    browser = signed_in(alice)

    with django_assert_max_num_queries(12):
        browser.get(PAGE)
