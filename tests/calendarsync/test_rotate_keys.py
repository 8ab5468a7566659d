"""Rotating the keys of stored credentials."""

import io

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from pytest_django import Settings

from calendarsync.models import Account
from calendarsync.services import reseal
from carerix_calendar.lib.crypto import SecretUnreadable
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.rows import make_account


def rotate() -> str:
    out = io.StringIO()
    call_command("rotate_keys", stdout=out, stderr=out)
    return out.getvalue()


def accounts() -> list[Account]:
    with every_tenant():
        return list(Account.objects.order_by("pk"))


@pytest.fixture
def new_key(settings: Settings) -> str:
    """A key put in front of the ring, after some accounts were sealed."""
    return Fernet.generate_key().decode()


def test_after_rotation_the_old_key_can_be_dropped(
    alice: User, charlie: User, new_key: str, settings: Settings
):
    make_account(alice)
    make_account(charlie)
    settings.FIELD_ENCRYPTION_KEYS = [new_key, *settings.FIELD_ENCRYPTION_KEYS]

    printed = rotate()

    settings.FIELD_ENCRYPTION_KEYS = [new_key]
    assert "Resealed: 2." in printed
    assert [account.credentials["refresh_token"] for account in accounts()] == ["1//secret"] * 2


def test_a_second_rotation_finds_nothing_to_do(alice: User, new_key: str, settings: Settings):
    make_account(alice)
    settings.FIELD_ENCRYPTION_KEYS = [new_key, *settings.FIELD_ENCRYPTION_KEYS]
    rotate()
    sealed = accounts()[0].sealed_credentials

    printed = rotate()

    assert "Resealed: 0. Sealed with the first key already: 1." in printed
    assert accounts()[0].sealed_credentials == sealed


def test_what_cannot_be_read_is_named_and_the_rest_is_done(alice: User, new_key: str, settings: Settings):
    lost, kept = make_account(alice, "lost@mail.example"), make_account(alice)
    with every_tenant():
        Account.objects.filter(pk=lost.pk).update(sealed_credentials=Fernet(new_key).encrypt(b"{}").decode())
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEYS]
    out = io.StringIO()

    with pytest.raises(CommandError, match="Unreadable: 1"):
        call_command("rotate_keys", stdout=out, stderr=out)

    assert f"account {lost.pk} ({lost.public_id})" in out.getvalue()
    assert "lost@mail.example" not in out.getvalue()
    settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS[:1]
    with pytest.raises(SecretUnreadable):
        assert accounts()[0].credentials
    assert accounts()[1].pk == kept.pk
    assert accounts()[1].credentials


def test_several_batches_are_all_done(
    alice: User, new_key: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    for number in range(5):
        make_account(alice, f"box{number}@mail.example")
    settings.FIELD_ENCRYPTION_KEYS = [new_key, *settings.FIELD_ENCRYPTION_KEYS]
    monkeypatch.setattr(reseal, "_BATCH", 2)

    assert "Resealed: 5." in rotate()


def test_the_envelope_stays_bound_to_its_account(alice: User, new_key: str, settings: Settings):
    first, second = make_account(alice, "a@mail.example"), make_account(alice, "b@mail.example")
    settings.FIELD_ENCRYPTION_KEYS = [new_key, *settings.FIELD_ENCRYPTION_KEYS]
    rotate()

    second.sealed_credentials = accounts()[0].sealed_credentials

    assert accounts()[0].pk == first.pk
    with pytest.raises(SecretUnreadable):
        assert second.credentials
