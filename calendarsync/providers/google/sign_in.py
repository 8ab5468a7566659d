"""Signing in at Google: OAuth 2 web flow with PKCE (RFC 7636), refresh and revocation.

https://developers.google.com/identity/protocols/oauth2/web-server
"""

import base64
import binascii
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import requests
from django.conf import settings
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.auth.transport import DEFAULT_RETRYABLE_STATUS_CODES
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2 import OAuth2Error

from calendarsync.domain import Grant
from calendarsync.errors import (
    ApprovalNeeded,
    PermissionMissing,
    ReconnectNeeded,
    SetupFaulty,
    SyncError,
    Unavailable,
)
from calendarsync.providers.base import SignInRefused, SignInStart
from calendarsync.providers.google.client import retry_at_of
from calendarsync.text import clean_line
from carerix_calendar.lib.deadline import TimeIsOver, deadline
from carerix_calendar.lib.http import ANSWER_SECONDS, NetworkFailure, fetch, guarded, timeouts

_BASE = "https://www.googleapis.com/auth/"
EVENTS_SCOPE = f"{_BASE}calendar.events"
LIST_SCOPE = f"{_BASE}calendar.calendarlist.readonly"
FREE_BUSY_SCOPE = f"{_BASE}calendar.freebusy"
SCOPES = ("openid", "email", EVENTS_SCOPE, LIST_SCOPE, FREE_BUSY_SCOPE)
# Either of these lets us list calendars and read events as well.
_WHOLE_CALENDAR_SCOPE = f"{_BASE}calendar"

# RFC 6749 4.1.2.1 and Google's own words, as errors of ours; anything else is "failed".
_REDIRECT_ERRORS = {
    "access_denied": "denied",
    "admin_policy_enforced": ApprovalNeeded.code,
    "access_not_configured": ApprovalNeeded.code,
    "org_internal": ApprovalNeeded.code,
}
# What the libraries raise at answers in a form nobody expects.
_FOREIGN = (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError)
_USUAL_LIFE, _LONGEST_LIFE = 3600.0, 86_400.0
_TOKEN_ERRORS: dict[str, type[SyncError]] = {
    "invalid_grant": ReconnectNeeded,
    "unauthorized_client": SetupFaulty,
    "invalid_client": SetupFaulty,
    "deleted_client": SetupFaulty,
    "admin_policy_enforced": ApprovalNeeded,
    # The library's word for an answer that is neither a token nor an error, such as a web page.
    "missing_token": Unavailable,
}


def begin(*, redirect_uri: str, state: str, hint: str) -> SignInStart:
    """The consent address. `prompt=consent` is asked for, because only then a refresh token is certain."""
    flow = _flow(redirect_uri, state)
    url, _ = flow.authorization_url(
        access_type="offline",
        prompt="consent",
        include_granted_scopes="true",
        **({"login_hint": hint} if hint else {}),
    )
    return SignInStart(url=url, verifier=flow.code_verifier)


def finish(*, redirect_uri: str, state: str, verifier: str, answer: Mapping[str, str]) -> Grant:
    """Exchange the code. Raises SignInRefused for a user's no or a bad code, PermissionMissing for a missing tick."""
    if "error" in answer:
        raise SignInRefused(_REDIRECT_ERRORS.get(answer["error"], "failed"))
    if not answer.get("code"):
        raise SignInRefused("failed")
    token = _exchange(_flow(redirect_uri, state, verifier), answer["code"])
    granted = frozenset(_words(token.get("scope")) or SCOPES)
    if not _suffices(granted):
        raise PermissionMissing
    claims = _claims(token.get("id_token"))
    return Grant(
        subject=claims.get("sub", ""),
        address=claims.get("email", "").casefold(),
        name=claims.get("name", ""),
        credentials=_credentials(token),
        scopes=granted,
    )


def refresh(credentials: Mapping[str, Any]) -> dict[str, Any]:
    """New access token. Google's answer usually leaves the refresh token out; the old one is kept."""
    known = Credentials(
        None,
        refresh_token=credentials.get("refresh_token"),
        token_uri=settings.GOOGLE_TOKEN_URL,
        client_id=settings.GOOGLE_CLIENT_ID,
        client_secret=settings.GOOGLE_CLIENT_SECRET,
    )
    if not known.refresh_token:
        raise ReconnectNeeded
    try:
        with guarded(requests.Session()) as session:
            known.refresh(_OneAttempt(session))
    except RefreshError as error:
        raise _refresh_failure(error) from error
    except (TransportError, GoogleAuthError, *_FOREIGN) as error:
        raise Unavailable(reason=type(error).__name__) from error
    return {
        "access_token": _access_token(known.token),
        # An answer may leave it out, or name nothing.
        "refresh_token": _text(known.refresh_token) or credentials["refresh_token"],
        "expires_at": known.expiry.replace(tzinfo=UTC).timestamp() if known.expiry else None,
    }


