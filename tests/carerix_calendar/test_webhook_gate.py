"""The gate before the webhooks, with the whole application behind it."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from carerix_calendar import webhook_gate
from carerix_calendar.asgi import application
from carerix_calendar.webhook_gate import LARGEST_BODY, guarded

HEADERS = [(b"host", b"localhost"), (b"x-goog-channel-id", b"x"), (b"x-goog-resource-state", b"exists")]


def post(
    chunks: Iterable[bytes],
    *,
    path: str = "/hooks/google/",
    headers: Iterable[tuple[bytes, bytes]] = (),
    app: Any = application,
    ends: bool = True,
) -> int:
    """POST these chunks; the status of the answer, 0 when there was none."""
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": [*HEADERS, *headers],
        "client": ("203.0.113.9", 1), "server": ("localhost", 80),
    }  # fmt: skip
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    if ends:
        waiting.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[Any] = []

    async def receive() -> Any:
        if waiting:
            return waiting.pop(0)
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    async_to_sync(app)(scope, receive, send)
    return int(sent[0]["status"]) if sent else 0


def test_small_body_goes_through_whole():
    seen: list[bytes] = []

    async def listener(scope: Any, receive: Any, send: Any) -> None:
        seen.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 204, "headers": []})

    assert post([b"ab", b"c" * (LARGEST_BODY - 2)], app=guarded(listener)) == 204
    assert seen == [b"ab" + b"c" * (LARGEST_BODY - 2)]


def test_huge_body_is_refused_before_it_is_read():
    """S53"""
    endless = (b"x" * 10_000 for _ in range(10))

    assert post(endless, ends=False) == 413


def test_body_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch):
    """S53"""
    monkeypatch.setattr(webhook_gate, "_SECONDS", 0.05)

    assert post([b"x"], ends=False) == 408


@pytest.mark.django_db(transaction=True)
def test_cookie_of_a_stranger_is_not_looked_up(django_assert_num_queries: Any):
    """S53: not even whether there is such a session."""
    with django_assert_num_queries(0):
        assert post([], headers=[(b"cookie", b"sessionid=abcdefgh")]) == 410


@pytest.mark.django_db(transaction=True)
def test_other_addresses_keep_their_bodies_and_cookies():
    seen: list[Any] = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        seen.append(dict(scope["headers"])[b"cookie"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    assert post([b"x" * 100_000], path="/login/", headers=[(b"cookie", b"a=b")], app=guarded(page)) == 200
    assert seen == [b"a=b"]
