"""The batch endpoint: many calls in one multipart request, each answered in a part of its own."""

import asyncio
import email.policy
import secrets
from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message as AsgiMessage

from sandbox.google.api import refusal
from sandbox.google.errors import ApiError, bad_request

MOST_CALLS = 50
LENT = ("authorization", "user-agent", "x-goog-api-client")


async def run_batch(request: Request) -> Response:
    """Google's limit of fifty calls holds. Content-IDs come back with `response-` in front."""
    try:
        parts = _parts(request.headers.get("content-type", ""), await request.body())
    except ApiError as error:
        return refusal(error)
    answers = await asyncio.gather(*(_answer(request, part) for part in parts))
    boundary = f"batch_{secrets.token_hex(12)}"
    payload = b"".join(b"--" + boundary.encode() + b"\r\n" + answer for answer in answers)
    payload += b"--" + boundary.encode() + b"--\r\n"
    return Response(payload, media_type=f"multipart/mixed; boundary={boundary}")


def _parts(content_type: str, raw: bytes) -> list[Message]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=email.policy.compat32).parsebytes(head + raw)
    parts = message.get_payload()
    if not message.is_multipart() or not isinstance(parts, list):
        raise bad_request("Failed to parse batch request.")
    if len(parts) > MOST_CALLS:
        raise bad_request(f"The batch contains too many calls, at most {MOST_CALLS} are allowed.")
    return [part for part in parts if isinstance(part, Message)]


async def _answer(request: Request, part: Message) -> bytes:
    inner = part.get_payload(decode=True)
    status, headers, body = await _run(request, inner if isinstance(inner, bytes) else b"")
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    outer = ["Content-Type: application/http"]
    if part["Content-ID"]:
        outer.append(f"Content-ID: {_answer_id(str(part['Content-ID']))}")
    return "\r\n".join([*outer, "", *lines, "", ""]).encode() + body + b"\r\n"


def _answer_id(content_id: str) -> str:
    return f"<response-{content_id[1:]}" if content_id.startswith("<") else f"response-{content_id}"


async def _run(request: Request, raw: bytes) -> tuple[int, Mapping[str, str], bytes]:
    """Send one part through the whole application again, so that faults, log and limits hold for it."""
    try:
        scope = _scope(request, raw)
    except ValueError:
        body = b'{"error":{"code":400,"message":"Failed to parse batch request."}}'
        return 400, {"Content-Type": "application/json; charset=UTF-8"}, body
    body = _split(raw)[1]
    answer: dict[str, Any] = {"status": 500, "headers": {}, "body": b""}

    async def receive() -> AsgiMessage:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: AsgiMessage) -> None:
        if message["type"] == "http.response.start":
            answer["status"] = message["status"]
            answer["headers"] = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answer["body"] += message.get("body", b"")

    await request.app(scope, receive, send)
    return answer["status"], answer["headers"], answer["body"]


def _split(raw: bytes) -> tuple[list[str], bytes]:
    raw = raw.lstrip()
    for separator in (b"\r\n\r\n", b"\n\n"):
        if separator in raw:
            head, _, body = raw.partition(separator)
            return head.decode().splitlines(), body
    return raw.decode().splitlines(), b""


def _scope(request: Request, raw: bytes) -> dict[str, Any]:
    """An ASGI scope of the part; raises ValueError when it is no HTTP request."""
    lines, _ = _split(raw)
    method, target = (lines[0] if lines else "").split()[:2]
    target = "/" + target.split("://", 1)[-1].partition("/")[2] if "://" in target else target
    path, _, query = target.partition("?")
    headers = {name: request.headers[name] for name in LENT if name in request.headers}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    headers.pop("accept-encoding", None)
    return {
        **{
            name: request.scope[name]
            for name in ("type", "asgi", "http_version", "scheme", "server", "client")
        },
        "method": method.upper(),
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
