"""Modules in the state a test begins with."""

from marketplace.catalogue import CALENDAR
from marketplace.models import Tenant, User
from marketplace.services.modules import activate_module, install_module
from marketplace.tenancy import tenant_scope


def installed(tenant: Tenant, by: User) -> None:
    """The Calendar module, installed."""
    with tenant_scope(tenant):
        install_module(tenant=tenant, module=CALENDAR, by=by)


def active(tenant: Tenant, by: User) -> None:
    """The Calendar module, active; sessions from before have ended."""
    installed(tenant, by)
    with tenant_scope(tenant):
        activate_module(tenant=tenant, module=CALENDAR, by=by)
