"""What the tables refuse, whoever writes to them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from activities.models import Activity, ActivityType, Record
from marketplace.models import Tenant, User
from marketplace.tenancy import NoTenantScope, every_tenant, tenant_scope
from tests.activities.making import MONDAY_NINE, make_activity, make_record, make_type

SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "times",
    [
        {"starts_at": MONDAY_NINE, "ends_at": datetime(2026, 11, 23, 7, tzinfo=UTC)},
        {"starts_at": MONDAY_NINE, "ends_at": None},
        {"starts_at": MONDAY_NINE, "tzid": ""},
        {"starts_at": MONDAY_NINE, "start_date": SUNDAY, "end_date": date(2026, 11, 23)},
        {"start_date": SUNDAY, "end_date": SUNDAY},
        {"start_date": SUNDAY},
        {"kind": "appointment"},
    ],
)
def test_impossible_times_are_refused(alice: User, times: dict[str, Any]):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_activity(alice, **times)


@pytest.mark.parametrize("kind", ["task", "call", "note"])
def test_all_but_appointments_may_have_no_time(alice: User, kind: str):
    activity = make_activity(alice, kind=kind)

    assert activity.occurs_at == activity.created_at


def test_whole_days_are_placed_at_midnight_of_the_tenant(alice: User):
    activity = make_activity(alice, start_date=date(2026, 7, 1), end_date=date(2026, 7, 2))

    assert activity.occurs_at == datetime(2026, 6, 30, 22, tzinfo=UTC)


def test_only_appointments_can_be_synchronised(alice: User):
    make_activity(alice, synchronised_as="uid-1")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_activity(alice, kind="task", synchronised_as="uid-2")


def test_external_ids_are_unique_within_a_tenant_only(alice: User, charlie: User):
    make_activity(alice, external_id="7")
    make_activity(charlie, external_id="7")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_activity(alice, external_id="7")


def test_names_of_lists_differ_by_more_than_letter_case(tenant: Tenant):
    make_type(tenant, "Intake")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_type(tenant, "INTAKE")


@pytest.mark.parametrize("colour", ["red", "#FFF000", "#fff", "#gggggg"])
def test_colours_are_hexadecimal(tenant: Tenant, colour: str):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_type(tenant, "Intake", colour)


def test_a_record_exists_once_per_kind_and_id(tenant: Tenant):
    make_record(tenant, "Lotte")
    make_record(tenant, "Lotte", kind="contact")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_record(tenant, "Lotte")


def test_rows_of_another_tenant_cannot_be_linked(alice: User, charlie: User, other_tenant: Tenant):
    activity = make_activity(alice)
    activity.type = make_type(other_tenant, "Interview")
    activity.owner = charlie

    with pytest.raises(ValidationError) as refused, every_tenant():
        activity.full_clean()

    assert set(refused.value.message_dict) == {"type", "owner"}


@pytest.mark.parametrize("model", [Activity, ActivityType, Record])
def test_queries_without_a_tenant_raise(model: Any, db: None):
    with pytest.raises(NoTenantScope):
        model.objects.count()


def test_a_tenant_sees_its_own_rows_only(alice: User, charlie: User, other_tenant: Tenant):
    make_activity(alice)
    make_activity(charlie, "Theirs")

    with tenant_scope(other_tenant):
        assert [activity.subject for activity in Activity.objects.all()] == ["Theirs"]
