"""Secrets at rest: a ring of keys, newest first, and envelopes bound to the row they belong to.

Fernet gives authenticated encryption; MultiFernet decrypts with any key of the ring and encrypts with the first,
so a key is rotated by putting a new one in front, running `rotate_keys`, and dropping the old one.
"""

import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from carerix_calendar.lib.errors import AppError


class SecretUnreadable(AppError):
    """The envelope was sealed with a key that is gone, or for another row."""

    code = "secret_unreadable"


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _current_ring() -> MultiFernet:
    return _ring(tuple(settings.FIELD_ENCRYPTION_KEYS))


def seal(secret: dict[str, Any], *, bound_to: str) -> str:
    """Encrypt a JSON-able mapping for the row named `bound_to`; the result is ASCII text."""
    envelope = json.dumps({"bound_to": bound_to, "secret": secret})
    return _current_ring().encrypt(envelope.encode()).decode()


def unseal(sealed: str, *, bound_to: str) -> dict[str, Any]:
    """Return what `seal` was given. Raises SecretUnreadable for a lost key or an envelope of another row."""
    try:
        envelope = json.loads(_current_ring().decrypt(sealed.encode()))
    except InvalidToken as error:
        raise SecretUnreadable(bound_to=bound_to) from error
    if envelope["bound_to"] != bound_to:
        raise SecretUnreadable(bound_to=bound_to)
    secret: dict[str, Any] = envelope["secret"]
    return secret


def is_current(sealed: str) -> bool:
    """Whether the envelope was sealed with the first key of the ring."""
    try:
        Fernet(settings.FIELD_ENCRYPTION_KEYS[0]).decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def reseal(sealed: str) -> str:
    """Encrypt an envelope anew with the first key of the ring, without looking inside."""
    try:
        return _current_ring().rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable from error
