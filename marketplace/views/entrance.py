"""Coming in, going out, and in which language."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST
from django.views.i18n import set_language
from django_htmx.http import HttpResponseClientRedirect

from marketplace.forms import LoginForm
from marketplace.models import Tenant, User
from marketplace.services.profile import change_profile


class Login(LoginView):
    """Checks the password; `next` is followed only within this site, `reason` explains a login anew."""

    form_class = LoginForm
    template_name = "marketplace/login.html"
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A fragment cannot hold the login page: the whole browser goes there, and back afterwards."""
        if "HX-Request" in request.headers:
            page = urlsplit(request.headers.get("HX-Current-URL", ""))
            query = urlencode({"next": page.path + (f"?{page.query}" if page.query else "")})
            return HttpResponseClientRedirect(f"{reverse('login')}?{query}")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the reason, if it is one of ours."""
        given = self.request.GET.get("reason", "")
        reason = given if given in Tenant.SessionReason.values else ""
        return super().get_context_data(**kwargs) | {"reason": reason}


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in a cookie and, for somebody who is logged in, in the profile."""
    language = request.POST.get("language", "")
    if isinstance(request.user, User) and check_for_language(language):
        change_profile(by=request.user, choices={"language": language})
    return set_language(request)
