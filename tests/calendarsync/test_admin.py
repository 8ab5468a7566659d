"""The Django admin of the synchronisation."""

import pytest
from django.test import Client
from django.urls import reverse

from calendarsync.models import Account, Channel
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.rows import NOW, make_account, make_calendar, make_run, make_skipped

TABLES = ["account", "calendar", "syncrun", "skippeditem", "channel"]
SECRETS = ("sealed_credentials", "secret_hash", "sync_token", "page_token", "the-hash")


@pytest.fixture
def operator(db: None) -> Client:
    """The browser of an operator."""
    User.objects.create_superuser(email="root@ops.example", password="root", name="Operator")
    browser = Client()
    assert browser.login(username="root@ops.example", password="root")
    return browser


@pytest.fixture
def rows(alice: User) -> dict[str, int]:
    """One row of each table, by table."""
    account = make_account(alice)
    calendar = make_calendar(account)
    with every_tenant():
        channel = Channel.objects.create(
            tenant=account.tenant, calendar=calendar, secret_hash="the-hash", expires_at=NOW, renew_at=NOW
        )
    made = (account, calendar, make_run(calendar), make_skipped(calendar), channel)
    return {table: row.pk for table, row in zip(TABLES, made, strict=True)}


@pytest.mark.parametrize("table", TABLES)
def test_lists_and_rows_show_no_secret(table: str, operator: Client, rows: dict[str, int]):
    with every_tenant():
        sealed = Account.objects.get().sealed_credentials
    addresses = (
        reverse(f"admin:calendarsync_{table}_changelist"),
        reverse(f"admin:calendarsync_{table}_change", args=[rows[table]]),
    )

    for address in addresses:
        answer = operator.get(address)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert not [secret for secret in (*SECRETS, sealed) if secret in page]


@pytest.mark.parametrize("table", TABLES)
def test_rows_are_not_written_by_hand(table: str, operator: Client, rows: dict[str, int]):
    assert operator.get(reverse(f"admin:calendarsync_{table}_add")).status_code == 403
    assert operator.post(reverse(f"admin:calendarsync_{table}_change", args=[rows[table]])).status_code == 403
    assert operator.post(reverse(f"admin:calendarsync_{table}_delete", args=[rows[table]])).status_code == 403


@pytest.mark.parametrize("table", TABLES)
def test_lists_can_be_searched_and_need_few_statements(
    table: str, operator: Client, rows: dict[str, int], django_assert_max_num_queries
):
    with django_assert_max_num_queries(20):
        answer = operator.get(reverse(f"admin:calendarsync_{table}_changelist"), {"q": "alice"})

    assert answer.status_code == 200


def test_an_operator_stops_and_restarts_a_connection(operator: Client, rows: dict[str, int]):
    changelist = reverse("admin:calendarsync_account_changelist")

    operator.post(changelist, {"action": "stop", "_selected_action": [rows["account"]]})
    with every_tenant():
        assert Account.objects.get().stopped_by == "admin"

    operator.post(changelist, {"action": "restart", "_selected_action": [rows["account"]]})
    with every_tenant():
        assert Account.objects.get().stopped_at is None


def test_members_have_no_admin(ada: User, rows: dict[str, int]):
    browser = Client()
    browser.login(username=ada.email, password="ada")

    assert browser.get(reverse("admin:calendarsync_account_changelist")).status_code == 302
