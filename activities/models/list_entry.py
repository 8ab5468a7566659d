"""What the tenant's own lists have in common."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from marketplace.models import TenantRow


class ListEntry(TenantRow):
    """One choice of a list that a tenant keeps. Entries out of use stay, because old rows refer to them."""

    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        abstract = True
        ordering = ("position", "name")
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.UniqueConstraint("tenant", Lower("name"), name="%(class)s_name_unique_in_tenant"),
        )

    def __str__(self) -> str:
        return self.name
