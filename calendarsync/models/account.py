"""A mailbox somebody connected."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carerix_calendar.lib.crypto import seal, unseal
from marketplace.models import TenantRow


class Account(TenantRow):
    """One grant at one provider. `auth_state` alone decides whether we may call the provider."""

    class AuthState(models.TextChoices):
        OK = "ok", _("Signed in")
        WAITING = "waiting", _("Waiting for approval")
        RECONNECT = "reconnect", _("Reconnect needed")
        ENDED = "ended", _("Disconnected, copies kept")

    class StoppedBy(models.TextChoices):
        USER = "user", _("You")
        ADMIN = "admin", _("Your administrator")
        FAULT = "fault", _("Repeated failure")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_accounts"
    )
    provider = models.CharField(max_length=20)
    host = models.CharField(max_length=255, blank=True)
    subject = models.CharField(max_length=255, help_text="Who the provider says this is; never changes")
    address = models.CharField(max_length=320)
    display_name = models.CharField(max_length=255, blank=True)
    sealed_credentials = models.TextField(blank=True)
    # Rises with every change of the credentials, so that an old answer never overwrites a newer one.
    cred_version = models.PositiveIntegerField(default=0)
    refreshing_until = models.DateTimeField(null=True)
    auth_state = models.CharField(max_length=20, choices=AuthState.choices, default=AuthState.OK)
    error_code = models.CharField(max_length=50, blank=True)
    error_detail = models.CharField(max_length=500, blank=True)
    error_at = models.DateTimeField(null=True)
    blocked_until = models.DateTimeField(
        null=True, help_text="The provider throttles the whole mailbox until then"
    )
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.CharField(max_length=10, choices=StoppedBy.choices, blank=True)
    closing_since = models.DateTimeField(
        null=True, help_text="Disconnected; channels and grant are being given back"
    )
    keeps_copies = models.BooleanField(
        default=False, help_text="What was synchronised stays here after disconnecting"
    )
    told_at = models.DateTimeField(
        null=True, help_text="The owner was mailed that this connection needs them"
    )
    connected_at = models.DateTimeField()
    list_read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("connected_at",)
        constraints = (
            models.UniqueConstraint("tenant", "provider", "host", "subject", name="account_once_per_tenant"),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stopped_by="")
                | Q(stopped_at__isnull=False) & ~Q(stopped_by=""),
                name="account_stopped_by_someone",
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider}: {self.address}"

    @property
    def credentials(self) -> dict[str, Any]:
        """The provider's secrets in clear. Raises SecretUnreadable when the key is gone."""
        return unseal(self.sealed_credentials, bound_to=self._bound_to)

    def seal_credentials(self, credentials: dict[str, Any]) -> None:
        """Set (not save) the secrets; the caller raises `cred_version` in the same statement."""
        self.sealed_credentials = seal(credentials, bound_to=self._bound_to)

    @property
    def _bound_to(self) -> str:
        return f"account:{self.public_id}"

    @property
    def may_run(self) -> bool:
        """Whether its lanes may call the provider at all; RUNNING says the same in a query."""
        signed_in = self.auth_state == self.AuthState.OK
        return signed_in and self.stopped_at is None and self.closing_since is None

    @property
    def needs_owner(self) -> bool:
        """Whether only its owner, or somebody the owner asks, gets it going again; NEEDS_OWNER says it in a query."""
        if self.is_ended or self.stopped_at is not None:
            return self.stopped_by == self.StoppedBy.FAULT and not self.is_ended
        return self.auth_state != self.AuthState.OK

    @property
    def is_ended(self) -> bool:
        """Whether it was disconnected; what it brought is being removed, or stays as it was (`keeps_copies`)."""
        return self.auth_state == self.AuthState.ENDED or self.closing_since is not None

    def may_start(self, now: datetime) -> bool:
        """Whether they may call it now: allowed, and not throttled."""
        return self.may_run and (self.blocked_until is None or self.blocked_until <= now)


# Lanes of these accounts may call the provider.
RUNNING = Q(auth_state=Account.AuthState.OK, stopped_at=None, closing_since=None)
# Their owners see them: connected, or disconnected with their copies kept.
PRESENT = Q(closing_since=None) | Q(keeps_copies=True)
# Nothing goes on before the owner acts, who did not stop it.
NEEDS_OWNER = Q(closing_since=None) & (
    Q(stopped_by=Account.StoppedBy.FAULT) & ~Q(auth_state=Account.AuthState.ENDED)
    | Q(stopped_at=None, auth_state__in=(Account.AuthState.RECONNECT, Account.AuthState.WAITING))
)
# Somebody may expect new appointments from them.
CONNECTED = Q(closing_since=None) & ~Q(auth_state=Account.AuthState.ENDED)
