"""The billing ledger: one line per paid option and started month, months being the tenant's own."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from marketplace.catalogue import CATALOGUE, Module, Option
from marketplace.models import BillingLine, Installation, Tenant, User
from marketplace.tenancy import every_tenant


def month_of(now: datetime, tenant: Tenant) -> date:
    """First day of the month that `now` falls in where the tenant works."""
    return now.astimezone(tenant.zone).date().replace(day=1)


def bill_option(*, tenant: Tenant, module: Module, option: Option, by: User | None, now: datetime) -> bool:
    """Charge the running month unless it has been charged; returns whether a line was added."""
    _line, added = BillingLine.objects.get_or_create(
        tenant=tenant,
        item=f"{module.key}.{option.key}",
        month=month_of(now, tenant),
        defaults={"amount_cents": option.monthly_cents, "by": by},
    )
    return added


def bill_started_month(now: datetime | None = None) -> int:
    """Charge every paid option that is on, at every tenant, for the started month; returns how many lines.

    Safe to run as often as one likes: a month is charged once.
    """
    now = now or timezone.now()
    with every_tenant():
        active = Installation.objects.filter(state=Installation.State.ACTIVE).select_related("tenant")
        return sum(_bill_installation(installation, now) for installation in active.iterator())


@transaction.atomic
def _bill_installation(installation: Installation, now: datetime) -> int:
    module = CATALOGUE[installation.module]
    paid = [option for option in module.options if option.monthly_cents and installation.has(option.key)]
    return sum(
        bill_option(tenant=installation.tenant, module=module, option=option, by=None, now=now)
        for option in paid
    )
