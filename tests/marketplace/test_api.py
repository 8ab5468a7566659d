"""The marketplace in the REST API."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from marketplace.models import Tenant, User
from tests.conftest import signed_in
from tests.marketplace.modules import active, installed

JSON = "application/json"
FOR_ADMINISTRATORS = [
    ("get", "/api/v1/modules/"),
    ("post", "/api/v1/modules/calendar/install/"),
    ("patch", "/api/v1/modules/calendar/options/"),
    ("get", "/api/v1/audit/"),
]


def test_me_is_whoever_asks(alice: User):
    answer = signed_in(alice).get("/api/v1/me/").json()

    assert (answer["name"], answer["role"], answer["time_zone"]) == ("Alice", "recruiter", "Europe/Amsterdam")
    assert answer["addresses"] == ["alice@linden.example"]


@pytest.mark.parametrize(("method", "path"), [("get", "/api/v1/me/"), *FOR_ADMINISTRATORS])
def test_without_login_it_is_401(method: str, path: str, db: None):
    assert getattr(Client(), method)(path).status_code == 401


@pytest.mark.parametrize(("method", "path"), FOR_ADMINISTRATORS)
def test_recruiters_get_403(method: str, path: str, alice: User):
    assert getattr(signed_in(alice), method)(path).status_code == 403


def test_steps_change_the_state_and_refuse_what_does_not_fit(ada: User):
    browser = signed_in(ada)

    first = browser.post("/api/v1/modules/calendar/install/")
    second = browser.post("/api/v1/modules/calendar/install/")

    assert (first.status_code, first.json()["state"]) == (200, "installed")
    assert (second.status_code, second.json()["code"]) == (409, "step_refused")


def test_activation_ends_the_session_of_the_caller(ada: User, tenant: Tenant):
    installed(tenant, ada)
    browser = signed_in(ada)

    answer = browser.post("/api/v1/modules/calendar/activate/")

    assert answer.json()["state"] == "active"
    assert browser.get("/api/v1/me/").status_code == 401


def test_options_are_switched_with_a_yes_to_the_fee(ada: User, tenant: Tenant):
    active(tenant, ada)
    browser = signed_in(ada)
    path = "/api/v1/modules/calendar/options/"

    without = browser.patch(path, {"options": {"scheduler": True}}, JSON)
    accepted = browser.patch(path, {"options": {"scheduler": True}, "accepted_cents": 1500}, JSON)

    assert (without.status_code, without.json()["code"]) == (409, "fee_not_accepted")
    assert {option["key"]: option["on"] for option in accepted.json()["options"]} == {
        "show_both_versions": False,
        "scheduler": True,
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"options": {}},
        {"options": {"teleport": True}},
        {"options": {"scheduler": "maybe"}},
        {"options": []},
        [],
    ],
)
def test_senseless_options_are_field_errors(body: object, ada: User, tenant: Tenant):
    active(tenant, ada)

    answer = signed_in(ada).patch("/api/v1/modules/calendar/options/", body, JSON)

    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["modules/teleport/install/", "modules/calendar/explode/"])
def test_unknown_modules_and_steps_are_404(path: str, ada: User):
    assert signed_in(ada).post(f"/api/v1/{path}").status_code == 404


def test_the_audit_log_is_paged_filtered_and_of_one_tenant(ada: User, charlie: User, tenant: Tenant):
    active(tenant, ada)
    browser = signed_in(ada)

    answer = browser.get("/api/v1/audit/", {"page_size": 1}).json()
    narrowed = browser.get("/api/v1/audit/", {"action": "module_installed"}).json()
    senseless = browser.get("/api/v1/audit/", {"action": "teleport"})

    assert (answer["count"], len(answer["results"])) == (2, 1)
    assert answer["results"][0]["subject_name"] == "Calendar"
    assert narrowed["count"] == 1
    assert senseless.status_code == 400
    assert signed_in(charlie).get("/api/v1/audit/").json()["count"] == 0


def test_the_catalogue_needs_a_constant_number_of_queries(
    ada: User, tenant: Tenant, django_assert_max_num_queries: DjangoAssertNumQueries
):
    active(tenant, ada)
    browser = signed_in(ada)

    with django_assert_max_num_queries(4):
        browser.get("/api/v1/modules/")
