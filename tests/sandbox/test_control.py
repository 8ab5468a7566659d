"""The control API: faults, latency, quotas, pages, broken events, big mailboxes."""

import time

import pytest
import requests

from tests.sandbox.conftest import SANNE, at, everything, reason

EVENTS = "/calendars/primary/events"


@pytest.fixture
def api(sandbox):
    yield sandbox.raw(SANNE)
    requests.delete(f"{sandbox.url}/control/faults", timeout=10)


def test_overview_lists_every_address_with_what_it_does(sandbox):
    listed = sandbox.look("")["endpoints"]

    assert {"POST /control/faults", "POST /control/mailboxes", "GET /control/log"} <= {
        f"{each['method']} {each['path']}" for each in listed
    }
    assert all(each["does"] for each in listed)


@pytest.mark.parametrize(
    ("status", "word", "domain", "message"),
    [
        (403, "userRateLimitExceeded", "usageLimits", "User Rate Limit Exceeded"),
        (403, "rateLimitExceeded", "usageLimits", "Rate Limit Exceeded"),
        (429, "rateLimitExceeded", "usageLimits", "Rate Limit Exceeded"),
        (403, "quotaExceeded", "usageLimits", "Calendar usage limits exceeded."),
        (503, "backendError", "global", "Backend Error"),
        (401, "authError", "global", "Invalid Credentials"),
        (409, "conflict", "global", "Conflict"),
    ],
)
def test_fault_answers_with_googles_error_body(sandbox, api, status, word, domain, message):
    sandbox.control(
        "faults", status=status, reason=word, retry_after=7, times=1, match={"path": "^/calendar/"}
    )

    hit, after = api("GET", EVENTS), api("GET", EVENTS)

    detail = hit.json()["error"]["errors"][0]
    assert (hit.status_code, detail["reason"], detail["domain"], detail["message"]) == (
        status,
        word,
        domain,
        message,
    )
    assert hit.headers["retry-after"] == "7"
    assert after.status_code == 200


def test_fault_strikes_where_it_is_meant_after_some_requests(sandbox, api):
    match = {"path": "/events$", "method": "GET", "mailbox": SANNE}
    sandbox.control("faults", status=500, match=match, after=1, times=2)

    statuses = [api("GET", EVENTS).status_code for _ in range(4)]

    assert statuses == [200, 500, 500, 200]
    assert sandbox.look("faults")["faults"] == []


def test_fault_may_be_meant_for_one_kind_of_question(sandbox, api):
    match = {"path": "/events$", "query": "maxResults=7"}
    sandbox.control("faults", status=500, match=match)

    statuses = [api("GET", EVENTS, maxResults=size).status_code for size in (6, 7)]

    assert statuses == [200, 500]


def test_fault_of_the_token_endpoint_reads_like_oauth(sandbox, api):
    sandbox.control("faults", status=400, reason="invalid_grant", match={"path": "^/token$"}, times=1)

    answer = requests.post(f"{sandbox.url}/token", data={}, timeout=10)

    assert answer.json() == {
        "error": "invalid_grant",
        "error_description": "Token has been expired or revoked.",
    }


@pytest.mark.parametrize(
    ("body", "check"),
    [
        ("html", lambda answer: answer.text.startswith("<!doctype html>")),
        ("empty", lambda answer: answer.content == b""),
        ("truncated", lambda answer: answer.text.startswith('{"kind"') and not answer.text.endswith("}")),
        ('{"items": 7}', lambda answer: answer.json() == {"items": 7}),
    ],
)
def test_spoiled_bodies_come_with_200(sandbox, api, body, check):
    sandbox.control("faults", body=body, times=1)

    answer = api("GET", EVENTS)

    assert answer.status_code == 200
    assert check(answer)


def test_reset_ends_the_connection_in_the_middle(sandbox, api):
    sandbox.control("faults", body="reset", times=1)

    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        api("GET", EVENTS)


def test_latency_delays_matching_requests(sandbox, api):
    sandbox.control("latency", ms=150, match={"path": "/events"}, times=1)

    began = time.monotonic()
    api("GET", EVENTS)

    assert 0.15 <= time.monotonic() - began < 1


