"""Who may open a page: everybody of a tenant, or its administrators."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from marketplace.models import Tenant, User

P = ParamSpec("P")


class MemberRequest(HttpRequest):
    """A request by somebody of a tenant; `tenant` is set by TenantMiddleware, whose scope is open."""

    user: User
    tenant: Tenant


MemberView = Callable[Concatenate[MemberRequest, P], HttpResponse]
GuardedView = Callable[..., HttpResponse]


def members_only(view: GuardedView) -> GuardedView:
    """Visitors are sent to the login page."""
    guarded: GuardedView = login_required(view)
    return guarded


def administrators_only(view: MemberView[P]) -> GuardedView:
    """Visitors are sent to the login page, other members get 403."""

    @wraps(view)
    def checked(request: MemberRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_administrator:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return members_only(checked)


class IsAdministrator(BasePermission):
    """The same for the API."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether an administrator asks."""
        return isinstance(request.user, User) and request.user.is_administrator
