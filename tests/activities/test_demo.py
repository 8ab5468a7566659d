"""The demo: two believable tenants, made once."""

from datetime import date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from activities.demo.plant import plant_demo
from activities.models import Activity, Record, RecordAddress
from marketplace.models import Installation, Tenant, User
from marketplace.tenancy import every_tenant, tenant_scope

TODAY = date(2026, 11, 23)

pytestmark = pytest.mark.slow


def snapshot() -> list[tuple[int, str, datetime]]:
    """Everything the demo made, comparable."""
    return list(Activity.objects.order_by("pk").values_list("pk", "subject", "occurs_at"))


def test_running_again_changes_nothing(db: None):
    plant_demo(today=TODAY)
    with every_tenant():
        renamed = Activity.objects.earliest("pk")
        renamed.subject = "Changed by hand"
        renamed.save()
        Record.objects.latest("pk").delete()
        before, records = snapshot(), Record.objects.count()

        made = plant_demo(today=date(2027, 3, 1))

        assert made == []
        assert (snapshot(), Record.objects.count()) == (before, records)


def test_recruiters_have_full_diaries(db: None):
    plant_demo(today=TODAY)

    with tenant_scope(Tenant.objects.get(slug="linden")):
        sanne = User.objects.get(email="sanne@linden.example")
        appointments = Activity.objects.legacy_appointments().filter(owner=sanne)

        assert 230 <= appointments.count() <= 260
        assert appointments.filter(occurs_at__date__range=(TODAY, date(2026, 11, 29))).count() >= 10
        assert appointments.filter(start_date__isnull=False).exists()
        assert {kind for (kind,) in Activity.objects.values_list("kind")} == {
            "appointment",
            "task",
            "call",
            "note",
        }
        assert RecordAddress.objects.filter(address="lotte.vermeulen@post.example").exists()
        assert not Installation.objects.exists()


def test_it_is_the_same_for_the_same_day(db: None):
    with every_tenant():
        plant_demo(today=TODAY)
        first = [row[1:] for row in snapshot()]
        Tenant.objects.all().delete()
        plant_demo(today=TODAY)

        assert [row[1:] for row in snapshot()] == first


@override_settings(DEBUG=True)
def test_the_command_prints_logins_that_work(db: None):
    printed = StringIO()

    call_command("demo", stdout=printed)

    for email in ("iris@linden.example", "noor@maple.example", "admin@carerix.example"):
        assert email in printed.getvalue()
        assert Client().login(username=email, password="demo")


def test_production_refuses_it(db: None):
    with pytest.raises(CommandError, match="--force"):
        call_command("demo")
    call_command("demo", force=True, stdout=StringIO())

    assert Tenant.objects.count() == 2
