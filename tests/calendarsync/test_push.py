"""What support reads about push: one word for each calendar, and when its channel spoke last."""

from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse

from calendarsync.models import Calendar, Channel
from calendarsync.selectors.push import push_of
from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant
from tests.calendarsync.rows import DAY, HOUR, MINUTE, NOW, make_account, make_calendar
from tests.conftest import signed_in


@pytest.fixture
def calendar(calendar_active: Tenant, alice: User) -> Calendar:
    return make_calendar(make_account(alice))


def add_channel(calendar: Calendar, **fields: Any) -> None:
    usual: dict[str, Any] = {"state": "active", "verified_at": NOW - DAY, "last_message_at": NOW - HOUR}
    usual |= {"expires_at": NOW + DAY, "renew_at": NOW + DAY}
    with every_tenant():
        Channel.objects.create(tenant=calendar.tenant, calendar=calendar, **usual | fields)


def words(calendar: Calendar, now: datetime = NOW) -> str:
    with every_tenant():
        return push_of([calendar], now)[calendar.pk]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "works · 2026-11-23T11:00:00+00:00"),
        ({"doubted_at": NOW}, "doubtful · 2026-11-23T11:00:00+00:00"),
        ({"state": "silent", "doubted_at": NOW}, "silent · 2026-11-23T11:00:00+00:00"),
        ({"silences": 1}, "silent · 2026-11-23T11:00:00+00:00"),
        ({"verified_at": None, "last_message_at": None}, "mute"),
        ({"state": "refused", "verified_at": None, "last_message_at": None}, "refused"),
        ({"expires_at": NOW - MINUTE}, "polling"),
    ],
    ids=["works", "doubtful", "silent", "on trial", "mute", "refused", "ended"],
)
def test_support_reads_how_far_a_channel_is_relied_on(calendar: Calendar, fields: dict[str, Any], said: str):
    """S52"""
    add_channel(calendar, **fields)

    assert words(calendar) == said


def test_newest_channel_counts(calendar: Calendar):
    add_channel(calendar, state="silent")
    add_channel(calendar)

    assert words(calendar).startswith("works")


def test_settings_tab_says_it_among_the_details_for_support(calendar: Calendar, alice: User):
    page = signed_in(alice).get(reverse("calendar-sync")).content.decode()

    assert f"Calendar {calendar.pk}: live, revision 0, generation 1, push polling" in page
