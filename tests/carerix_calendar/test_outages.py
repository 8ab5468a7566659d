"""The product without its Redis, and production without its secrets."""

import pytest
from django.test import Client
from pytest_django import Settings

from carerix_calendar.checks import secrets_are_given
from marketplace.models import User
from tests.conftest import signed_in

NOBODY_THERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def _redis_is_away(settings: Settings):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": NOBODY_THERE}
    }


@pytest.mark.usefixtures("_redis_is_away")
def test_api_answers_while_redis_is_away(alice: User):
    assert signed_in(alice).get("/api/v1/me/").status_code == 200


@pytest.mark.usefixtures("_redis_is_away")
def test_readiness_names_the_part_that_is_away(db: None):
    answer = Client().get("/ready/")

    assert answer.status_code == 503
    assert answer.json()["redis"] is False
    assert answer.json()["database"] is True


def test_process_is_alive_whatever_else_is_away():
    assert Client().get("/health/").status_code == 200


def test_production_refuses_to_start_with_the_demo_keys(settings: Settings):
    settings.DEBUG = False
    settings.SECRET_KEY = settings.INSECURE_SECRET_KEY
    settings.FIELD_ENCRYPTION_KEYS = [settings.INSECURE_FIELD_KEY]

    assert {error.id for error in secrets_are_given(None)} == {"calendar.E001", "calendar.E002"}
