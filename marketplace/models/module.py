"""Which modules a tenant has, what happened to them, and what they cost."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.models.base import TenantRow


class Installation(TenantRow):
    """State of one module of the catalogue at one tenant; no row means not installed."""

    class State(models.TextChoices):
        INSTALLED = "installed", _("Installed")
        ACTIVE = "active", _("Active")

    module = models.CharField(max_length=50)
    state = models.CharField(max_length=20, choices=State.choices, default=State.INSTALLED)
    options = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint("tenant", "module", name="installation_once_per_tenant"),)

    def __str__(self) -> str:
        return f"{self.module} ({self.state})"

    @property
    def is_active(self) -> bool:
        """Whether the module does its work now."""
        return self.state == self.State.ACTIVE

    def has(self, option: str) -> bool:
        """Whether the option of this key is switched on."""
        return bool(self.options.get(option))


class AuditEntry(TenantRow):
    """Who changed what, when, from what, to what. Only ever added.

    `subject` is a key that has a name in every language ("calendar.scheduler") or is a name itself (an
    address); `before` and `after` are codes (words: `marketplace/wording.py`). `module` narrows a trail.
    """

    class Action(models.TextChoices):
        MODULE_INSTALLED = "module_installed", _("Module installed")
        MODULE_ACTIVATED = "module_activated", _("Module activated")
        MODULE_DEACTIVATED = "module_deactivated", _("Module deactivated")
        MODULE_UNINSTALLED = "module_uninstalled", _("Module uninstalled")
        OPTION_CHANGED = "option_changed", _("Option changed")
        ACCOUNT_CONNECTED = "account_connected", _("Calendar account connected")
        ACCOUNT_DISCONNECTED = "account_disconnected", _("Calendar account disconnected")

    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=50, choices=Action.choices)
    module = models.CharField(max_length=50, blank=True)
    subject = models.CharField(max_length=200)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("tenant", "-at")),)
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class BillingLine(TenantRow):
    """One started month of a paid option; switching twice in a month costs nothing more."""

    item = models.CharField(max_length=50)
    month = models.DateField(help_text="First day of the month")
    amount_cents = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-month", "item")
        constraints = (models.UniqueConstraint("tenant", "item", "month", name="billed_once_a_month"),)

    def __str__(self) -> str:
        return f"{self.item} {self.month:%Y-%m}"
