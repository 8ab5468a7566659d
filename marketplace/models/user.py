"""People who log in, and the addresses by which they are known."""

import zoneinfo
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from marketplace.models.base import TenantRow
from marketplace.models.tenant import Tenant, validate_time_zone
from marketplace.tenancy import every_tenant, scoped


class UserManager(BaseUserManager["User"]):
    """Creates users; reads are scoped to the tenant like everything else."""

    def create_user(self, *, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user with a hashed password; None makes the password unusable."""
        user = self.model(email=email.strip(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an operator, who belongs to no tenant and uses only the Django admin."""
        with every_tenant():
            return self.create_user(
                email=email, password=password, is_staff=True, is_superuser=True, **fields
            )

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by the address of the login, for commands that run outside a scope."""
        with every_tenant():
            return super().get_by_natural_key(username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person of one tenant, or an operator (`is_staff`) of none."""

    class Role(models.TextChoices):
        ADMIN = "admin", _("Administrator")
        RECRUITER = "recruiter", _("Recruiter")

    class Theme(models.TextChoices):
        SYSTEM = "system", _("Same as my device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Clock(models.TextChoices):
        H24 = "24", _("24 hours (14:30)")
        H12 = "12", _("12 hours (2:30 pm)")

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.RECRUITER)
    can_see_colleagues = models.BooleanField(_("may see colleagues' calendars"), default=True)
    language = models.CharField(
        _("language"), max_length=5, choices=[("en", "English"), ("nl", "Nederlands")], default="en"
    )
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_time_zone])
    clock = models.CharField(_("time format"), max_length=2, choices=Clock.choices, default=Clock.H24)
    first_weekday = models.PositiveSmallIntegerField(
        _("first day of the week"),
        choices=[(1, _("Monday")), (0, _("Sunday")), (6, _("Saturday"))],
        default=1,
    )
    theme = models.CharField(_("appearance"), max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = scoped(UserManager)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(
                condition=models.Q(tenant__isnull=False) | models.Q(is_staff=True),
                name="user_has_tenant_or_is_operator",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_administrator(self) -> bool:
        """Whether this person runs the Maintenance menu of the tenant."""
        return self.role == self.Role.ADMIN

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone this person lives in: the own choice, else the tenant's."""
        return zoneinfo.ZoneInfo(self.time_zone) if self.time_zone else self.tenant_zone

    @property
    def tenant_zone(self) -> zoneinfo.ZoneInfo:
        """The zone of the tenant, in which the calendar is shown."""
        return zoneinfo.ZoneInfo(self.tenant.time_zone if self.tenant else "UTC")


class UserAddress(TenantRow):
    """A further address under which a person is invited: an alias, a former name, a shared mailbox."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    address = models.EmailField(_("e-mail address"))

    class Meta:
        verbose_name_plural = "user addresses"
        constraints = (
            models.UniqueConstraint("tenant", Lower("address"), name="useraddress_unique_in_tenant"),
        )

    def __str__(self) -> str:
        return self.address
