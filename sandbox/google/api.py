"""From an HTTP request to a Calendar call and back: sign-in, scopes, bodies, masks, entity tags."""

import gzip
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import Response

from sandbox.google.cloud import Cloud
from sandbox.google.errors import (
    ApiError,
    condition_not_met,
    insufficient_scopes,
    invalid,
    invalid_credentials,
    login_required,
    parse_error,
)
from sandbox.google.fields import apply_mask, parse_mask
from sandbox.google.grants import Grant
from sandbox.google.records import compact
from sandbox.google.store import Store
from sandbox.google.writing import Options
from sandbox.shapes import Json

GZIP_FROM = 1_000


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised call: who, where, with what."""

    cloud: Cloud
    grant: Grant
    path: dict[str, str]
    query: QueryParams
    headers: Headers
    body: Json

    @property
    def store(self) -> Store:
        return self.cloud.store

    @property
    def mailbox(self) -> str:
        return self.grant.mailbox

    @property
    def scopes(self) -> frozenset[str]:
        return frozenset(self.grant.scopes)

    def flag(self, name: str) -> bool:
        """A boolean parameter, false when absent. Raises ApiError 400."""
        text = self.query.get(name, "false").lower()
        if text not in ("true", "false"):
            raise invalid(f"Invalid boolean value: '{text}'.", name)
        return text == "true"

    def number(self, name: str, default: int, highest: int) -> int:
        """A positive number, larger ones cut to `highest`. Raises ApiError 400."""
        text = self.query.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < 1:
            raise invalid(f"Invalid integer value: '{text}'.", name)
        return min(int(text), highest)

    def options(self) -> Options:
        """Raises ApiError 400 on an unknown word."""
        send = self.query.get("sendUpdates") or ("all" if self.flag("sendNotifications") else "none")
        if send not in ("all", "externalOnly", "none"):
            raise invalid(f"Invalid string value: '{send}'.", "sendUpdates")
        version = self.query.get("conferenceDataVersion", "0")
        if version not in ("0", "1"):
            raise invalid(f"Invalid integer value: '{version}'.", "conferenceDataVersion")
        return Options(send, int(version))

    def demand_match(self, etag: str) -> None:
        """Raises ApiError 412 when If-Match names another version."""
        wanted = self.headers.get("if-match")
        if wanted and wanted.strip() != "*" and etag not in _tags(wanted):
            raise condition_not_met()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: a resource, or ready JSON text, or nothing (204)."""

    content: Json | str | None
    etag: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Handler: TypeAlias = Callable[[Call], Reply]


def endpoint(handler: Handler, scopes: frozenset[str]) -> Callable[[Request], Any]:
    """A Starlette endpoint that runs the handler for a caller who has one of the scopes."""

    async def serve(request: Request) -> Response:
        raw = await request.body()
        try:
            call = _call(request, raw, scopes)
            return _respond(call, handler(call))
        except ApiError as error:
            return refusal(error)

    return serve


def refusal(error: ApiError) -> Response:
    headers = {}
    if error.status == 401 and error.at == ("header", "Authorization"):
        headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    return _json(error.envelope(), error.status, headers)


def _call(request: Request, raw: bytes, scopes: frozenset[str]) -> Call:
    cloud: Cloud = request.app.state.cloud
    grant = authenticate(cloud, request)
    if not scopes & set(grant.scopes):
        raise insufficient_scopes()
    body = _body(request, raw) if request.method in ("POST", "PUT", "PATCH") else {}
    return Call(cloud, grant, dict(request.path_params), request.query_params, request.headers, body)


def authenticate(cloud: Cloud, request: Request) -> Grant:
    """The grant behind the bearer token. Raises ApiError 401."""
    token = bearer(request.headers) or request.query_params.get("oauth_token", "")
    if not token:
        raise login_required()
    grant = cloud.grants.of_access(token)
    if grant is None or grant.mailbox not in cloud.world.mailboxes:
        raise invalid_credentials()
    return grant


def bearer(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _body(request: Request, raw: bytes) -> Json:
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
        # A lone surrogate is legal in JSON but can be neither stored nor sent in UTF-8.
        compact(body).encode()
    except (ValueError, RecursionError):
        raise parse_error() from None
    if not isinstance(body, dict):
        raise parse_error()
    return body


def _respond(call: Call, reply: Reply) -> Response:
    headers = dict(reply.headers)
    if reply.etag:
        headers["ETag"] = reply.etag
        if reply.etag in _tags(call.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
    if reply.content is None:
        return Response(status_code=204 if reply.status == 200 else reply.status, headers=headers)
    content = reply.content
    if call.query.get("fields"):
        mask = parse_mask(call.query["fields"])
        content = apply_mask(mask, json.loads(content) if isinstance(content, str) else content)
    zipped = "gzip" in call.headers.get("accept-encoding", "")
    return _json(content, reply.status, headers, zipped=zipped)


def _json(content: Json | str, status: int, headers: dict[str, str], *, zipped: bool = False) -> Response:
    text = content if isinstance(content, str) else compact(content)
    payload = text.encode()
    headers = {"Cache-Control": "private, max-age=0, must-revalidate", "Vary": "X-Origin"} | headers
    if zipped and len(payload) >= GZIP_FROM:
        payload = gzip.compress(payload, compresslevel=1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(payload, status, headers, media_type="application/json; charset=UTF-8")


def _tags(header: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in header.split(",") if tag.strip()]


def etag_of_text(text: str) -> str:
    """An entity tag for a list, from what it says."""
    return f'"{zlib.crc32(text.encode()):010d}{len(text)}"'
