"""Google's errors get our names in one place: by reason first, by status second."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httplib2
import pytest
import time_machine
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
from calendarsync.providers.google.client import api_root, error_of, execute
from carerix_calendar.lib.http import NetworkFailure

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def answered(status: int, content: bytes | dict[str, Any], **headers: str) -> HttpError:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return HttpError(httplib2.Response({"status": str(status), **headers}), body)


def envelope(status: int, reason: str, message: str = "Sorry") -> dict[str, Any]:
    detail = {"domain": "global", "reason": reason, "message": message}
    return {"error": {"errors": [detail], "code": status, "message": message}}


class Request:
    """A request of Google's library that comes to this end."""

    def __init__(self, end: Any) -> None:
        self.end = end

    def execute(self) -> Any:
        end = self.end() if callable(self.end) else self.end
        if isinstance(end, Exception):
            raise end
        return end


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        (400, "timeRangeEmpty", Refused),
        (400, "invalid", Refused),
        (400, "required", Refused),
        (400, "badRequest", Refused),
        (401, "authError", AccessExpired),
        (403, "userRateLimitExceeded", Throttled),
        (403, "rateLimitExceeded", Throttled),
        (429, "rateLimitExceeded", Throttled),
        (429, "", Throttled),
        (403, "dailyLimitExceeded", Throttled),
        (403, "quotaExceeded", WritingBlocked),
        (403, "forbiddenForNonOrganizer", Forbidden),
        (403, "requiredAccessLevel", Forbidden),
        (403, "forbidden", Forbidden),
        (403, "insufficientPermissions", PermissionMissing),
        (403, "accessNotConfigured", SetupFaulty),
        (403, "SERVICE_DISABLED", SetupFaulty),
        (404, "notFound", Gone),
        (408, "", Unavailable),
        (409, "duplicate", ChangedElsewhere),
        (409, "conflict", ChangedElsewhere),
        (410, "fullSyncRequired", SyncTokenVoid),
        (410, "updatedMinTooLongAgo", SyncTokenVoid),
        (410, "deleted", Gone),
        (412, "conditionNotMet", ChangedElsewhere),
        (302, "", Unavailable),
        (418, "teapot", Refused),
        (500, "backendError", Unavailable),
        (502, "", Unavailable),
        (503, "backendError", Unavailable),
        (599, "unheard", Unavailable),
    ],
)
def test_answer_gets_its_name(status: int, reason: str, expected: type[SyncError]):
    """S67"""
    error = error_of(answered(status, envelope(status, reason)))

    assert type(error) is expected
    assert error.context == {"status": status, "reason": reason}


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", PermissionMissing),
        (403, "RATE_LIMIT_EXCEEDED", Throttled),
        (403, "SERVICE_DISABLED", SetupFaulty),
        (403, "UNHEARD_OF", Forbidden),
    ],
)
def test_newer_answers_give_their_reason_in_details(status: int, reason: str, expected: type[SyncError]):
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}
    error = error_of(answered(status, {"error": {"code": status, "details": [{"@type": "help"}, info]}}))

    assert type(error) is expected
    assert error.context == {"status": status, "reason": reason}


def test_reason_we_know_wins_over_a_vague_one_before_it():
    content = envelope(403, "forbidden")
    content["error"]["details"] = [{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]

    assert type(error_of(answered(403, content))) is PermissionMissing


@pytest.mark.parametrize("message", ["Sync token is no longer valid", "Invalid sync token value."])
def test_refused_sync_token_is_void_whatever_the_status_says(message: str):
    assert type(error_of(answered(400, envelope(400, "invalid", message)))) is SyncTokenVoid


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><h1>Error</h1></html>",
        b'{"error": {"errors": [{"rea',
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"error": null}',
        b'{"error": "invalid_grant"}',
        b'{"error": []}',
        b'{"error": {"errors": null}}',
        b'{"error": {"errors": []}}',
        b'{"error": {"errors": ["text"]}}',
        b'{"error": {"errors": [{"reason": {"no": "word"}}]}}',
        b'{"error": {"errors": [{"reason": null}]}}',
    ],
)
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Refused),
        (401, AccessExpired),
        (403, Forbidden),
        (404, Gone),
        (429, Throttled),
        (502, Unavailable),
    ],
)
def test_unreadable_body_leaves_the_status_to_decide(content: bytes, status: int, expected: type[SyncError]):
    assert type(error_of(answered(status, content))) is expected


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 0),
        ("99999999", 86_400),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300),
        (format_datetime(NOW - timedelta(minutes=5), usegmt=True), -300),
        ("Mon, 23 Nov 2026 13:00:00 +0100", 0),
        ("Mon, 23 Nov 2026 12:00:00", 0),
        ("Mon, 23 Nov 2099 12:00:00 GMT", 86_400),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, wait: int):
    """S66"""
    with time_machine.travel(NOW, tick=False):
        error = error_of(answered(429, envelope(429, "rateLimitExceeded"), **{"retry-after": value}))

    assert error.retry_at == NOW + timedelta(seconds=wait)


@pytest.mark.parametrize(
    "value", ["soon", "-5", "1.5", "²", "9" * 30, "Mon, 99 Nov 2026 99:00:00 GMT", "x" * 5000, ""]
)
def test_unreadable_retry_after_is_none(value: str):
    """S66"""
    error = error_of(answered(429, envelope(429, "rateLimitExceeded"), **{"retry-after": value}))

    assert error.retry_at is None


@pytest.mark.parametrize(
    "end",
    [
        ValueError("Expecting value"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"),
        NetworkFailure(reason="ConnectionError"),
        [],
        "text",
        5,
        None,
        lambda: answered(500, {"error": {"message": 5}}),
    ],
)
def test_answer_that_is_no_object_is_the_way_that_fails(end: Any):
    """S68"""
    with pytest.raises(Unavailable):
        execute(Request(end))


@pytest.mark.parametrize(("end", "answer"), [({"a": 1}, {"a": 1}), ("", {}), (b"", {})])
def test_good_answers_arrive_and_204_is_empty(end: Any, answer: dict[str, Any]):
    assert execute(Request(end)) == answer


def test_error_of_the_library_is_translated():
    with pytest.raises(ApprovalNeeded):
        execute(Request(answered(400, envelope(400, "admin_policy_enforced"))))


@pytest.mark.parametrize(
    "url",
    [
        "https://calendar.test",
        "https://calendar.test/",
        "https://calendar.test/calendar/v3",
        "https://calendar.test/calendar/v3/",
    ],
)
def test_api_url_may_name_the_host_or_the_whole_path(url: str):
    assert api_root(url) == "https://calendar.test/calendar/v3/"
