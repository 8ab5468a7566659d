"""The eight states, each from rows as runs leave them behind."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import translation

from calendarsync.models import Account, Calendar
from calendarsync.selectors.facts import accounts_of
from calendarsync.selectors.pill import pill_of
from calendarsync.selectors.states import AccountStatus, State
from calendarsync.selectors.status import status_of
from marketplace.models import User
from marketplace.tenancy import tenant_scope
from tests.calendarsync.rows import DAY, HOUR, MINUTE, NOW, make_account, make_calendar, make_skipped

Phase = Calendar.Phase
IMPORTING: dict[str, Any] = {"phase": Phase.FULL, "first_complete_at": None, "last_ok_at": NOW - MINUTE}


def status(owner: User, now: datetime = NOW) -> AccountStatus:
    with tenant_scope(owner.tenant):  # type: ignore[arg-type]
        [account] = accounts_of(owner)
        return status_of(account, now)


def test_without_an_account_nothing_has_started(alice: User):
    with tenant_scope(alice.tenant):  # type: ignore[arg-type]
        pill = pill_of(alice)

    assert (pill.state, pill.words, pill.tone) == (State.NOT_STARTED, "Not started yet", "quiet")


def test_missing_approval_waits_for_the_administrator(alice: User):
    account = make_account(alice, auth_state="waiting", error_code="approval_needed")
    make_calendar(account, failures=1, error_code="approval_needed")

    found = status(alice)

    assert (found.state, found.words) == (State.WAITING, "Waiting for your administrator")
    assert found.sentence == "Your Google administrator must trust this app before it can synchronise."


def test_first_reading_is_importing_with_its_progress(alice: User):
    make_calendar(make_account(alice), **IMPORTING, progress_done=340, progress_total=1204)

    found = status(alice)

    assert (found.state, found.words) == (
        State.IMPORTING,
        "Importing your appointments · 340 of 1,204",
    )
    assert found.progress is not None
    assert 0.4 < found.progress.share < 0.5


def test_an_unknown_total_is_not_invented(alice: User):
    make_calendar(make_account(alice), **IMPORTING, progress_done=340)

    assert status(alice).words == "Importing your appointments · 340 so far"


def test_near_weeks_count_as_importing(alice: User):
    make_calendar(make_account(alice), phase=Phase.NEAR, first_complete_at=None, last_ok_at=None)

    found = status(alice)

    assert (found.state, found.words) == (State.IMPORTING, "Importing your appointments")
    assert found.progress is not None
    assert found.progress.percent == 0


def test_numbers_follow_the_language(alice: User):
    make_calendar(make_account(alice), **IMPORTING, progress_done=340, progress_total=1204)

    with translation.override("nl"):
        assert "1.204" in status(alice).words


def test_everything_read_again_is_said(alice: User):
    make_calendar(make_account(alice), phase=Phase.RESYNC, progress_done=3, progress_total=9)

    found = status(alice)

    assert (found.state, found.words) == (State.IMPORTING, "Refreshing your appointments · 3 of 9")
    assert "stay visible" in found.sentence


def test_recent_success_of_every_calendar_is_active(alice: User):
    account = make_account(alice)
    make_calendar(account, last_ok_at=NOW - 2 * MINUTE)
    make_calendar(account, "Private", last_ok_at=NOW - MINUTE)

    found = status(alice)

    assert (found.state, found.words) == (State.ACTIVE, "Synchronised · 2 minutes ago")
    assert found.last_ok_at == NOW - 2 * MINUTE
    assert found.next_run_at == NOW + 8 * MINUTE


def test_a_calendar_left_out_does_not_count(alice: User):
    account = make_account(alice)
    make_calendar(account)
    make_calendar(account, "Old", selected=False, last_ok_at=NOW - 90 * DAY, failures=7)

    assert status(alice).state is State.ACTIVE


def test_skipped_items_are_warnings_with_their_number(alice: User):
    calendar = make_calendar(make_account(alice))
    for number in range(3):
        make_skipped(calendar, f"Broken {number}")

    found = status(alice)

    assert (found.state, found.words) == (State.WARNINGS, "Synchronised, 3 appointments need a look")
    assert found.skipped == 3


def test_one_skipped_item_is_singular(alice: User):
    make_skipped(make_calendar(make_account(alice)))

    assert status(alice).words == "Synchronised, 1 appointment needs a look"


@pytest.mark.parametrize("phase", [Phase.NO_ACCESS, Phase.GONE])
def test_a_lost_calendar_beside_a_good_one_is_a_warning(alice: User, phase: str):
    account = make_account(alice)
    make_calendar(account)
    make_calendar(account, "Team", phase=phase, failures=2, last_ok_at=NOW - 9 * DAY)

    found = status(alice)

    assert (found.state, found.words) == (State.WARNINGS, "Synchronised, one calendar needs a look")
    assert "“Team”" in found.sentence
    assert found.last_ok_at == NOW - 2 * MINUTE


def test_nothing_readable_is_not_called_synchronised(alice: User):
    make_calendar(make_account(alice), phase=Phase.NO_ACCESS, last_ok_at=NOW - DAY)

    found = status(alice)

    assert (found.state, found.words) == (State.WARNINGS, "Your calendar can no longer be read")


def test_no_chosen_calendar_is_not_called_synchronised(alice: User):
    make_calendar(make_account(alice), selected=False)

    assert status(alice).words == "No calendar is chosen"


def test_a_throttle_says_when_it_ends_by_the_users_clock(alice: User):
    make_calendar(make_account(alice, blocked_until=NOW + 65 * MINUTE))

    found = status(alice)

    assert (found.state, found.words) == (State.DELAYED, "Google is limiting us; we continue at 14:05")
    assert found.sentence.endswith("Your appointments stay visible; nothing is lost.")
    assert found.next_run_at == NOW + 65 * MINUTE


def test_twelve_hour_clock_and_own_zone_are_respected(alice: User):
    alice.clock, alice.time_zone = "12", "Europe/London"
    alice.save()
    make_calendar(make_account(alice, blocked_until=NOW + 65 * MINUTE))

    assert status(alice).words.endswith("at 1:05 pm")


def test_a_wait_until_tomorrow_says_so(alice: User):
    make_calendar(make_account(alice), failures=1, error_code="refused", not_before=NOW + 20 * HOUR)

    assert status(alice).words == "Delayed; we continue tomorrow at 09:00"


def test_a_throttle_that_ended_without_a_success_is_not_active(alice: User):
    account = make_account(alice, blocked_until=NOW - MINUTE, error_code="throttled", error_at=NOW - MINUTE)
    make_calendar(account)

    found = status(alice)

    assert (found.state, found.words) == (State.DELAYED, "Google is limiting us; we continue soon")


def test_a_success_ends_the_throttle(alice: User):
    account = make_account(alice, blocked_until=NOW - HOUR, error_code="throttled", error_at=NOW - 2 * HOUR)
    make_calendar(account)

    assert status(alice).state is State.ACTIVE


def test_a_failed_last_run_is_never_active(alice: User):
    make_calendar(
        make_account(alice), failures=1, error_code="unavailable", not_before=NOW + 5 * MINUTE, last_ok_at=NOW
    )

    found = status(alice)

    assert (found.state, found.words) == (State.DELAYED, "Delayed; we continue at 13:05")
    assert found.sentence == "Google does not answer properly; we try again at 13:05."


def test_a_time_that_has_passed_is_not_promised(alice: User):
    make_calendar(make_account(alice), failures=1, error_code="unavailable", not_before=NOW - HOUR)

    found = status(alice)

    assert found.words == "Delayed; we continue soon"
    assert found.sentence == "Google does not answer properly; we try again soon."


def test_silence_without_an_error_is_not_active(alice: User):
    make_calendar(make_account(alice), last_ok_at=NOW - DAY, next_poll_at=NOW - DAY)

    found = status(alice)

    assert (found.state, found.words) == (State.DELAYED, "Delayed; we continue soon")
    assert found.next_run_at is None


def test_a_delayed_import_keeps_its_progress(alice: User):
    account = make_account(alice, blocked_until=NOW + HOUR)
    make_calendar(account, **IMPORTING, progress_done=340, progress_total=1204)

    found = status(alice)

    assert found.state is State.DELAYED
    assert found.progress is not None
    assert (found.progress.done, found.progress.total) == (340, 1204)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (
            "reconnect_needed",
            "Google withdrew our access (password change, revoked or unused). Reconnect; nothing is lost.",
        ),
        (
            "permission_missing",
            "Calendar permission was not ticked. Reconnect and allow calendar access.",
        ),
    ],
)
def test_a_dead_grant_needs_reconnecting(alice: User, code: str, sentence: str):
    make_calendar(make_account(alice, auth_state="reconnect", error_code=code))

    found = status(alice)

    assert (found.state, found.words) == (State.RECONNECT, "Please reconnect your calendar")
    assert found.sentence == sentence


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("user", "Stopped by you on 3 May"),
        ("admin", "Stopped by your administrator on 3 May"),
        ("fault", "Stopped after repeated failures on 3 May"),
    ],
)
def test_stopped_says_by_whom_and_when(alice: User, by: str, words: str):
    make_calendar(make_account(alice, stopped_at=NOW.replace(month=5, day=3), stopped_by=by))

    found = status(alice)

    assert (found.state, found.words) == (State.STOPPED, words)


def test_stopped_today_says_today(alice: User):
    make_calendar(make_account(alice, stopped_at=NOW - HOUR, stopped_by="user"))

    assert status(alice).words == "Stopped by you today"


def test_our_own_faulty_setup_is_stopped_and_nothing_to_do_for_the_user(alice: User):
    make_calendar(make_account(alice), failures=1, error_code="setup_faulty", not_before=NOW + 20 * HOUR)

    found = status(alice)

    assert found.state is State.STOPPED
    assert found.sentence.startswith("This CRM is not set up correctly at Google.")


def test_an_account_that_is_closing_is_not_connected(alice: User):
    make_calendar(make_account(alice, closing_since=NOW))

    with tenant_scope(alice.tenant):  # type: ignore[arg-type]
        assert accounts_of(alice) == []
        assert pill_of(alice).state == State.NOT_STARTED


def test_the_pill_tells_the_most_urgent_account(alice: User):
    make_calendar(make_account(alice))
    make_calendar(make_account(alice, "second@mail.example", auth_state="reconnect"))

    with tenant_scope(alice.tenant):  # type: ignore[arg-type]
        assert pill_of(alice).words == "Please reconnect your calendar"


def test_an_error_of_a_former_release_still_has_a_sentence(alice: User):
    make_calendar(make_account(alice), failures=1, error_code="long_forgotten")

    assert status(alice).sentence.startswith("Something unexpected went wrong. The operator")


def test_everybody_sees_only_the_own_accounts(alice: User, bob: User, charlie: User):
    make_calendar(make_account(alice))

    for other in (bob, charlie):
        with tenant_scope(other.tenant):  # type: ignore[arg-type]
            assert accounts_of(other) == []


def test_the_state_needs_two_statements(alice: User, django_assert_num_queries: Any):
    for number in range(3):
        account = make_account(alice, f"box{number}@mail.example")
        for name in ("Work", "Private"):
            make_calendar(account, name)

    with tenant_scope(alice.tenant), django_assert_num_queries(2):  # type: ignore[arg-type]
        assert [status_of(found, NOW).state for found in accounts_of(alice)] == [State.ACTIVE] * 3


def test_every_account_has_an_owner_who_can_be_asked(alice: User):
    assert make_account(alice).may_start(NOW)
    assert not Account(auth_state="ok", blocked_until=NOW + HOUR).may_start(NOW)


def test_a_calendar_ticked_later_starts_its_own_progress_at_the_beginning(alice: User):
    account = make_account(alice)
    make_calendar(account, progress_done=5000, progress_total=5000, reading_since=NOW - 8 * DAY)
    make_calendar(
        account, "Team", **IMPORTING, reading_since=NOW - MINUTE, progress_done=10, progress_total=200
    )

    found = status(alice)

    assert found.words == "Importing your appointments · 10 of 200"
    assert found.progress is not None
    assert found.progress.share < 0.3


def test_calendars_of_one_import_are_counted_together_to_the_end(alice: User):
    account = make_account(alice)
    make_calendar(
        account,
        progress_done=300,
        progress_total=300,
        reading_since=NOW - HOUR,
        first_complete_at=NOW - 30 * MINUTE,
    )
    make_calendar(
        account, "Team", **IMPORTING, reading_since=NOW - HOUR, progress_done=40, progress_total=904
    )

    assert status(alice).words == "Importing your appointments · 340 of 1,204"


def test_a_quiet_comparison_is_no_import(alice: User):
    make_calendar(make_account(alice), phase=Phase.REPAIR)

    assert status(alice).state is State.ACTIVE
