"""Activities, records and lists in the REST API."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from activities.models import RecordAddress
from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant
from tests.activities.making import make_activity, make_record, make_type
from tests.conftest import signed_in

LISTS = ["activities", "records", "activity-types", "results", "facilities"]


@pytest.mark.parametrize("name", LISTS)
def test_without_login_it_is_401(name: str, db: None):
    assert Client().get(f"/api/v1/{name}/").status_code == 401


@pytest.mark.parametrize("name", LISTS)
def test_it_only_reads(name: str, alice: User):
    browser = signed_in(alice)

    assert browser.post(f"/api/v1/{name}/", {}, content_type="application/json").status_code == 405
    assert browser.delete(f"/api/v1/{name}/1/").status_code == 405


def test_an_activity_is_told_in_full(alice: User, tenant: Tenant):
    lotte, phone = make_record(tenant, "Lotte"), make_type(tenant, "Phone")
    activity = make_activity(alice, records=(lotte,), type=phone)

    answer = signed_in(alice).get(f"/api/v1/activities/{activity.pk}/").json()

    assert answer["starts_at"] == "2026-11-23T09:00:00+01:00"
    assert answer["owner"] == {"id": alice.pk, "name": "Alice"}
    assert answer["type"]["colour"] == "#0b7a75"
    assert answer["records"] == [
        {"id": lotte.pk, "kind": "candidate", "external_id": "Lotte", "name": "Lotte"}
    ]


def test_another_tenant_gets_404_and_empty_lists(alice: User, charlie: User, tenant: Tenant):
    activity, record, phone = make_activity(alice), make_record(tenant, "Lotte"), make_type(tenant, "Phone")
    browser = signed_in(charlie)

    for path, pk in (("activities", activity.pk), ("records", record.pk), ("activity-types", phone.pk)):
        assert browser.get(f"/api/v1/{path}/{pk}/").status_code == 404
        assert browser.get(f"/api/v1/{path}/").json()["count"] == 0


def test_filters_of_the_page_work_here_too(alice: User, bob: User):
    make_activity(alice, "Hers")
    make_activity(bob, "His", kind="task")
    make_activity(alice, "Gone", synchronised_as="uid-1")
    browser = signed_in(alice)

    def found(**params: Any) -> list[str]:
        results = browser.get("/api/v1/activities/", params).json()["results"]
        return sorted(row["subject"] for row in results)

    assert found() == ["Hers", "His"]
    assert found(kind="task") == ["His"]
    assert found(owner=alice.pk, synchronised="include") == ["Gone", "Hers"]
    assert found(q="hers") == ["Hers"]


@pytest.mark.parametrize("query", ["owner=abc", "kind=foo", "since=x", "sort=password", "type=999999"])
def test_values_without_sense_are_refused_at_their_field(query: str, alice: User):
    answer = signed_in(alice).get(f"/api/v1/activities/?{query}")

    assert answer.status_code == 400
    assert list(answer.json()) == [query.split("=")[0]]


def test_pages_that_do_not_exist_are_404(alice: User):
    assert signed_in(alice).get("/api/v1/activities/?page=999").status_code == 404


def test_records_are_found_by_address_in_any_letter_case(alice: User, tenant: Tenant):
    lotte = make_record(tenant, "Lotte")
    make_record(tenant, "Bram")
    with every_tenant():
        for address in ("Lotte@post.example", "l@post.example"):
            RecordAddress.objects.create(tenant=tenant, record=lotte, address=address)

    answer = signed_in(alice).get("/api/v1/records/", {"address": "lotte@POST.example"}).json()

    assert [row["name"] for row in answer["results"]] == ["Lotte"]
    assert sorted(answer["results"][0]["addresses"]) == ["Lotte@post.example", "l@post.example"]


def test_the_number_of_statements_does_not_grow(
    alice: User, tenant: Tenant, django_assert_max_num_queries: DjangoAssertNumQueries
):
    records = tuple(make_record(tenant, f"Record {number}") for number in range(5))
    for number in range(20):
        make_activity(alice, str(number), records=records)
    browser = signed_in(alice)

    with django_assert_max_num_queries(6):
        browser.get("/api/v1/activities/")
    with django_assert_max_num_queries(6):
        browser.get("/api/v1/records/")