def revoke(credentials: Mapping[str, Any]) -> None:
    """Give the grant back. Google's 400 means it was gone already."""
    token = credentials.get("refresh_token") or credentials.get("access_token")
    if not token:
        return
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        with guarded(requests.Session()) as session:
            fetch(
                session, "POST", settings.GOOGLE_REVOKE_URL, headers=headers, body=urlencode({"token": token})
            )
    except NetworkFailure as error:
        raise Unavailable(reason=str(error)) from error


class _OneAttempt(Request):
    """google-auth's transport with our time-outs, and without its sleeping and asking again."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["timeout"] = timeouts()
        try:
            with deadline(ANSWER_SECONDS):
                answer = super().__call__(*args, **kwargs)  # type: ignore[no-untyped-call]  # google-auth
        except TimeIsOver as error:
            raise TransportError("the token endpoint is too slow") from error
        if _is_failing(answer.status):
            raise Unavailable(retry_at=retry_at_of(answer.headers.get("retry-after")), status=answer.status)
        return answer


def _is_failing(status: int) -> bool:
    return status in DEFAULT_RETRYABLE_STATUS_CODES or status >= 500


def _refuse_failing(answer: requests.Response) -> requests.Response:
    """A server in trouble says nothing about the code, whatever its body reads like."""
    if _is_failing(answer.status_code):
        raise requests.HTTPError(f"the token endpoint answered {answer.status_code}")
    return answer


def _flow(redirect_uri: str, state: str, verifier: str | None = None) -> Flow:
    client = {
        "client_id": settings.GOOGLE_CLIENT_ID,
        "client_secret": settings.GOOGLE_CLIENT_SECRET,
        "auth_uri": settings.GOOGLE_AUTH_URL,
        "token_uri": settings.GOOGLE_TOKEN_URL,
    }
    flow = Flow.from_client_config(
        {"web": client}, scopes=list(SCOPES), redirect_uri=redirect_uri, state=state, code_verifier=verifier
    )
    guarded(flow.oauth2session)
    flow.oauth2session.register_compliance_hook("access_token_response", _refuse_failing)
    return flow


def _exchange(flow: Flow, code: str) -> dict[str, Any]:
    try:
        with deadline(ANSWER_SECONDS):
            # The secret in the body, as the refresh sends it: every token endpoint of Google takes it there.
            token: dict[str, Any] = flow.fetch_token(code=code, include_client_id=True, timeout=timeouts())
    except OAuth2Error as error:
        failure = _TOKEN_ERRORS.get(_text(error.error))
        if failure is None or failure is ReconnectNeeded:
            raise SignInRefused("failed") from error
        raise failure(reason=error.error) from error
    except (TimeIsOver, requests.RequestException, OSError, *_FOREIGN) as error:
        raise Unavailable(reason=type(error).__name__) from error
    return token


def _access_token(given: Any) -> str:
    """The token as a header can carry it. Raises Unavailable for anything else."""
    token = _text(given)
    if not (token and token.isascii() and token.isprintable()):
        raise Unavailable(reason="no access token")
    return token


def _text(given: Any) -> str:
    return given if isinstance(given, str) else ""


def _refresh_failure(error: RefreshError) -> SyncError:
    details = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], dict) else {}
    failure = _TOKEN_ERRORS.get(str(details.get("error", "")))
    if failure is not None:
        return failure(reason=str(details.get("error")))
    return Unavailable(reason="refresh")


def _suffices(granted: frozenset[str]) -> bool:
    return _WHOLE_CALENDAR_SCOPE in granted or {EVENTS_SCOPE, LIST_SCOPE} <= granted


def _words(scope: Any) -> list[str]:
    return scope.split() if isinstance(scope, str) else [_text(each) for each in scope or ()]


def _credentials(token: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "access_token": _access_token(token.get("access_token")),
        "refresh_token": _text(token.get("refresh_token")),
        "expires_at": datetime.now(UTC).timestamp() + _lifetime(token.get("expires_in")),
    }


def _lifetime(given: Any) -> float:
    """Seconds until the access token ends; Google's usual hour where the answer names no believable number."""
    seconds = float(given) if isinstance(given, int | float) and math.isfinite(given) else 0.0
    return seconds if 0 < seconds <= _LONGEST_LIFE else _USUAL_LIFE


def _claims(id_token: Any) -> dict[str, str]:
    """Claims of an ID token that came straight from the token endpoint, where no signature check is needed.

    OpenID Connect Core 3.1.3.7 (6). Unreadable tokens give no claims; the primary calendar then names the account.
    """
    try:
        payload = _text(id_token).split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, RecursionError, ValueError, binascii.Error):
        return {}
    return {key: clean_line(value) for key, value in claims.items()} if isinstance(claims, dict) else {}
