"""The Django admin for operators."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant
from tests.marketplace.modules import active

TABLES = ["tenant", "user", "useraddress", "installation", "auditentry", "billingline"]


@pytest.fixture
def operator(db: None) -> Client:
    """The browser of an operator."""
    User.objects.create_superuser(email="root@ops.example", password="root", name="Operator")
    browser = Client()
    assert browser.login(username="root@ops.example", password="root")
    return browser


@pytest.mark.parametrize("table", TABLES)
def test_every_table_can_be_read(table: str, operator: Client, tenant: Tenant, ada: User):
    active(tenant, ada)

    assert operator.get(reverse(f"admin:marketplace_{table}_changelist")).status_code == 200


@pytest.mark.parametrize("table", ["installation", "auditentry", "billingline"])
def test_history_cannot_be_written_by_hand(table: str, operator: Client):
    assert operator.get(reverse(f"admin:marketplace_{table}_add")).status_code == 403


def test_an_operator_makes_a_person(operator: Client, tenant: Tenant):
    response = operator.post(
        reverse("admin:marketplace_user_add"),
        {
            "email": "dana@linden.example",
            "name": "Dana",
            "tenant": tenant.pk,
            "role": "recruiter",
            "usable_password": "true",
            "password1": "a-Long-passw0rd",
            "password2": "a-Long-passw0rd",
        },
    )

    assert response.status_code == 302
    assert Client().login(username="dana@linden.example", password="a-Long-passw0rd")


def test_members_have_no_admin(ada: User):
    browser = Client()
    browser.login(username=ada.email, password="ada")

    assert browser.get(reverse("admin:index")).status_code == 302


def test_createsuperuser_makes_an_operator(db: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a-Long-passw0rd")

    call_command("createsuperuser", interactive=False, email="root@ops.example", name="Operator", verbosity=0)

    with every_tenant():
        operator = User.objects.get(email="root@ops.example")
    assert operator.is_superuser
    assert operator.tenant is None
