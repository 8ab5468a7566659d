"""Secrets at rest: bound to their row, readable with any key of the ring, rotated without looking inside."""

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from carerix_calendar.lib.crypto import SecretUnreadable, reseal, seal, unseal

SECRET = {"access_token": "ya29.secret", "expires_at": 1795435200.5, "nested": {"é": None}}
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_secret_comes_back_and_cannot_be_read_at_rest():
    sealed = seal(SECRET, bound_to="account:1")

    assert unseal(sealed, bound_to="account:1") == SECRET
    assert "secret" not in sealed
    assert "account" not in sealed
    assert sealed.isascii()


def test_same_secret_looks_different_each_time():
    assert seal(SECRET, bound_to="account:1") != seal(SECRET, bound_to="account:1")


def test_envelope_of_another_row_is_refused():
    sealed = seal(SECRET, bound_to="account:1")

    with pytest.raises(SecretUnreadable):
        unseal(sealed, bound_to="account:2")


@pytest.mark.parametrize("sealed", ["", "junk", "gAAAAA", "é" * 100, "\x00", "a" * 10_000])
def test_what_is_no_envelope_is_refused(sealed: str):
    with pytest.raises(SecretUnreadable):
        unseal(sealed, bound_to="account:1")
    with pytest.raises(SecretUnreadable):
        reseal(sealed)


def test_changed_envelope_is_refused():
    sealed = seal(SECRET, bound_to="account:1")
    changed = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]

    with pytest.raises(SecretUnreadable):
        unseal(changed, bound_to="account:1")


def test_keys_rotate_without_losing_a_secret(settings: Settings):
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    sealed = seal(SECRET, bound_to="account:1")

    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert unseal(sealed, bound_to="account:1") == SECRET
    resealed = reseal(sealed)

    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert unseal(resealed, bound_to="account:1") == SECRET
    with pytest.raises(SecretUnreadable):
        unseal(sealed, bound_to="account:1")


def test_newest_key_seals(settings: Settings):
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]

    sealed = seal(SECRET, bound_to="account:1")

    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert unseal(sealed, bound_to="account:1") == SECRET


def test_error_does_not_print_the_secret():
    sealed = seal(SECRET, bound_to="account:1")

    with pytest.raises(SecretUnreadable) as caught:
        unseal(sealed, bound_to="account:2")

    assert "ya29" not in f"{caught.value} {caught.value.context} {caught.value.args}"
