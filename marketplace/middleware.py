"""Opens the tenant scope, the language and the zone of whoever is logged in; ends outdated sessions."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from marketplace.models import User
from marketplace.sign_in import session_is_current
from marketplace.tenancy import every_tenant, tenant_scope

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Requests by scripts get a sentence in JSON instead of a page they could not show.
SCRIPTED = ("/api/", "/calendar/stream/")
# What an operator, who belongs to no tenant, may open besides the admin.
OPERATORS = ("login", "logout", "language", "health", "ready", "metrics")


class TenantMiddleware:
    """Without a login there is no scope, so views that forget to demand one raise instead of leaking."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        with timezone.override(user.zone), translation.override(user.language):
            request.LANGUAGE_CODE = user.language
            if user.tenant is None:
                return self._operator(request)
            if not session_is_current(request, user):
                return _end_session(request, user.tenant.session_reason)
            request.tenant = user.tenant  # type: ignore[attr-defined]  # declared by MemberRequest
            with tenant_scope(user.tenant):
                return self.get_response(request)

    def _operator(self, request: HttpRequest) -> HttpResponseBase:
        admin = reverse("admin:index")
        if request.path.startswith(admin):
            with every_tenant():
                return self.get_response(request)
        if request.path in {reverse(name) for name in OPERATORS}:
            return self.get_response(request)
        return HttpResponseRedirect(admin)


def _end_session(request: HttpRequest, reason: str) -> HttpResponse:
    logout(request)
    if request.path.startswith(SCRIPTED):
        sentence = _("Your CRM was changed by an administrator. Please log in again.")
        return JsonResponse({"detail": sentence, "code": "session_ended", "reason": reason}, status=401)
    query = {"reason": reason}
    if request.method == "GET" and "HX-Request" not in request.headers:
        query["next"] = request.get_full_path()
    address = f"{reverse('login')}?{urlencode(query)}"
    return (
        HttpResponseClientRedirect(address)
        if "HX-Request" in request.headers
        else HttpResponseRedirect(address)
    )
