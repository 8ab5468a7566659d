"""My profile and its addresses."""

from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from marketplace.models import Tenant, User, UserAddress
from marketplace.selectors import addresses_of
from marketplace.services.profile import NotYourChoice, change_profile
from marketplace.tenancy import tenant_scope
from tests.conftest import signed_in

CHOICES: dict[str, Any] = {
    "name": "Alice Linde",
    "language": "nl",
    "time_zone": "Europe/Lisbon",
    "clock": "12",
    "first_weekday": "0",
    "theme": "dark",
}
ADDRESSES = reverse("profile-addresses")


def alias_of(user: User, address: str) -> UserAddress:
    assert user.tenant is not None
    return UserAddress.objects.create(tenant=user.tenant, user=user, address=address)


def test_choices_are_stored_and_take_effect(alice: User):
    browser = signed_in(alice)

    browser.post(reverse("profile"), CHOICES)

    alice.refresh_from_db()
    assert (alice.name, alice.zone.key, alice.clock, alice.first_weekday) == (
        "Alice Linde",
        "Europe/Lisbon",
        "12",
        0,
    )
    assert '<html lang="nl" data-theme="dark">' in browser.get(reverse("profile")).content.decode()


def test_an_unknown_time_zone_is_an_error_at_the_field_and_keeps_what_was_typed(alice: User):
    response = signed_in(alice).post(reverse("profile"), CHOICES | {"time_zone": "Mars/Olympus"})

    assert response.status_code == 422
    assert "is not a known time zone" in response.content.decode()
    assert 'value="Mars/Olympus"' in response.content.decode()
    alice.refresh_from_db()
    assert alice.name == "Alice"


def test_an_empty_time_zone_follows_the_tenant(alice: User):
    signed_in(alice).post(reverse("profile"), CHOICES | {"time_zone": ""})

    alice.refresh_from_db()
    assert alice.zone.key == "Europe/Amsterdam"


def test_nobody_promotes_themselves(alice: User):
    signed_in(alice).post(reverse("profile"), CHOICES | {"role": "admin", "is_staff": "on"})

    alice.refresh_from_db()
    assert (alice.role, alice.is_staff) == ("recruiter", False)
    with pytest.raises(NotYourChoice):
        change_profile(by=alice, choices={"role": "admin"})


def test_an_address_is_added_and_recognised_as_me(
    alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
):
    with django_capture_on_commit_callbacks() as callbacks:
        signed_in(alice).post(ADDRESSES, {"address": "A.Linde@old.example"})

    with tenant_scope(alice.tenant):  # type: ignore[arg-type]
        assert addresses_of(alice) == ["alice@linden.example", "a.linde@old.example"]
    assert len(callbacks) == 1


@pytest.mark.parametrize("address", ["bob@linden.example", "BOB@linden.example", "b@old.example"])
def test_an_address_of_a_colleague_is_refused_with_the_name(address: str, alice: User, bob: User):
    alias_of(bob, "B@old.example")

    response = signed_in(alice).post(ADDRESSES, {"address": address})

    assert response.status_code == 422
    assert "already used by a colleague: Bob" in response.content.decode()


@pytest.mark.parametrize("address", ["alice@linden.example", "ALICE@old.example"])
def test_an_address_of_mine_is_not_added_twice(address: str, alice: User):
    alias_of(alice, "alice@old.example")

    response = signed_in(alice).post(ADDRESSES, {"address": address})

    assert "one of your addresses already" in response.content.decode()


@pytest.mark.parametrize("address", ["", "no address", "a@b", "x" * 300 + "@old.example"])
def test_what_is_no_address_is_a_field_error(address: str, alice: User):
    assert signed_in(alice).post(ADDRESSES, {"address": address}).status_code == 422


def test_the_same_address_may_exist_at_another_tenant(alice: User, charlie: User):
    alias_of(charlie, "shared@partner.example")

    response = signed_in(alice).post(ADDRESSES, {"address": "shared@partner.example"})

    assert response.status_code == 302


def test_a_removed_address_can_be_taken_back(alice: User):
    row = alias_of(alice, "alice@old.example")
    browser = signed_in(alice)

    page = browser.post(reverse("profile-address-remove", args=[row.pk]), follow=True).content.decode()
    undo = reverse("profile-address-restore", args=["alice@old.example"])
    assert f'action="{undo}"' in page
    browser.post(undo)

    with tenant_scope(alice.tenant):  # type: ignore[arg-type]
        assert addresses_of(alice) == ["alice@linden.example", "alice@old.example"]


def test_nobody_removes_an_address_of_somebody_else(alice: User, bob: User, charlie: User):
    row = alias_of(alice, "alice@old.example")

    for other in (bob, charlie):
        address = reverse("profile-address-remove", args=[row.pk])
        assert signed_in(other).post(address).status_code == 404

    with tenant_scope(alice.tenant):  # type: ignore[arg-type]
        assert UserAddress.objects.filter(pk=row.pk).exists()


def test_the_list_needs_as_many_queries_for_ten_addresses_as_for_none(
    alice: User, tenant: Tenant, django_assert_max_num_queries: DjangoAssertNumQueries
):
    for number in range(10):
        alias_of(alice, f"alice{number}@old.example")
    browser = signed_in(alice)

    with django_assert_max_num_queries(7):
        response = browser.get(ADDRESSES)

    assert "alice9@old.example" in response.content.decode()
