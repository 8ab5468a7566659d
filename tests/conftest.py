"""Fixtures every test may use. Data is arranged outside a scope; product code must open its own."""

import pytest
from django.test import Client
from django.utils import translation

import tests.clean_tables  # noqa: F401  for tests that commit
from marketplace.models import Tenant, User
from tests.people import make_tenant, make_user


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests begin first, so that in the end no process of the suite waits for another's long one."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def _english_at_home() -> None:
    """A request of an earlier test leaves its reader's language in the thread; every test begins in English."""
    translation.activate("en")


@pytest.fixture
def tenant(db: None) -> Tenant:
    """The tenant of Alice, Bob and Ada."""
    return make_tenant("linden")


@pytest.fixture
def other_tenant(db: None) -> Tenant:
    """The tenant of Charlie."""
    return make_tenant("maple")


@pytest.fixture
def alice(tenant: Tenant) -> User:
    """A recruiter who owns what the test is about."""
    return make_user(tenant, "Alice")


@pytest.fixture
def bob(tenant: Tenant) -> User:
    """A colleague of Alice."""
    return make_user(tenant, "Bob")


@pytest.fixture
def ada(tenant: Tenant) -> User:
    """The administrator of Alice's tenant."""
    return make_user(tenant, "Ada", User.Role.ADMIN)


@pytest.fixture
def charlie(other_tenant: Tenant) -> User:
    """The administrator of another tenant, who must never see or touch anything of Alice's."""
    return make_user(other_tenant, "Charlie", User.Role.ADMIN)


def signed_in(user: User) -> Client:
    """A browser in which `user` has logged in."""
    client = Client()
    assert client.login(username=user.email, password=user.name.lower())
    return client
