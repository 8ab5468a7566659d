"""Maintenance > Marketplace in the browser."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from marketplace.models import AuditEntry, BillingLine, Tenant, User
from marketplace.selectors import installation_of
from marketplace.tenancy import tenant_scope
from tests.conftest import signed_in
from tests.marketplace.modules import active, installed

PAGES = [
    reverse("marketplace"),
    reverse("module", args=["calendar"]),
    reverse("module-step", args=["calendar", "install"]),
    reverse("module-option", args=["calendar", "scheduler"]),
    reverse("audit-log"),
]


def step(name: str) -> str:
    return reverse("module-step", args=["calendar", name])


@pytest.mark.parametrize("page", PAGES)
def test_a_recruiter_gets_403_with_a_way_on(page: str, alice: User):
    response = signed_in(alice).get(page)

    assert response.status_code == 403
    assert "This page is for administrators" in response.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_visitor_is_sent_to_the_login_page(page: str, db: None):
    response = Client().get(page)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("login"))


def test_only_administrators_see_the_menu_entry(alice: User, ada: User):
    profile = reverse("profile")

    assert "Maintenance" not in signed_in(alice).get(profile).content.decode()
    assert "Maintenance" in signed_in(ada).get(profile).content.decode()


@pytest.mark.parametrize("name", ["install", "activate", "deactivate", "uninstall"])
def test_a_recruiter_cannot_take_a_step(name: str, alice: User, tenant: Tenant):
    response = signed_in(alice).post(step(name))

    assert response.status_code == 403
    with tenant_scope(tenant):
        assert not AuditEntry.objects.exists()


def test_card_tells_that_options_cost_and_leads_on_once_active(ada: User, tenant: Tenant):
    before = signed_in(ada).get(reverse("marketplace")).content.decode()
    active(tenant, ada)
    after = signed_in(ada).get(reverse("marketplace")).content.decode()

    assert "paid options from €\u00a015.00 per month" in before
    assert ("Open Calendar" in before, "Open Calendar" in after) == (False, True)


def test_install_then_activate_are_two_steps_and_end_in_a_new_login(ada: User):
    browser = signed_in(ada)

    browser.post(step("install"))
    response = browser.post(step("activate"), follow=True)

    assert response.redirect_chain[-1][0].startswith(f"{reverse('login')}?reason=activated")
    assert "Calendar 2.0 was activated" in response.content.decode()


def test_a_second_tab_gets_a_sentence_instead_of_an_error(ada: User, tenant: Tenant):
    first, second = signed_in(ada), signed_in(ada)

    first.post(step("install"))
    response = second.post(step("install"), follow=True)

    assert "Nothing was changed" in response.content.decode()
    with tenant_scope(tenant):
        assert AuditEntry.objects.count() == 1


def test_activation_logs_out_colleagues_and_nobody_else(ada: User, bob: User, charlie: User):
    installed(ada.tenant, ada)  # type: ignore[arg-type]
    colleague, stranger = signed_in(bob), signed_in(charlie)

    signed_in(ada).post(step("activate"))

    assert colleague.get(reverse("profile")).status_code == 302
    assert stranger.get(reverse("profile")).status_code == 200


def test_an_administrator_of_another_tenant_changes_only_their_own(tenant: Tenant, ada: User, charlie: User):
    active(tenant, ada)

    signed_in(charlie).post(step("deactivate"))

    with tenant_scope(tenant):
        installation = installation_of("calendar")
        assert installation is not None
        assert installation.is_active


@pytest.mark.parametrize("name", ["install", "activate", "deactivate", "uninstall"])
def test_each_confirmation_says_what_will_happen(name: str, ada: User):
    content = signed_in(ada).get(step(name)).content.decode()

    expected = (
        "Nothing changes for your colleagues" if name == "install" else "Nothing in Google or Microsoft"
    )
    assert expected in content


def test_unknown_modules_steps_and_options_are_404(ada: User):
    browser = signed_in(ada)

    for name, args in [
        ("module", ["teleport"]),
        ("module-step", ["calendar", "explode"]),
        ("module-step", ["teleport", "install"]),
        ("module-option", ["calendar", "teleport"]),
    ]:
        assert browser.get(reverse(name, args=args)).status_code == 404


def test_the_scheduler_costs_nothing_without_an_explicit_yes(tenant: Tenant, ada: User):
    active(tenant, ada)

    address = reverse("module-option", args=["calendar", "scheduler"])
    response = signed_in(ada).post(address, {"on": "yes"}, follow=True)

    assert "confirm the monthly fee" in response.content.decode()
    with tenant_scope(tenant):
        assert not BillingLine.objects.exists()


def test_the_scheduler_with_a_yes_is_shown_in_the_ledger(tenant: Tenant, ada: User):
    active(tenant, ada)
    address = reverse("module-option", args=["calendar", "scheduler"])

    response = signed_in(ada).post(address, {"on": "yes", "accept": "yes"}, follow=True)

    assert "Costs" in response.content.decode()
    assert "€\u00a015.00" in response.content.decode()


def test_both_versions_stand_in_the_menu_with_the_option(tenant: Tenant, ada: User):
    active(tenant, ada)
    browser = signed_in(ada)
    assert "Calendar 1.0</a>" not in browser.get(reverse("profile")).content.decode()

    browser.post(reverse("module-option", args=["calendar", "show_both_versions"]), {"on": "yes"})

    assert "Calendar 1.0</a>" in browser.get(reverse("profile")).content.decode()


def test_the_settings_tab_exists_only_while_the_module_is_active(tenant: Tenant, ada: User, alice: User):
    assert "Calendar sync settings" not in signed_in(alice).get(reverse("profile")).content.decode()

    active(tenant, ada)

    assert "Calendar sync settings" in signed_in(alice).get(reverse("profile")).content.decode()


def test_the_audit_log_needs_as_many_queries_for_sixty_entries_as_for_two(
    tenant: Tenant, ada: User, django_assert_max_num_queries: DjangoAssertNumQueries
):
    active(tenant, ada)
    browser = signed_in(ada)
    with tenant_scope(tenant):
        template = AuditEntry.objects.first()
        assert template is not None
        for _copy in range(60):
            template.pk = None
            template.save()

    with django_assert_max_num_queries(8):
        response = browser.get(reverse("audit-log"))

    assert "50 of 62" in response.content.decode()


def test_the_audit_log_filters_by_action(tenant: Tenant, ada: User):
    active(tenant, ada)

    response = signed_in(ada).get(reverse("audit-log"), {"action": "module_installed"})

    assert [entry.action for entry in response.context["page"]] == ["module_installed"]


def test_the_audit_log_shows_nothing_of_another_tenant(tenant: Tenant, ada: User, charlie: User):
    active(tenant, ada)

    response = signed_in(charlie).get(reverse("audit-log"))

    assert "Nothing has happened yet" in response.content.decode()


@pytest.mark.parametrize("query", ["page=x", "page=999", "action=teleport", "action=%00"])
def test_senseless_queries_of_the_audit_log_are_ignored(query: str, ada: User):
    assert signed_in(ada).get(f"{reverse('audit-log')}?{query}").status_code == 200
