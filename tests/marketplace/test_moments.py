"""Moments in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from marketplace import moments
from marketplace.models import User

NOW = datetime(2026, 5, 6, 14, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))


@pytest.mark.parametrize(
    ("language", "clock", "words"),
    [("en", "24", "14:30"), ("en", "12", "2:30 pm"), ("nl", "24", "14:30"), ("nl", "12", "14:30")],
)
def test_dutch_always_has_twenty_four_hours(language: str, clock: str, words: str):
    with translation.override(language):
        assert moments.clock_time(NOW, clock) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "today"), (1, "tomorrow"), (-1, "yesterday"), (2, "Friday"), (7, "13 May"), (-400, "1 April 2025")],
)
def test_days_are_named_the_way_people_do(days: int, words: str):
    with translation.override("en"):
        assert moments.day(NOW + timedelta(days=days), NOW) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (-59, "just now"),
        (30, "in a moment"),
        (-60, "1 minute ago"),
        (-7200, "2 hours ago"),
        (-86400, "1 day ago"),
        (180, "in 3 minutes"),
        (3600, "in 1 hour"),
        (200000, "in 2 days"),
    ],
)
def test_distances_use_the_largest_unit_that_fits(seconds: int, words: str):
    with translation.override("en"):
        assert moments.ago(NOW + timedelta(seconds=seconds), NOW) == words


def render(template: str, user: User, moment: datetime | None) -> str:
    request = RequestFactory().get("/")
    request.user = user
    with translation.override("en"), timezone.override("Europe/Amsterdam"):
        return Template("{% load moments %}" + template).render(Context({"request": request, "at": moment}))


def test_tags_speak_by_the_clock_and_zone_of_the_reader():
    summer = datetime(2020, 7, 1, 12, 0, tzinfo=UTC)

    shown = render("{% moment at %}", User(clock="12"), summer)

    title = 'title="Wednesday 1 July 2020 2:00 pm"'
    assert shown == f'<time datetime="2020-07-01T14:00:00+02:00" {title}>1 July 2020 2:00 pm</time>'


def test_relative_times_carry_the_exact_one():
    shown = render("{% ago at %}", User(clock="24"), datetime(2020, 7, 1, 12, 0, tzinfo=UTC))

    assert 'title="Wednesday 1 July 2020 14:00" data-relative' in shown


@pytest.mark.parametrize("tag", ["moment", "ago", "clock_time", "day"])
def test_no_moment_is_no_text(tag: str):
    assert render("{% " + tag + " at %}", User(), None) == ""
