"""Google's own API client on our transport, and the one place where its errors get our names."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from importlib import resources
from typing import Any

import httplib2
import requests
from django.conf import settings
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError

from calendarsync.errors import (
    AccessExpired,
    ApprovalNeeded,
    ChangedElsewhere,
    Forbidden,
    Gone,
    PermissionMissing,
    Refused,
    SetupFaulty,
    SyncError,
    SyncTokenVoid,
    Throttled,
    Unavailable,
    WritingBlocked,
)
from calendarsync.text import clean_line
from carerix_calendar.lib.http import NetworkFailure, fetch, guarded

# Google overloads 403, so the reason decides, not the status.
_REASONS: dict[str, type[SyncError]] = {
    "rateLimitExceeded": Throttled,
    "userRateLimitExceeded": Throttled,
    "dailyLimitExceeded": Throttled,
    "RATE_LIMIT_EXCEEDED": Throttled,
    "quotaExceeded": WritingBlocked,
    "insufficientPermissions": PermissionMissing,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": PermissionMissing,
    "accessNotConfigured": SetupFaulty,
    "SERVICE_DISABLED": SetupFaulty,
    "admin_policy_enforced": ApprovalNeeded,
    "fullSyncRequired": SyncTokenVoid,
    "updatedMinTooLongAgo": SyncTokenVoid,
    "backendError": Unavailable,
    "webhookUrlUnauthorized": Refused,
}
_LONGEST_WAIT = timedelta(days=1)
_LONGEST_REASON = 100
# A page of 2,500 meetings with a hundred people each has fewer; read as JSON, each costs a multiple of its bytes.
_MOST_VALUES = 4_000_000
_STATUSES: dict[int, type[SyncError]] = {
    400: Refused,
    401: AccessExpired,
    403: Forbidden,
    404: Gone,
    408: Unavailable,
    409: ChangedElsewhere,
    410: Gone,
    412: ChangedElsewhere,
    429: Throttled,
}


class Transport:
    """What google-api-python-client expects of httplib2, on a pooled and guarded requests session."""

    def __init__(self, access_token: str) -> None:
        self._session = guarded(requests.Session())
        self._authorization = f"Bearer {access_token}"

    def request(
        self, uri: str, method: str = "GET", body: bytes | str | None = None, headers: dict[str, str] | None = None,
        **ignored: Any,
    ) -> tuple[httplib2.Response, bytes]:  # fmt: skip
        """Send one request; called by the library."""
        # Google compresses only for agents that say gzip themselves.
        own = {
            "Authorization": self._authorization,
            "User-Agent": "carerix-calendar (gzip)",
            "Accept-Encoding": "gzip",
        }
        answer = fetch(self._session, method, uri, headers={**(headers or {}), **own}, body=body)
        if answer.body.count(b",") > _MOST_VALUES:
            raise NetworkFailure(reason="too many values")
        lowered = {
            name.lower(): value
            for name, value in answer.headers.items()
            if name.lower() != "content-encoding"
        }
        return httplib2.Response({**lowered, "status": str(answer.status)}), answer.body

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()


@cache
def _discovery_document() -> str:
    packaged = resources.files("googleapiclient.discovery_cache") / "documents" / "calendar.v3.json"
    return packaged.read_text(encoding="utf-8")


def api_root(url: str) -> str:
    """The base of the Calendar API with a closing slash, whether GOOGLE_API_URL names the host or the whole path."""
    base = url.rstrip("/")
    return f"{base}/" if base.endswith("/calendar/v3") else f"{base}/calendar/v3/"


def service(transport: Transport) -> Any:
    """The Calendar v3 client; static discovery, so building it makes no call."""
    endpoint = {"api_endpoint": api_root(settings.GOOGLE_API_URL)}
    return build_from_document(_discovery_document(), http=transport, client_options=endpoint)


def execute(request: Any) -> dict[str, Any]:
    """Run a request of the library. Raises a leaf of calendarsync.errors, and Unavailable for a foreign answer."""
    try:
        answer = request.execute()
    except HttpError as error:
        raise error_of(error) from error
    except NetworkFailure as error:
        raise Unavailable(reason=str(error.context.get("reason", ""))) from error
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        # HTML, half a JSON document or an error no library expects come from something between Google and us.
        raise Unavailable(reason="not JSON") from error
    if answer == "" or isinstance(answer, bytes):
        return {}
    if not isinstance(answer, dict):
        raise Unavailable(reason="not an object")
    return answer


def error_of(error: HttpError) -> SyncError:
    """Our name for a Google error: by reason first, by status second."""
    status, reason = int(error.resp.status), _reason(error.content)
    retry_at = retry_at_of(error.resp.get("retry-after"))
    # A redirect, like any 5xx, is something in the way; only a 4xx judges what we asked.
    known = _REASONS.get(reason) or _STATUSES.get(status) or (Refused if 400 <= status < 500 else Unavailable)
    if known is Refused and "sync token" in _message(error.content).casefold():
        known = SyncTokenVoid
    return known(retry_at=retry_at, status=status, reason=reason)


def _error(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _reason(content: bytes) -> str:
    """The first reason we know, else the first: of `errors`, then of `details`, the only list of newer answers."""
    error = _error(content)
    listed = [item for name in ("errors", "details") for item in _as_list(error.get(name))]
    named = [item.get("reason") for item in listed if isinstance(item, dict)]
    reasons = [clean_line(reason)[:_LONGEST_REASON] for reason in named if reason]
    return next((reason for reason in reasons if reason in _REASONS), next(iter(reasons), ""))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _message(content: bytes) -> str:
    return str(_error(content).get("message", ""))


def retry_at_of(value: str | None) -> datetime | None:
    """Retry-After as a moment within a day: seconds or an HTTP date (RFC 9110 10.2.3); None when unreadable."""
    now = datetime.now(UTC)
    try:
        if value and value.strip().isdecimal():
            return now + min(timedelta(seconds=int(value)), _LONGEST_WAIT)
        named = parsedate_to_datetime(value or "")
    except (TypeError, ValueError, OverflowError):
        return None
    return min(named.replace(tzinfo=named.tzinfo or UTC).astimezone(UTC), now + _LONGEST_WAIT)
