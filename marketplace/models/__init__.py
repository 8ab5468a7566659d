"""Tables of the marketplace; everything else refers to `Tenant` and `User` from here."""

from marketplace.models.base import TenantRow
from marketplace.models.module import AuditEntry, BillingLine, Installation
from marketplace.models.tenant import Tenant
from marketplace.models.user import User, UserAddress

__all__ = ["AuditEntry", "BillingLine", "Installation", "Tenant", "TenantRow", "User", "UserAddress"]
