"""Tenant scope that fails closed: a query on a tenant's table without a scope raises.

The only importer of django-scopes, so that the library can be replaced in one place.
"""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.db import models
from django_scopes import ScopedManager, scope, scopes_disabled
from django_scopes.exceptions import ScopeError as NoTenantScope
from django_scopes.manager import DisabledQuerySet
from django_scopes.state import get_scope

if TYPE_CHECKING:
    from marketplace.models import Tenant

ManagerT = TypeVar("ManagerT", bound="models.Manager[Any]")

# django-scopes refuses every other read; these two would answer without a scope.
DisabledQuerySet.exists = DisabledQuerySet.explain = DisabledQuerySet.error

__all__ = ["NoTenantScope", "current_tenant", "every_tenant", "scoped", "tenant_scope"]


def tenant_scope(tenant: "Tenant") -> AbstractContextManager[None]:
    """Within this block every scoped manager sees only rows of `tenant`."""
    return cast("AbstractContextManager[None]", scope(tenant=tenant))


def every_tenant() -> AbstractContextManager[None]:
    """Lift the scope. For schedulers, webhooks and operators' commands; never around a user's request."""
    return cast("AbstractContextManager[None]", scopes_disabled())


def current_tenant() -> "Tenant | None":
    """The tenant of the running scope, if any."""
    found = get_scope()
    return found.get("tenant") if found.get("_enabled") else None


def scoped(manager_class: type[ManagerT]) -> ManagerT:
    """A manager that filters on `tenant` of the running scope and raises NoTenantScope without one."""
    manager = ScopedManager(tenant="tenant", _manager_class=manager_class)
    # Under the name it was declared with, tracebacks and type checkers know the generated class.
    made = type(manager)
    made.__module__, made.__qualname__ = manager_class.__module__, manager_class.__qualname__
    return cast("ManagerT", manager)
