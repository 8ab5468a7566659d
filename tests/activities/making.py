"""Activities for tests; every field that matters to a test stands in the test."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from activities.models import Activity, ActivityType, Record
from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant

MONDAY_NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def make_activity(
    owner: User, subject: str = "Intake", records: tuple[Record, ...] = (), **fields: Any
) -> Activity:
    """An open appointment of an hour on Monday 23 November 2026, 9:00 in Amsterdam, unless fields differ."""
    assert owner.tenant is not None
    if not fields.keys() & {"starts_at", "start_date", "kind"}:
        fields["starts_at"] = MONDAY_NINE
    if "starts_at" in fields:
        fields = {"ends_at": fields["starts_at"] + timedelta(hours=1), "tzid": "Europe/Amsterdam"} | fields
    activity = Activity(
        tenant=owner.tenant, owner=owner, subject=subject, **{"kind": "appointment", **fields}
    )
    with every_tenant():
        activity.save()
        activity.records.set(records)
    return activity


def make_all_day(owner: User, subject: str, first: date, until: date) -> Activity:
    """An all-day appointment; `until` is the day after the last."""
    return make_activity(owner, subject, start_date=first, end_date=until)


def make_record(tenant: Tenant, name: str, kind: str = "candidate") -> Record:
    """A record that the host CRM knows by its name."""
    with every_tenant():
        return Record.objects.create(tenant=tenant, kind=kind, name=name, external_id=name)


def make_type(tenant: Tenant, name: str, colour: str = "#0b7a75") -> ActivityType:
    """An activity type."""
    with every_tenant():
        return ActivityType.objects.create(tenant=tenant, name=name, colour=colour)
