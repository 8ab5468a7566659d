"""What every row of a tenant has in common."""

from typing import ClassVar, Self

from django.db import models

from marketplace.models.tenant import Tenant
from marketplace.tenancy import scoped


class TenantRow(models.Model):
    """A row that carries its tenant and can only be queried inside a tenant scope."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")

    objects: ClassVar[models.Manager[Self]] = scoped(models.Manager)

    class Meta:
        abstract = True
