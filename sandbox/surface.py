"""The outer skin of every request: method override, injected faults, the log, and saving before answering."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.faults import Fault, Request, Spoil
from sandbox.shapes import Json
from sandbox.world import LogLine, World

OWN_PAGES = ("/control", "/static", "/favicon", "/mailbox")
HTML = (
    b"<!doctype html><html><head><title>Error 502</title></head><body><h1>502. That's an error.</h1></body>"
)


@dataclass(frozen=True, slots=True)
class Provider:
    """What the skin must know of a provider: whose request it is, and how its errors read."""

    mailbox_of: Callable[[Headers], str]
    error_body: Callable[[str, int, str], Json]


class Surface:
    """ASGI middleware. The sandbox's own pages are saved but neither logged nor spoiled."""

    def __init__(self, app: ASGIApp, *, world: World, provider: Provider) -> None:
        self.app, self.world, self.provider = app, world, provider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] == "/" or scope["path"].startswith(OWN_PAGES):
            await self.app(scope, receive, self._saving(send))
        else:
            scope, receive = await _overridden(scope, receive)
            await self._serve(scope, receive, self._saving(send))

    def _saving(self, send: Send) -> Send:
        async def saved(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.world.storage.flush()
            await send(message)

        return saved

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        mailbox = self.provider.mailbox_of(Headers(scope=scope))
        query = scope["query_string"].decode(errors="replace")
        asked = Request(scope["method"], scope["path"], query, mailbox)
        delay, fault = self.world.faults.strike(asked)
        status = 0

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        if delay:
            await asyncio.sleep(delay)
        try:
            await self._answer(scope, receive, noted, fault)
        finally:
            self._log(scope, mailbox, status, began, fault)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, fault: Fault | None) -> None:
        if fault is None:
            await self.app(scope, receive, send)
        elif fault.body in (Spoil.TRUNCATED, Spoil.RESET):
            await self._cut(scope, receive, send, fault)
        else:
            await _respond(send, fault.status or 200, *self._spoiled(scope["path"], fault), fault)

    def _spoiled(self, path: str, fault: Fault) -> tuple[bytes, str]:
        if fault.body == Spoil.HTML:
            return HTML, "text/html; charset=UTF-8"
        if fault.body == Spoil.EMPTY:
            return b"", "application/json; charset=UTF-8"
        if fault.body:
            return fault.body.encode(), "application/json; charset=UTF-8"
        body = self.provider.error_body(path, fault.status, fault.reason)
        return json.dumps(body).encode(), "application/json; charset=UTF-8"

    async def _cut(self, scope: Scope, receive: Receive, send: Send, fault: Fault) -> None:
        """Send the first half of the true answer; a reset still announces the whole length."""
        whole: list[Message] = []

        async def collect(message: Message) -> None:
            whole.append(message)

        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.app({**scope, "headers": headers}, receive, collect)
        body = b"".join(message.get("body", b"") for message in whole[1:])
        half = body[: len(body) // 2]
        start = {**whole[0], "status": fault.status or whole[0]["status"]}
        if fault.body == Spoil.TRUNCATED:
            MutableHeaders(raw=start["headers"])["content-length"] = str(len(half))
        await send(start)
        await send({"type": "http.response.body", "body": half, "more_body": fault.body == Spoil.RESET})

    def _log(self, scope: Scope, mailbox: str, status: int, began: float, fault: Fault | None) -> None:
        query = scope["query_string"].decode(errors="replace")
        note = (fault.label or fault.reason or fault.body or "fault") if fault else ""
        self.world.log.append(
            LogLine(
                at=self.world.now().isoformat(timespec="milliseconds"),
                method=scope["method"],
                path=scope["path"] + (f"?{query}" if query else ""),
                mailbox=mailbox,
                status=status,
                took=round((time.perf_counter() - began) * 1000),
                note=note,
            )
        )


async def _respond(send: Send, status: int, body: bytes, media_type: str, fault: Fault) -> None:
    headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
    if fault.retry_after:
        headers.append((b"retry-after", fault.retry_after.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _overridden(scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
    """X-HTTP-Method-Override: Google's client sends a very long GET as POST with its query as a form."""
    wanted = Headers(scope=scope).get("x-http-method-override", "").upper()
    if not wanted or scope["method"] != "POST":
        return scope, receive
    changed: dict[str, Any] = {**scope, "method": wanted}
    if wanted == "GET":
        query = scope["query_string"] + b"&" + await _whole_body(receive)
        changed["query_string"] = query.strip(b"&")
        receive = _nothing
    return changed, receive


async def _whole_body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
