"""The Django admin for operators."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from activities.models import Activity
from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant
from tests.activities.making import make_activity, make_record, make_type

TABLES = ["activity", "record", "activitytype", "result", "facility"]


@pytest.fixture
def operator(db: None) -> Client:
    """The browser of an operator."""
    User.objects.create_superuser(email="root@ops.example", password="root", name="Operator")
    browser = Client()
    assert browser.login(username="root@ops.example", password="root")
    return browser


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("view", ["changelist", "add"])
def test_every_table_can_be_opened(table: str, view: str, operator: Client, alice: User, tenant: Tenant):
    make_activity(alice, records=(make_record(tenant, "Lotte"),), type=make_type(tenant, "Intake"))

    assert operator.get(reverse(f"admin:activities_{table}_{view}")).status_code == 200


def test_an_operator_corrects_an_activity(operator: Client, alice: User):
    path = reverse("admin:activities_activity_change", args=[make_activity(alice).pk])
    times = {
        "starts_at_0": "2026-11-24",
        "starts_at_1": "08:00",
        "ends_at_0": "2026-11-24",
        "ends_at_1": "09:00",
    }
    answers = {
        "subject": "Moved",
        "kind": "appointment",
        "status": "open",
        "priority": 2,
        "tzid": "Europe/Amsterdam",
    }

    response = operator.post(path, {"tenant": alice.tenant_id, "owner": alice.pk, **answers, **times})

    assert response.status_code == 302
    with every_tenant():
        moved = Activity.objects.get()
    assert (moved.subject, moved.occurs_at) == ("Moved", moved.starts_at)


@pytest.mark.parametrize("wrong", ["tenant", "owner"])
def test_missing_and_foreign_links_are_errors_of_the_form(
    wrong: str, operator: Client, alice: User, charlie: User
):
    links: dict[str, Any] = {"tenant": alice.tenant_id, "owner": alice.pk}
    links[wrong] = charlie.pk if wrong == "owner" else ""

    response = operator.post(
        reverse("admin:activities_activity_add"),
        {"subject": "Task", "kind": "task", "status": "open", "priority": 2, **links},
    )

    assert response.status_code == 200
    assert wrong in response.context["adminform"].form.errors
