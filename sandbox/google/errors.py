"""Google's error envelope and the failures a Calendar call can end in.

Source: the error guide of Calendar API v3; every row has the HTTP status, reason and domain the guide gives.
"""

from collections.abc import Mapping

from sandbox.shapes import Json

STATUS_WORDS: Mapping[int, str] = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    409: "ALREADY_EXISTS", 412: "FAILED_PRECONDITION", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL",
    503: "UNAVAILABLE",
}  # fmt: skip


class ApiError(Exception):
    """A call that fails; the API surface turns it into the envelope."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        at: tuple[str, str] | None = None,
    ) -> None:
        """`at` is (locationType, location), such as ("parameter", "syncToken")."""
        super().__init__(message)
        self.status, self.reason, self.message, self.domain, self.at = status, reason, message, domain, at

    def envelope(self) -> Json:
        detail: Json = {"domain": self.domain, "reason": self.reason, "message": self.message}
        if self.at:
            detail["locationType"], detail["location"] = self.at
        error: Json = {"errors": [detail], "code": self.status, "message": self.message}
        if self.status in (401, 403, 429):
            error["status"] = STATUS_WORDS[self.status]
        return {"error": error}


def parameter(name: str) -> tuple[str, str]:
    return ("parameter", name)


def bad_request(message: str = "Bad Request", name: str = "") -> ApiError:
    return ApiError(400, "badRequest", message, at=parameter(name) if name else None)


def invalid(message: str, name: str = "") -> ApiError:
    return ApiError(400, "invalid", message, at=parameter(name) if name else None)


def required(message: str) -> ApiError:
    return ApiError(400, "required", message)


def parse_error() -> ApiError:
    return ApiError(400, "parseError", "Parse Error")


def time_range_empty() -> ApiError:
    message = "The specified time range is empty."
    return ApiError(400, "timeRangeEmpty", message, domain="calendar", at=parameter("timeMax"))


def login_required() -> ApiError:
    return ApiError(401, "required", "Login Required.", at=("header", "Authorization"))


def invalid_credentials() -> ApiError:
    return ApiError(401, "authError", "Invalid Credentials", at=("header", "Authorization"))


def insufficient_scopes() -> ApiError:
    message = "Request had insufficient authentication scopes."
    return ApiError(403, "insufficientPermissions", message)


def access_level(level: str) -> ApiError:
    message = f"You need to have {level} access to this calendar."
    return ApiError(403, "requiredAccessLevel", message, domain="calendar")


def non_organizer() -> ApiError:
    message = "Shared properties can only be changed by the organizer of the event."
    return ApiError(403, "forbiddenForNonOrganizer", message, domain="calendar")


def not_found() -> ApiError:
    return ApiError(404, "notFound", "Not Found")


def duplicate() -> ApiError:
    return ApiError(409, "duplicate", "The requested identifier already exists.")


def full_sync_required() -> ApiError:
    message = "Sync token is no longer valid, a full sync is required."
    return ApiError(410, "fullSyncRequired", message, domain="calendar", at=parameter("syncToken"))


def updated_min_too_long_ago() -> ApiError:
    message = "The requested minimum modification time lies too far in the past."
    return ApiError(410, "updatedMinTooLongAgo", message, domain="calendar", at=parameter("updatedMin"))


def already_deleted() -> ApiError:
    return ApiError(410, "deleted", "Resource has been deleted")


def condition_not_met() -> ApiError:
    return ApiError(412, "conditionNotMet", "Precondition Failed", at=("header", "If-Match"))


# Reason words a fault may name: domain and message as Google sends them.
KNOWN_REASONS: Mapping[str, tuple[str, str]] = {
    "userRateLimitExceeded": ("usageLimits", "User Rate Limit Exceeded"),
    "rateLimitExceeded": ("usageLimits", "Rate Limit Exceeded"),
    "quotaExceeded": ("usageLimits", "Calendar usage limits exceeded."),
    "dailyLimitExceeded": ("usageLimits", "Daily Limit Exceeded"),
    "accessNotConfigured": (
        "usageLimits",
        "Google Calendar API has not been used in this project before or it is disabled.",
    ),
    "authError": ("global", "Invalid Credentials"),
    "insufficientPermissions": ("global", "Request had insufficient authentication scopes."),
    "forbiddenForNonOrganizer": ("calendar", non_organizer().message),
    "fullSyncRequired": ("calendar", full_sync_required().message),
    "updatedMinTooLongAgo": ("calendar", updated_min_too_long_ago().message),
    "timeRangeEmpty": ("calendar", time_range_empty().message),
    "deleted": ("global", already_deleted().message),
    "conditionNotMet": ("global", condition_not_met().message),
    "duplicate": ("global", duplicate().message),
    "conflict": ("global", "Conflict"),
    "notFound": ("global", "Not Found"),
    "backendError": ("global", "Backend Error"),
}
LOCATIONS: Mapping[str, tuple[str, str]] = {
    "authError": ("header", "Authorization"),
    "fullSyncRequired": ("parameter", "syncToken"),
    "updatedMinTooLongAgo": ("parameter", "updatedMin"),
    "conditionNotMet": ("header", "If-Match"),
}
USUAL_REASONS: Mapping[int, str] = {
    400: "badRequest", 401: "authError", 403: "rateLimitExceeded", 404: "notFound", 409: "conflict",
    410: "fullSyncRequired", 412: "conditionNotMet", 429: "rateLimitExceeded",
}  # fmt: skip


def injected(path: str, status: int, reason: str) -> Json:
    """The error body an injected fault shows on this path: OAuth's short form or the Calendar envelope."""
    if path in ("/token", "/revoke", "/tokeninfo"):
        return {"error": reason or "internal_failure", "error_description": _oauth_sentence(reason)}
    reason = reason or USUAL_REASONS.get(status, "backendError")
    domain, message = KNOWN_REASONS.get(reason, ("global", reason))
    return ApiError(status, reason, message, domain=domain, at=LOCATIONS.get(reason)).envelope()


def _oauth_sentence(reason: str) -> str:
    return "Token has been expired or revoked." if reason == "invalid_grant" else "Bad Request"
