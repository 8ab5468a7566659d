"""Production refuses to start on a missing secret: `manage.py check --deploy` runs these, and so does start-up."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def secrets_are_given(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """With DEBUG off, the demo keys are errors."""
    if settings.DEBUG:
        return []
    found: list[CheckMessage] = []
    if settings.SECRET_KEY == settings.INSECURE_SECRET_KEY:
        found.append(
            Error("SECRET_KEY is not set.", hint="Give a long random SECRET_KEY.", id="calendar.E001")
        )
    if settings.INSECURE_FIELD_KEY in settings.FIELD_ENCRYPTION_KEYS:
        hint = "Generate one with `python -m cryptography.fernet` or see docs/operations.md."
        found.append(Error("FIELD_ENCRYPTION_KEYS is not set.", hint=hint, id="calendar.E002"))
    return found
