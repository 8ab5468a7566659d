"""A customer of the CRM."""

import zoneinfo
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """Names of the IANA database; read once, because it means walking a directory tree."""
    return frozenset(zoneinfo.available_timezones())


def validate_time_zone(name: str) -> None:
    """Refuse names the IANA database does not know."""
    if name not in time_zones():
        raise ValidationError(_("“%(name)s” is not a known time zone."), params={"name": name})


class Tenant(models.Model):
    """One customer; the boundary nothing crosses. The only unscoped table, because it is the scope."""

    class SessionReason(models.TextChoices):
        """Why everybody had to log in again."""

        ACTIVATED = "activated", _("Calendar 2.0 was activated")
        DEACTIVATED = "deactivated", _("Calendar 2.0 was deactivated")

    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    time_zone = models.CharField(max_length=64, default="Europe/Amsterdam", validators=[validate_time_zone])
    language = models.CharField(max_length=5, default="en")
    country = models.CharField(max_length=2, default="NL")
    # Sessions remember the epoch of their login; raising it ends every session of the tenant.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    session_reason = models.CharField(
        max_length=20, choices=SessionReason.choices, blank=True, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone the customer works in."""
        return zoneinfo.ZoneInfo(self.time_zone)
