"""What may stand in a log line."""

import io
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from sentry_sdk.types import Event

from carerix_calendar.crash_reports import without_content
from carerix_calendar.logs import SHARED, is_more_than_a_knock, leave_out_noise, redact


def test_secrets_are_masked_by_name_and_by_shape():
    event = redact(
        None, "info", {"refresh_token": "abc", "note": "sent Bearer ya29.secret-part", "user_id": 7}
    )

    assert event["refresh_token"] == "•••"
    assert "secret-part" not in event["note"]
    assert event["user_id"] == 7


def test_query_of_a_request_is_masked_because_it_carries_sign_in_codes():
    event = redact(None, "info", {"request": "GET /calendar/connect/google/callback/?code=4/0A&state=x"})

    assert event["request"] == "GET /calendar/connect/google/callback/?•••"


def test_stream_that_a_browser_leaves_is_no_news():
    with pytest.raises(structlog.DropEvent):
        leave_out_noise(None, "warning", {"event": "streaming_cancelled"})

    assert leave_out_noise(None, "warning", {"event": "other"}) == {"event": "other"}


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What our own handler writes."""
    [handler] = [each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler]
    usual = handler.setStream(io.StringIO())
    yield handler.stream
    handler.setStream(usual)


def test_knocks_at_the_webhooks_are_counted_and_not_logged(db: None, written: io.StringIO):
    """S53: strangers must not fill the disk."""
    browser = Client()

    for _ in range(3):
        browser.post("/hooks/google/", headers={"X-Goog-Channel-ID": "x", "X-Goog-Resource-State": "exists"})
        browser.get("/hooks/google/")
    knocks = written.getvalue()
    browser.get("/nothing/here/")

    assert knocks == ""
    assert "/nothing/here/" in written.getvalue()


def test_fault_of_a_webhook_is_logged():
    line = logging.LogRecord("django.request", logging.ERROR, "", 0, "failed", (), None)
    line.request = RequestFactory().post("/hooks/google/")

    assert is_more_than_a_knock(line)
    assert leave_out_noise(None, "error", {"event": "request_failed", "request": "POST /hooks/google/"})


@pytest.mark.parametrize(("level", "stack"), [("warning", False), ("error", True)])
def test_only_faults_of_the_program_are_logged_with_a_stack(level: str, stack: bool):
    line = logging.LogRecord("django.request", getattr(logging, level.upper()), "", 0, "refused", (), None)
    try:
        raise PermissionDenied
    except PermissionDenied:
        line.exc_info = sys.exc_info()
    formatter = structlog.stdlib.ProcessorFormatter(
        processor=structlog.processors.JSONRenderer(), foreign_pre_chain=SHARED
    )

    assert ("Traceback" in formatter.format(line)) is stack


def test_crash_report_carries_neither_request_nor_variables_nor_what_went_before():
    frame = {"function": "pull", "vars": {"token": "secret"}}
    report: Event = {
        "request": {"cookies": "secret"},
        "breadcrumbs": {"values": [{"message": "secret"}]},
        "exception": {"values": [{"stacktrace": {"frames": [frame]}}]},
    }

    assert "secret" not in str(without_content(report, {}))
