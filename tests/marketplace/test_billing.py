"""The ledger: a line per started month, in the months of the tenant."""

from datetime import UTC, date, datetime

import pytest

from marketplace.catalogue import CALENDAR
from marketplace.models import BillingLine, Tenant, User
from marketplace.services.billing import bill_started_month, month_of
from marketplace.services.modules import deactivate_module, set_options
from marketplace.tenancy import tenant_scope
from tests.marketplace.modules import active

NEXT_MONTH = datetime(2031, 5, 10, 12, tzinfo=UTC)


@pytest.fixture
def paying(tenant: Tenant, ada: User) -> Tenant:
    """A tenant that has the Scheduler switched on."""
    active(tenant, ada)
    fee = CALENDAR.option("scheduler").monthly_cents
    with tenant_scope(tenant):
        set_options(tenant=tenant, module=CALENDAR, choices={"scheduler": True}, by=ada, accepted_cents=fee)
    return tenant


def test_a_started_month_is_billed_once_however_often_the_clock_ticks(paying: Tenant):
    first, second = bill_started_month(NEXT_MONTH), bill_started_month(NEXT_MONTH)

    assert (first, second) == (1, 0)
    with tenant_scope(paying):
        assert BillingLine.objects.filter(month=date(2031, 5, 1), by=None).count() == 1


def test_who_switched_off_is_not_billed_any_more(paying: Tenant, ada: User):
    with tenant_scope(paying):
        deactivate_module(tenant=paying, module=CALENDAR, by=ada)

    assert bill_started_month(NEXT_MONTH) == 0


def test_tenants_without_paid_options_are_not_billed(tenant: Tenant, ada: User):
    active(tenant, ada)

    assert bill_started_month(NEXT_MONTH) == 0


def test_the_month_is_the_one_where_the_tenant_works(tenant: Tenant):
    still_april_in_utc = datetime(2031, 4, 30, 22, 30, tzinfo=UTC)

    assert month_of(still_april_in_utc, tenant) == date(2031, 5, 1)
