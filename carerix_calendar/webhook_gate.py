"""What stands before the webhooks: strangers' bodies stay small and their cookies outside.

Django reads a body whole, to a file if need be, and looks up the session that a cookie names, before any code of ours
runs. Providers send small bodies at once, and no cookies.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

Scope: TypeAlias = dict[str, Any]
Message: TypeAlias = Mapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

PREFIX = "/hooks/"
LARGEST_BODY = 64 * 1024
_SECONDS = 10


def guarded(application: Application) -> Application:
    """The ASGI application with a gate before its webhooks."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await application(scope, receive, send)
            return
        try:
            async with asyncio.timeout(_SECONDS):
                body = await _small_body(receive)
        except TimeoutError:
            await _refuse(send, 408)
            return
        if body is None:
            await _refuse(send, 413)
            return
        bare = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
        await application({**scope, "headers": bare}, _replay(body, receive), send)

    return serve


async def _small_body(receive: Receive) -> bytes | None:
    """The whole body, or None when it is larger than a provider's or its sender has gone."""
    body = b""
    while len(body) <= LARGEST_BODY:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body if len(body) <= LARGEST_BODY else None
    return None


def _replay(body: bytes, receive: Receive) -> Receive:
    """Gives the body once more; after that whatever else the server says."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
