"""The calendar page, its details panel and what its scripts are told."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from calendarsync.selectors.details import search
from marketplace.models import Tenant, User
from marketplace.services.sessions import end_sessions
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.conftest import activate_calendar
from tests.calendarsync.rows import DAY, HOUR, NOW, make_account, make_calendar, make_event
from tests.conftest import signed_in

PAGE = reverse("calendar")
pytestmark = pytest.mark.usefixtures("calendar_active")


def page_of(user: User, **query: str) -> str:
    answer = signed_in(user).get(PAGE, query)
    assert answer.status_code == 200
    return answer.content.decode()


def settings_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="calendar-settings" type="application/json">(.*?)</script>', page)
    assert found
    return dict(json.loads(found[1]))


def details(user: User, pk: int, **query: str) -> Any:
    return signed_in(user).get(reverse("calendar-event", args=[pk]), query)


# The page


def test_newcomer_sees_one_button_and_nothing_else(alice: User) -> None:
    page = page_of(alice)

    assert "Start synchronization" in page
    assert "Continue with Google" not in page
    assert "calendar-settings" not in page


def test_choosing_offers_google_and_says_what_follows_later(alice: User) -> None:
    page = page_of(alice, step="choose")

    assert f'action="{reverse("calendar-connect", args=["google"])}"' in page
    assert page.count("disabled>Not yet available") == 2


def test_colleague_of_a_connected_person_still_gets_the_invitation(alice: User, bob: User) -> None:
    make_calendar(make_account(alice))

    page = page_of(bob)

    assert "Start synchronization" in page
    assert "alice@mail.example" not in page


def test_page_tells_its_scripts_zone_habits_and_own_calendars(alice: User, bob: User) -> None:
    mine = make_calendar(make_account(alice), colour="#0b8043")
    make_calendar(make_account(bob, "bob@mail.example"), "Bob's")

    settings = settings_of(page_of(alice))

    assert settings["calendars"] == [{"id": mine.pk, "name": "Work", "colour": "#0b8043"}]
    assert (settings["zone"], settings["language"], settings["first_weekday"]) == (
        "Europe/Amsterdam",
        "en-GB",
        1,
    )
    assert not settings["twelve_hours"]


def test_reader_in_another_zone_is_told_which_zone_is_shown(alice: User) -> None:
    make_calendar(make_account(alice))
    with every_tenant():
        User.objects.filter(pk=alice.pk).update(time_zone="America/New_York")

    page = page_of(alice)

    assert "Times in Amsterdam · you live in New York" in page
    assert settings_of(page)["zone"] == "Europe/Amsterdam"


def test_progress_bar_is_there_during_the_first_import_only(alice: User) -> None:
    calendar = make_calendar(make_account(alice), phase="near", first_complete_at=None)

    importing = page_of(alice)
    with every_tenant():
        type(calendar).objects.update(phase="live", first_complete_at=NOW)
    done = page_of(alice)

    assert '<div class="cal-import" data-import>' in importing
    assert '<div class="cal-import" data-import hidden>' in done


def test_without_the_module_there_is_no_page(charlie: User) -> None:
    assert signed_in(charlie).get(PAGE).status_code == 404
    assert details(charlie, 1).status_code == 404


def test_content_policy_lets_a_sign_in_lead_to_the_provider(alice: User) -> None:
    policy = signed_in(alice).get(PAGE).headers["Content-Security-Policy"]

    assert re.search(r"form-action 'self' https: http://127\.0\.0\.1", policy)
    assert "unsafe-inline" not in policy


def test_script_whose_session_ended_learns_the_reason(alice: User, tenant: Tenant) -> None:
    browser = signed_in(alice)
    end_sessions(tenant=tenant, reason=Tenant.SessionReason.ACTIVATED)

    answer = browser.get(reverse("api-sync-status"))

    assert (answer.status_code, answer.json()["code"], answer.json()["reason"]) == (
        401,
        "session_ended",
        "activated",
    )


# The details


def test_details_tell_when_where_who_and_whence(alice: User) -> None:
    people = [
        {"address": "alice@mail.example", "name": "Alice", "response": "accepted", "me": True},
        {"address": "lotte@mail.example", "name": "Lotte", "response": "none"},
    ]
    calendar = make_calendar(make_account(alice))
    event = make_event(
        calendar, "Intake", location="Room 2", attendees=people, html_link="https://calendar.test/e/1"
    )

    page = details(alice, event.pk).content.decode()

    for words in (
        "Intake",
        "Monday 23 November 2026, 13:00\N{NO-BREAK SPACE}\N{EN DASH}\N{NO-BREAK SPACE}14:00",
        "Room 2",
        "2 people",
        "1 accepted, 1 no answer yet",
        "Google · alice@mail.example · Work",
        "Open in Google",
    ):
        assert words in page


def test_details_in_another_zone_say_both_times(alice: User) -> None:
    event = make_event(make_calendar(make_account(alice)))
    with every_tenant():
        User.objects.filter(pk=alice.pk).update(time_zone="America/New_York")

    page = details(alice, event.pk).content.decode()

    assert "13:00" in page
    assert re.search(r"For you: Monday 23 November 2026, 07:00.*America/New_York", page)


def test_details_of_an_occurrence_show_its_own_day(alice: User) -> None:
    series = make_event(
        make_calendar(make_account(alice)),
        "Stand-up",
        kind="master",
        recurrence=["RRULE:FREQ=WEEKLY;INTERVAL=2"],
    )

    page = details(alice, series.pk, start="20261207T120000Z").content.decode()

    assert "Monday 7 December 2026, 13:00" in page
    assert "Repeats every 2 weeks" in page


@pytest.mark.parametrize("start", ["20261207", "yesterday", "20261399T120000Z"])
def test_start_that_is_none_is_not_found(alice: User, start: str) -> None:
    series = make_event(make_calendar(make_account(alice)), kind="master")

    assert details(alice, series.pk, start=start).status_code == 404


def test_read_only_event_says_why(alice: User) -> None:
    calendar = make_calendar(make_account(alice), can_write=False)

    page = details(alice, make_event(calendar).pk).content.decode()

    assert "You may read this calendar, not change it." in page


def test_title_and_place_from_outside_are_only_text(alice: User) -> None:
    calendar = make_calendar(make_account(alice))
    event = make_event(calendar, "<script>alert(1)</script>", location="<img src=x onerror=alert(1)>")

    page = details(alice, event.pk).content.decode()

    assert "<script>" not in page
    assert "<img" not in page


def test_nobody_else_sees_the_details(alice: User, bob: User, charlie: User, other_tenant: Tenant) -> None:
    activate_calendar(other_tenant)
    event = make_event(make_calendar(make_account(alice)))

    assert details(alice, event.pk).status_code == 200
    assert details(bob, event.pk).status_code == 404
    assert details(charlie, event.pk).status_code == 404
    assert Client().get(reverse("calendar-event", args=[event.pk])).status_code == 302


# The search


def test_search_tells_what_is_ahead_first_and_the_nearest_of_it(alice: User) -> None:
    calendar = make_calendar(make_account(alice))
    for title, days in (("last week", -7), ("yesterday", -1), ("next week", 7), ("tomorrow", 1)):
        make_event(calendar, f"Call {title}", starts_at=NOW + days * DAY, ends_at=NOW + days * DAY + HOUR)

    with tenant_scope(calendar.tenant):
        found = [event.title for event in search(alice, "call", limit=10, now=NOW)]

    assert found == ["Call tomorrow", "Call next week", "Call yesterday", "Call last week"]


def test_search_keeps_room_for_what_was(alice: User) -> None:
    calendar = make_calendar(make_account(alice))
    for number in range(4):
        make_event(calendar, f"Call {number}", starts_at=NOW + DAY, ends_at=NOW + DAY + HOUR)
        make_event(calendar, f"Past call {number}", starts_at=NOW - DAY, ends_at=NOW - DAY + HOUR)

    with tenant_scope(calendar.tenant):
        found = [event.starts_at > NOW for event in search(alice, "call", limit=4, now=NOW)]  # type: ignore[operator]

    assert found == [True, True, False, False]