def test_quota_refuses_one_request_too_many(sandbox, api):
    sandbox.control("quota", per_user=2)

    answers = [api("GET", EVENTS) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert reason(answers[2]) == (403, "userRateLimitExceeded")


def test_pages_may_be_short_empty_and_double(sandbox, api):
    for number in range(3):
        sandbox.control("events", mailbox=SANNE, event=at("2026-11-23", summary=str(number)))
    sandbox.control("pages", size=2, empties=1, duplicates=True)

    first = api("GET", EVENTS).json()
    items, token = everything(api)

    assert first["items"] == []
    assert "nextPageToken" in first
    assert [item["summary"] for item in items] == ["0", "1", "0", "2", "2"]
    assert token


def test_malformed_events_are_listed_among_good_ones(sandbox, api):
    sandbox.control("events", mailbox=SANNE, event=at("2026-11-23"))

    sandbox.control("malformed", mailbox=SANNE)

    items, token = everything(api)
    assert len(items) == 12
    assert token
    by_title = {item.get("summary"): item for item in items}
    assert "start" not in by_title["Malformed: missing_start"]
    assert by_title["Malformed: sentinel_dates"]["start"]["dateTime"] == "0001-01-01T00:00:00Z"
    assert by_title["Malformed: invalid_rule"]["recurrence"] == ["RRULE:FREQ=FORTNIGHTLY;BYDAY=XX"]
    assert len([item for item in items if item.get("summary") == "Interview"]) == 2
    assert api("GET", EVENTS, q="everybody", maxAttendees=1).status_code == 200
    expanded = api("GET", EVENTS, singleEvents="true", timeMin="2026-11-01T00:00:00Z", timeZone="UTC")
    assert expanded.status_code == 200
    assert api("POST", "/freeBusy", {
        "timeMin": "2026-11-01T00:00:00Z", "timeMax": "2026-12-01T00:00:00Z", "items": [{"id": SANNE}]
    }).status_code == 200  # fmt: skip
    assert requests.get(f"{sandbox.url}/?mailbox={SANNE}", timeout=10).status_code == 200


def test_generated_mailbox_is_the_same_for_the_same_seed(sandbox):
    def titles(address):
        sandbox.control("mailboxes", address=address, events=200, seed=5)
        return [item["summary"] for item in everything(sandbox.raw(address))[0]]

    assert titles("one@sandbox.example") == titles("two@sandbox.example")


def test_large_page_holds_2500_items(sandbox):
    sandbox.control("mailboxes", address="big@sandbox.example", events=3_000)

    page = sandbox.raw("big@sandbox.example")("GET", EVENTS, maxResults=2500)

    assert len(page.json()["items"]) == 2500


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {}),
        ("faults", {"status": 500, "match": {"path": "("}}),
        ("faults", {"status": "x"}),
        ("mailboxes", {"address": "nobody"}),
        ("mailboxes", {}),
        ("events", {"mailbox": "nobody@post.example"}),
        ("events/delete", {"mailbox": SANNE, "id": "absent"}),
        ("calendars/role", {"mailbox": SANNE, "calendar": SANNE, "role": "king"}),
        ("malformed", {"mailbox": SANNE, "kinds": ["unheard"]}),
    ],
)
def test_wrong_control_request_is_400_with_a_sentence(sandbox, path, body):
    answer = requests.post(f"{sandbox.url}/control/{path}", json=body, timeout=10)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_log_shows_provider_requests_only(sandbox, api):
    requests.delete(f"{sandbox.url}/control/log", timeout=10)
    api("GET", EVENTS, maxResults=3)
    requests.get(f"{sandbox.url}/", timeout=10)

    (line,) = sandbox.look("log")["requests"]

    assert (line["method"], line["path"], line["mailbox"]) == (
        "GET", "/calendar/v3/calendars/primary/events?maxResults=3", SANNE,
    )  # fmt: skip
    assert line["status"] == 200
