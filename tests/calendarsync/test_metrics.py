"""What operators' machines read: metrics and readiness."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from calendarsync.heartbeat import tick
from calendarsync.metrics import SyncCollector
from calendarsync.models import Channel
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import activate_calendar
from tests.calendarsync.rows import NOW, make_account, make_calendar, make_run, make_skipped


@pytest.fixture
def scrape(settings: Settings) -> Any:
    """`scrape()` reads the page as Prometheus does: values by name and labels."""
    settings.METRICS_KEY = "the-key"
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    def read() -> dict[tuple[str, ...], float]:
        answer = Client().get(reverse("metrics"), headers={"Authorization": "Bearer the-key"})
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        samples = [sample for family in families for sample in family.samples]
        return {(sample.name, *sample.labels.values()): sample.value for sample in samples}

    return read


def test_the_key_is_demanded(db: None, settings: Settings):
    settings.METRICS_KEY = "the-key"

    assert Client().get(reverse("metrics")).status_code == 404
    assert Client().get(reverse("metrics"), headers={"Authorization": "Bearer guess"}).status_code == 404


def test_connections_and_lanes_are_counted_by_state(alice: User, bob: User, scrape: Any):
    now = timezone.now()
    good = make_account(alice)
    make_calendar(good, "Idle")
    make_calendar(good, "Running", lease_until=now + timedelta(minutes=1))
    make_calendar(good, "Failing", failures=2)
    make_calendar(good, "Left out", selected=False)
    make_calendar(make_account(bob, "bob@mail.example", auth_state="reconnect"), phase="full")
    make_account(bob, "old@mail.example", closing_since=now, stopped_at=now, stopped_by="user")
    make_account(bob, "busy@mail.example", blocked_until=now + timedelta(minutes=1))

    found = scrape()

    assert {key[1]: value for key, value in found.items() if key[0] == "calendar_accounts"} == {
        "ok": 1, "reconnect": 1, "closing": 1, "throttled": 1,
    }  # fmt: skip
    assert {key[1:]: value for key, value in found.items() if key[0] == "calendar_lanes"} == {
        ("live", "idle"): 1, ("live", "running"): 1, ("live", "failing"): 1, ("full", "parked"): 1,
    }  # fmt: skip


def test_failing_calendars_are_counted_by_what_is_wrong(alice: User, scrape: Any):
    """S14: a provider that voids again and again, and bugs that stay, are the operator's to see."""
    account = make_account(alice)
    make_calendar(account, "Well")
    make_calendar(account, "Voided", failures=1, error_code="voided_often")
    for name in ("One", "Two"):
        make_calendar(account, name, failures=7, error_code="unexpected_again")
    make_calendar(account, "Left out", failures=1, error_code="forbidden", selected=False)

    found = scrape()

    assert {key[1]: value for key, value in found.items() if key[0] == "calendar_failing_lanes"} == {
        "voided_often": 1, "unexpected_again": 2,
    }  # fmt: skip


def test_lag_and_ages_are_of_calendars_that_could_run(alice: User, bob: User, scrape: Any):
    activate_calendar(alice.tenant)  # type: ignore[arg-type]
    now = timezone.now()
    account = make_account(alice)
    make_calendar(account, last_ok_at=now - timedelta(minutes=1), next_poll_at=now - timedelta(seconds=30))
    make_calendar(
        account, "Private", last_ok_at=now - timedelta(minutes=5), next_poll_at=now + timedelta(hours=1)
    )
    paused = make_account(bob, "bob@mail.example", stopped_at=NOW, stopped_by="user")
    make_calendar(paused, last_ok_at=now - timedelta(days=9), next_poll_at=now - timedelta(days=9))

    found = scrape()

    assert found[("calendar_lag_seconds",)] == pytest.approx(30, abs=10)
    assert found[("calendar_last_success_age_seconds",)] == pytest.approx(60, abs=10)
    assert found[("calendar_stalest_success_age_seconds",)] == pytest.approx(300, abs=10)


def test_runs_and_skipped_items_are_counted(alice: User, scrape: Any):
    now = timezone.now()
    calendar = make_calendar(make_account(alice))
    make_skipped(calendar)
    make_run(calendar, now)
    make_run(calendar, now, outcome="failed")
    make_run(calendar, now - timedelta(hours=2))

    found = scrape()

    assert found[("calendar_runs_last_hour", "done")] == 1
    assert found[("calendar_runs_last_hour", "failed")] == 1
    assert found[("calendar_skipped_items",)] == 1


def test_channels_are_counted_by_how_far_they_are_relied_on(alice: User, scrape: Any):
    """S52"""
    now = timezone.now()
    calendar = make_calendar(make_account(alice))
    spoken = {"state": "active", "verified_at": now}
    kinds: dict[str, list[dict[str, Any]]] = {
        "works": [spoken],
        "mute": [{"state": "active"}],
        "doubtful": [spoken | {"doubted_at": now}],
        "silent": [spoken | {"silences": 2}, spoken | {"state": "silent", "doubted_at": now}],
        "registering": [{"state": "registering"}],
        "ended": [spoken | {"expires_at": now - timedelta(days=1)}],
    }
    with every_tenant():
        for fields in [fields for rows in kinds.values() for fields in rows]:
            usual = {"calendar": calendar, "expires_at": now + timedelta(days=1), "renew_at": now}
            Channel.objects.create(tenant=calendar.tenant, **usual | fields)

    found = scrape()

    counted = {key[1]: number for key, number in found.items() if key[0] == "calendar_channels"}
    assert counted == {"works": 1, "mute": 1, "doubtful": 1, "silent": 2, "registering": 1}


def test_a_scrape_costs_seven_statements(alice: User, scrape: Any, django_assert_num_queries: Any):
    for number in range(5):
        make_calendar(make_account(alice, f"box{number}@mail.example"))

    with django_assert_num_queries(7):
        list(SyncCollector().collect())


def test_webhooks_are_counted_where_they_arrive(db: None, scrape: Any):
    key = ("calendar_webhooks_total", "google", "junk")
    before = scrape().get(key, 0)

    Client().post(reverse("hook", args=["google"]), headers={"X-Goog-Channel-Id": "nobody"})
    Client().post(reverse("hook", args=["hooli"]))

    assert scrape()[key] == before + 1


def test_a_broker_that_is_away_only_hides_the_queues(db: None, scrape: Any):
    assert not [key for key in scrape() if key[0] == "calendar_queue_length"]


def test_readiness_tells_whether_the_schedule_ticks_and_does_not_depend_on_it(db: None):
    silent = Client().get(reverse("ready"))
    tick()
    ticking = Client().get(reverse("ready"))

    assert (silent.status_code, silent.json()["beat"]) == (200, False)
    assert (ticking.status_code, ticking.json()["beat"]) == (200, True)
