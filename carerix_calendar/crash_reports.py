"""Reports of unexpected errors to a Sentry-compatible service, if SENTRY_DSN is set; without people or secrets."""

import sentry_sdk
from django.conf import settings
from sentry_sdk.types import Event, Hint


def without_content(event: Event, hint: Hint) -> Event:
    """Drop all that could carry content: requests, local variables, and the log lines and calls before the error."""
    event.pop("request", None)
    event.pop("breadcrumbs", None)
    for exception in event.get("exception", {}).get("values", []):
        for frame in exception.get("stacktrace", {}).get("frames", []):
            frame.pop("vars", None)
    return event


def start() -> None:
    """Switch reporting on where the operator asked for it."""
    if settings.SENTRY_DSN:
        sentry_sdk.init(
            dsn=settings.SENTRY_DSN,
            release=settings.VERSION,
            send_default_pii=False,
            include_local_variables=False,
            before_send=without_content,
        )
