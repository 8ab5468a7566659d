"""The activities page: what is on it, filters, search, sorting and paging."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from marketplace.models import Tenant, User
from tests.activities.making import MONDAY_NINE, make_activity, make_all_day, make_record, make_type
from tests.conftest import signed_in
from tests.marketplace.modules import active

LIST = "/activities/"


def subjects(answer: Any) -> list[str]:
    """The subjects on the page, in order."""
    assert answer.status_code == 200
    return [activity.subject for activity in answer.context["page"]]


def test_visitors_must_log_in(db: None):
    answer = Client().get(LIST)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


def test_colleagues_see_each_others_work_and_strangers_nothing(alice: User, bob: User, charlie: User):
    make_activity(alice)

    assert subjects(signed_in(bob).get(LIST)) == ["Intake"]
    assert subjects(signed_in(charlie).get(LIST)) == []


def test_every_kind_is_listed_and_synchronised_appointments_are_not(alice: User):
    make_activity(alice, "Appointment")
    make_activity(alice, "Meeting", synchronised_as="uid-1")
    make_activity(alice, "Task", kind="task")

    browser = signed_in(alice)

    assert set(subjects(browser.get(LIST))) == {"Appointment", "Task"}
    assert set(subjects(browser.get(LIST, {"synchronised": "include"}))) == {"Appointment", "Meeting", "Task"}
    assert subjects(browser.get(LIST, {"synchronised": "only"})) == ["Meeting"]


def test_activating_the_module_loses_nothing(alice: User, ada: User, tenant: Tenant):
    make_activity(alice)

    active(tenant, ada)
    tenant.refresh_from_db()

    assert subjects(signed_in(alice).get(LIST)) == ["Intake"]


def test_filters_narrow_together(alice: User, bob: User, tenant: Tenant):
    phone, lotte = make_type(tenant, "Phone"), make_record(tenant, "Lotte")
    make_activity(alice, "Both", records=(lotte,), type=phone)
    make_activity(alice, "Type only", type=phone)
    make_activity(bob, "Record only", records=(lotte,))
    browser = signed_in(alice)

    assert set(subjects(browser.get(LIST, {"type": phone.pk}))) == {"Both", "Type only"}
    assert set(subjects(browser.get(LIST, {"record": lotte.pk}))) == {"Both", "Record only"}
    assert subjects(browser.get(LIST, {"type": phone.pk, "record": lotte.pk, "owner": alice.pk})) == ["Both"]


@pytest.mark.parametrize(
    "text", ["lotte", "LOTTE intake", "java utrecht", "references", "100%", "o'neil", "Zoë"]
)
def test_every_word_is_searched_in_subject_description_location_and_records(
    text: str, alice: User, tenant: Tenant
):
    lotte = make_record(tenant, "Lotte Vermeulen")
    texts = {"description": "Java, references, 100% remote", "location": "Utrecht, O'Neil's, Zoë"}
    make_activity(alice, "Intake", records=(lotte,), **texts)
    make_activity(alice, "Something else")

    assert subjects(signed_in(alice).get(LIST, {"q": text})) == ["Intake"]


@pytest.mark.parametrize("text", ["%", "_", "Intake nowhere"])
def test_wildcards_are_letters(text: str, alice: User):
    make_activity(alice)

    assert subjects(signed_in(alice).get(LIST, {"q": text})) == []


@time_machine.travel("2026-11-23 12:00+01:00", tick=False)
@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("today", {"now", "journey"}),
        ("this-week", {"now", "journey", "sunday"}),
        ("next-week", {"next"}),
        ("this-month", {"now", "journey", "sunday", "next"}),
        ("upcoming", {"now", "journey", "sunday", "next"}),
        ("past", {"journey", "before"}),
    ],
)
def test_periods_count_days_of_the_reader(period: str, expected: set[str], alice: User):
    make_activity(alice, "now")
    make_all_day(alice, "journey", date(2026, 11, 21), date(2026, 11, 24))
    make_all_day(alice, "sunday", date(2026, 11, 29), date(2026, 11, 30))
    make_activity(alice, "next", starts_at=MONDAY_NINE + timedelta(days=7))
    make_all_day(alice, "before", date(2026, 10, 30), date(2026, 11, 1))

    assert set(subjects(signed_in(alice).get(LIST, {"period": period}))) == expected


def test_dates_from_and_until_are_both_included(alice: User):
    for day in range(4):
        make_activity(alice, f"day {day}", starts_at=MONDAY_NINE + timedelta(days=day))

    found = signed_in(alice).get(LIST, {"since": "2026-11-24", "until": "2026-11-25", "sort": "when"})

    assert subjects(found) == ["day 1", "day 2"]


@pytest.mark.parametrize(
    "garbage",
    [
        "owner=abc&kind=foo&type=-1&result=999999999999999999999&record=x",
        "since=31-31-2026&until=0001-01-01&period=never&status=%00",
        "since=9999-12-31",
        "sort=password&page=-3",
        "page=999999999999999999999999",
        "q=%00%F0%9F%92%A9",
        "synchronised[]=1&kind[$ne]=task",
        f"q={'x' * 5000}",
    ],
)
def test_garbage_in_the_address_is_left_out(garbage: str, alice: User):
    make_activity(alice)

    answer = signed_in(alice).get(f"{LIST}?{garbage}")

    assert subjects(answer) == ["Intake"]


def test_fields_left_empty_leave_the_address(alice: User):
    answer = signed_in(alice).get(f"{LIST}?q=intake&owner=&kind=")

    assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?q=intake")


def test_garbage_is_mentioned(alice: User):
    answer = signed_in(alice).get(LIST, {"owner": "nobody", "since": "2026-02-30", "until": "soon"})

    assert b"made no sense" in answer.content
    assert b'value="2026-02-30"' not in answer.content
    assert b'value="soon"' not in answer.content


def test_filters_that_are_on_can_be_taken_off(alice: User):
    answer = signed_in(alice).get(f"{LIST}?owner={alice.pk}&status=open&sort=subject")

    chips = {(chip.label, chip.value, chip.without) for chip in answer.context["listing"].chips}

    assert chips == {
        ("Owner", "Alice", "?status=open&sort=subject"),
        ("Status", "Open", f"?owner={alice.pk}&sort=subject"),
    }


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("subject", ["a", "b", "c"]),
        ("-subject", ["c", "b", "a"]),
        ("when", ["b", "a", "c"]),
        ("-when", ["c", "a", "b"]),
    ],
)
def test_columns_sort_both_ways(sort: str, expected: list[str], alice: User):
    for subject, days in (("a", 1), ("b", 0), ("c", 2)):
        make_activity(alice, subject, starts_at=MONDAY_NINE + timedelta(days=days))

    assert subjects(signed_in(alice).get(LIST, {"sort": sort})) == expected


def test_every_row_is_on_exactly_one_page(alice: User):
    for number in range(51):
        make_activity(alice, str(number))
    browser = signed_in(alice)

    pages = [subjects(browser.get(LIST, {"page": page})) for page in (1, 2)]

    assert sorted(pages[0] + pages[1], key=int) == [str(number) for number in range(51)]


def test_an_empty_list_and_a_list_without_a_match_say_different_things(alice: User):
    browser = signed_in(alice)

    assert b"No activities yet" in browser.get(LIST).content
    assert b"Nothing matches" in browser.get(LIST, {"q": "x"}).content


def test_the_number_of_statements_does_not_grow(
    alice: User, tenant: Tenant, django_assert_max_num_queries: DjangoAssertNumQueries
):
    records = tuple(make_record(tenant, f"Record {number}") for number in range(3))
    for number in range(40):
        make_activity(alice, str(number), records=records, type=make_type(tenant, f"Type {number}"))
    browser = signed_in(alice)

    with django_assert_max_num_queries(12):
        browser.get(f"{LIST}?owner={alice.pk}&q=record")


def test_one_activity_is_for_its_tenant_only(alice: User, bob: User, charlie: User):
    path = f"{LIST}{make_activity(alice).pk}/"

    assert b"Intake" in signed_in(bob).get(path).content
    assert signed_in(charlie).get(path).status_code == 404
    assert signed_in(alice).get(f"{LIST}999999999999999999999999/").status_code == 404


def test_texts_are_shown_as_texts(alice: User):
    activity = make_activity(alice, "<script>alert(1)</script>", description="<b>bold</b>")

    page = signed_in(alice).get(f"{LIST}{activity.pk}/").content

    assert b"<script>alert" not in page
    assert b"<b>bold" not in page
