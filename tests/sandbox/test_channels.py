"""Push channels: what arrives at a webhook, when, and what does not."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from googleapiclient.errors import HttpError

from tests.sandbox.conftest import DAAN, SANNE, at, reason, start

WATCH = "/calendars/primary/events/watch"


@dataclass
class Webhook:
    """A receiver that keeps the headers of every notification; `answers` are used up before 200."""

    url: str
    seen: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    arrived: Event = field(default_factory=Event)

    def wait(self, count: int, seconds: float = 5) -> list[dict[str, str]]:
        deadline = time.monotonic() + seconds
        while len(self.seen) < count and time.monotonic() < deadline:
            self.arrived.wait(0.05)
            self.arrived.clear()
        assert len(self.seen) == count, self.seen
        return self.seen


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            headers = {name.lower(): value for name, value in self.headers.items()}
            hook.seen.append(headers | {"body": self.rfile.read(int(headers["content-length"])).decode()})
            status = hook.answers.pop(0) if hook.answers else 200
            self.send_response(status)
            if status == 302:
                self.send_header("Location", hook.url)
            self.send_header("Content-Length", "0")
            self.end_headers()
            hook.arrived.set()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook = Webhook(f"http://127.0.0.1:{server.server_port}/hook?x=1")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield hook
    server.shutdown()
    server.server_close()


@pytest.fixture
def api(sandbox):
    return sandbox.raw(SANNE)


def watch(api, webhook, **more):
    body = {"id": "channel-1", "type": "web_hook", "address": webhook.url, "token": "secret"}
    return api("POST", WATCH, body | more)


def test_google_client_opens_a_channel_and_gets_a_sync_message(sandbox, webhook):
    body = {"id": "channel-1", "type": "web_hook", "address": webhook.url, "token": "secret"}

    channel = sandbox.service(SANNE).events().watch(calendarId="primary", body=body).execute()

    (sync,) = webhook.wait(1)
    assert channel["kind"] == "api#channel"
    assert sync["x-goog-channel-id"] == channel["id"] == "channel-1"
    assert sync["x-goog-resource-id"] == channel["resourceId"]
    assert sync["x-goog-resource-uri"] == channel["resourceUri"]
    assert channel["resourceUri"].endswith(
        "/calendar/v3/calendars/sanne.devries%40sandbox.example/events?alt=json"
    )
    assert sync["x-goog-resource-state"] == "sync"
    assert sync["x-goog-message-number"] == "1"
    assert sync["x-goog-channel-token"] == "secret"
    assert sync["x-goog-channel-expiration"].endswith("GMT")
    assert (sync["content-length"], sync["body"]) == ("0", "")
    week = int(channel["expiration"]) / 1000 - time.time()
    assert 604_000 < week <= 604_800


def test_burst_of_changes_is_one_notification(sandbox, api, webhook):
    watch(api, webhook)
    webhook.wait(1)

    for _ in range(5):
        sandbox.control("events", mailbox=SANNE, event=at("2026-11-23"))
    webhook.wait(2)
    sandbox.control("events", mailbox=SANNE, event=at("2026-11-24"))
    webhook.wait(3)

    assert [each["x-goog-resource-state"] for each in webhook.seen] == ["sync", "exists", "exists"]
    numbers = [int(each["x-goog-message-number"]) for each in webhook.seen]
    assert numbers == sorted(set(numbers))


def test_other_calendars_changes_are_not_told(sandbox, api, webhook):
    watch(api, webhook)
    webhook.wait(1)

    sandbox.control("events", mailbox=DAAN, event=at("2026-11-23"))

    time.sleep(0.3)
    assert len(webhook.seen) == 1


def test_stopped_channel_is_silent(sandbox, api, webhook):
    channel = watch(api, webhook).json()
    webhook.wait(1)

    assert (
        api("POST", "/channels/stop", {"id": channel["id"], "resourceId": channel["resourceId"]}).status_code
        == 204
    )

    sandbox.control("events", mailbox=SANNE, event=at("2026-11-23"))
    time.sleep(0.3)
    assert len(webhook.seen) == 1
    again = api("POST", "/channels/stop", {"id": channel["id"], "resourceId": channel["resourceId"]})
    assert reason(again) == (404, "notFound")


def test_only_who_opened_a_channel_may_stop_it(sandbox, api, webhook):
    channel = watch(api, webhook).json()
    webhook.wait(1)

    wanted = {"id": channel["id"], "resourceId": channel["resourceId"]}

    assert reason(sandbox.raw(DAAN)("POST", "/channels/stop", wanted)) == (404, "notFound")
    assert reason(api("POST", "/channels/stop", wanted | {"resourceId": "other"})) == (404, "notFound")


def test_channel_ends_with_its_expiration(sandbox, api, webhook):
    watch(api, webhook, params={"ttl": "60"})
    webhook.wait(1)
    sandbox.control("clock", seconds=61)

    sandbox.control("events", mailbox=SANNE, event=at("2026-11-23"))

    time.sleep(0.3)
    assert len(webhook.seen) == 1
    assert sandbox.look("channels")["channels"][0]["alive"] is False
    assert watch(api, webhook, expiration=str(10**13)).status_code == 200


@pytest.mark.slow
def test_server_error_is_tried_again_and_anything_else_is_dropped(sandbox, api, webhook):
    webhook.answers += [503, 200, 404, 302]
    watch(api, webhook)
    webhook.wait(2)

    sandbox.control("events", mailbox=SANNE, event=at("2026-11-23"))
    webhook.wait(3)
    sandbox.control("events", mailbox=SANNE, event=at("2026-11-23"))
    webhook.wait(4)

    time.sleep(0.8)
    assert len(webhook.seen) == 4
    assert webhook.seen[0]["x-goog-message-number"] == webhook.seen[1]["x-goog-message-number"] == "1"


def test_silenced_notifications_die_without_a_word(sandbox, api, webhook):
    watch(api, webhook)
    webhook.wait(1)
    sandbox.control("notifications", silent=True)

    sandbox.control("events", mailbox=SANNE, event=at("2026-11-23"))

    time.sleep(0.3)
    assert len(webhook.seen) == 1
    sandbox.control("notifications", silent=False)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"id": ""}, (400, "required")),
        ({"id": "no spaces"}, (400, "invalid")),
        ({"id": "x" * 65}, (400, "invalid")),
        ({"type": "email"}, (400, "channelUnknown")),
        ({"address": "ftp://127.0.0.1/"}, (400, "webhookUrlNotHttps")),
        ({"address": "https://crm.example/hook"}, (401, "webhookUrlUnauthorized")),
        ({"address": "http://10.0.0.1/hook"}, (401, "webhookUrlUnauthorized")),
        ({"address": ""}, (400, "required")),
        ({"token": "x" * 257}, (400, "invalid")),
        ({"expiration": "1000"}, (400, "invalid")),
        ({"expiration": "soon"}, (400, "invalid")),
    ],
)
def test_unusable_channel_is_refused(api, webhook, body, expected):
    assert reason(watch(api, webhook, **body)) == expected
    assert webhook.seen == []


def test_channel_ids_are_unique(api, webhook):
    watch(api, webhook)

    assert reason(watch(api, webhook)) == (400, "channelIdNotUnique")
    webhook.wait(1)


@pytest.mark.slow
def test_https_only_refuses_http_and_holidays_cannot_be_watched(monkeypatch, webhook):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    running = start(https_only_webhooks=True)
    service = running.service(SANNE)
    holidays = "nl.dutch#holiday@group.v.calendar.sandbox.example"
    good = {"id": "channel-1", "type": "web_hook", "address": "https://localhost:1/hook"}

    with pytest.raises(HttpError) as plain:
        service.events().watch(calendarId="primary", body=good | {"address": webhook.url}).execute()
    with pytest.raises(HttpError) as holiday:
        service.events().watch(calendarId=holidays, body=good).execute()

    assert plain.value.error_details[0]["reason"] == "webhookUrlNotHttps"
    assert holiday.value.error_details[0]["reason"] == "pushNotSupportedForRequestedResource"
    running.close_clients()
    running.stop()
