"""Logging in: credentials across tenants, the session epoch, and the page for too many attempts."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marketplace.models import User
from marketplace.tenancy import every_tenant

EPOCH = "session_epoch"
# No address is longer than 254 characters, and databases refuse to compare or keep endless ones.
_LONGER_THAN_ANY = 255


class TenantBackend(ModelBackend):
    """Checks a password before any tenant is known, hence outside a scope."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Find the person by e-mail address in any letter case; None when the pair is wrong."""
        with every_tenant():
            address = (username or "").strip()[:_LONGER_THAN_ANY]
            found = User.objects.filter(email__iexact=address).select_related("tenant").first()
            if found is None:
                User().set_password(password)  # same time as a real check, so addresses cannot be probed
                return None
            matches = found.check_password(password or "") and self.user_can_authenticate(found)
            return found if matches else None

    def get_user(self, user_id: int) -> User | None:
        """The person of a session; runs on every request, before the scope is opened."""
        with every_tenant():
            found = User.objects.filter(pk=user_id).select_related("tenant").first()
        return found if found and self.user_can_authenticate(found) else None


@receiver(user_logged_in)
def remember_epoch(sender: type[User], request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Note in the session which epoch it belongs to."""
    if user.tenant is not None:
        request.session[EPOCH] = user.tenant.session_epoch


def session_is_current(request: HttpRequest, user: User) -> bool:
    """Whether the session began after the tenant's last "everybody logs in again"."""
    return user.tenant is None or request.session.get(EPOCH) == user.tenant.session_epoch


def attempted_address(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The address somebody tried, as the lock counts it: letter case and spaces buy no further guesses."""
    given = (credentials or {}).get("username") or request.POST.get("username", "")
    return str(given).strip().lower()[:_LONGER_THAN_ANY]


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: Any) -> HttpResponse:
    """Say that there were too many attempts and when the next one is possible."""
    minutes = round(timedelta(hours=settings.AXES_COOLOFF_TIME).total_seconds() / 60)
    return render(request, "marketplace/locked_out.html", {"minutes": minutes}, status=429)
