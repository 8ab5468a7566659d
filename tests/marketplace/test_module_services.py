"""The life of a module: its steps, their guards, the sessions and the audit log."""

import pytest

from marketplace.catalogue import CALENDAR
from marketplace.models import AuditEntry, BillingLine, Installation, Tenant, User
from marketplace.selectors import installation_of
from marketplace.services.modules import (
    FeeNotAccepted,
    StepRefused,
    UnknownOption,
    activate_module,
    deactivate_module,
    install_module,
    set_options,
    uninstall_module,
)
from marketplace.tenancy import tenant_scope
from tests.marketplace.modules import active, installed

FEE = CALENDAR.option("scheduler").monthly_cents


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_install_makes_the_module_available_without_activating_it(tenant: Tenant, ada: User):
    with tenant_scope(tenant):
        install_module(tenant=tenant, module=CALENDAR, by=ada)

        installation = installation_of("calendar")
        assert installation is not None
        assert not installation.is_active
        assert actions() == ["module_installed"]


def test_audit_tells_who_from_what_to_what(tenant: Tenant, ada: User):
    with tenant_scope(tenant):
        installed(tenant, ada)
        activate_module(tenant=tenant, module=CALENDAR, by=ada)

        entry = AuditEntry.objects.first()
        assert entry is not None
        assert (entry.actor, entry.actor_name, entry.subject) == (ada, "Ada", "calendar")
        assert (entry.before, entry.after) == ("installed", "active")


def test_each_step_is_refused_from_the_wrong_state_and_writes_nothing(tenant: Tenant, ada: User):
    with tenant_scope(tenant):
        for step in (activate_module, deactivate_module, uninstall_module):
            with pytest.raises(StepRefused):
                step(tenant=tenant, module=CALENDAR, by=ada)

        assert actions() == []
        tenant.refresh_from_db()
        assert tenant.session_epoch == 0


def test_a_second_click_is_refused_and_audits_nothing_twice(tenant: Tenant, ada: User):
    with tenant_scope(tenant):
        active(tenant, ada)

        for step in (install_module, activate_module):
            with pytest.raises(StepRefused):
                step(tenant=tenant, module=CALENDAR, by=ada)

        assert actions() == ["module_installed", "module_activated"]
        tenant.refresh_from_db()
        assert tenant.session_epoch == 1


def test_an_active_module_has_to_be_deactivated_before_it_is_uninstalled(tenant: Tenant, ada: User):
    with tenant_scope(tenant):
        active(tenant, ada)

        with pytest.raises(StepRefused):
            uninstall_module(tenant=tenant, module=CALENDAR, by=ada)
        deactivate_module(tenant=tenant, module=CALENDAR, by=ada)
        uninstall_module(tenant=tenant, module=CALENDAR, by=ada)

        assert installation_of("calendar") is None


def test_activation_raises_the_epoch_of_this_tenant_only(tenant: Tenant, other_tenant: Tenant, ada: User):
    with tenant_scope(tenant):
        active(tenant, ada)

    tenant.refresh_from_db()
    other_tenant.refresh_from_db()
    assert (tenant.session_epoch, tenant.session_reason) == (1, "activated")
    assert (other_tenant.session_epoch, other_tenant.session_reason) == (0, "")


def test_tenants_have_installations_of_their_own(
    tenant: Tenant, other_tenant: Tenant, ada: User, charlie: User
):
    with tenant_scope(tenant):
        active(tenant, ada)

    with tenant_scope(other_tenant):
        assert installation_of("calendar") is None
        assert actions() == []
        installed(other_tenant, charlie)
        assert Installation.objects.count() == 1


def test_a_free_option_is_switched_and_audited_once(tenant: Tenant, ada: User):
    with tenant_scope(tenant):
        active(tenant, ada)

        for _click in range(2):
            set_options(tenant=tenant, module=CALENDAR, choices={"show_both_versions": True}, by=ada)

        assert actions().count("option_changed") == 1
        entry = AuditEntry.objects.get(action="option_changed")
        assert (entry.subject, entry.before, entry.after) == ("calendar.show_both_versions", "off", "on")


def test_a_paid_option_needs_a_yes_to_its_fee(tenant: Tenant, ada: User):
    with tenant_scope(tenant):
        active(tenant, ada)

        with pytest.raises(FeeNotAccepted):
            set_options(
                tenant=tenant, module=CALENDAR, choices={"scheduler": True}, by=ada, accepted_cents=FEE - 1
            )

        installation = installation_of("calendar")
        assert installation is not None
        assert not installation.has("scheduler")
        assert not BillingLine.objects.exists()
        assert "option_changed" not in actions()


def test_a_second_switch_in_the_same_month_costs_nothing(tenant: Tenant, ada: User):
    with tenant_scope(tenant):
        active(tenant, ada)

        for on in (True, False, True):
            set_options(tenant=tenant, module=CALENDAR, choices={"scheduler": on}, by=ada, accepted_cents=FEE)

        line = BillingLine.objects.get()
        assert (line.item, line.amount_cents, line.by) == ("calendar.scheduler", FEE, ada)
        assert actions().count("option_changed") == 3


def test_options_need_an_active_module(tenant: Tenant, ada: User):
    with tenant_scope(tenant):
        installed(tenant, ada)

        with pytest.raises(StepRefused):
            set_options(tenant=tenant, module=CALENDAR, choices={"show_both_versions": True}, by=ada)


def test_unknown_options_are_refused(tenant: Tenant, ada: User):
    with tenant_scope(tenant):
        active(tenant, ada)

        with pytest.raises(UnknownOption):
            set_options(tenant=tenant, module=CALENDAR, choices={"teleport": True}, by=ada)


def test_deactivation_switches_paid_options_off_and_keeps_free_ones(tenant: Tenant, ada: User):
    with tenant_scope(tenant):
        active(tenant, ada)
        choices = {"scheduler": True, "show_both_versions": True}
        set_options(tenant=tenant, module=CALENDAR, choices=choices, by=ada, accepted_cents=FEE)

        deactivate_module(tenant=tenant, module=CALENDAR, by=ada)

        installation = installation_of("calendar")
        assert installation is not None
        assert installation.options == {"scheduler": False, "show_both_versions": True}
