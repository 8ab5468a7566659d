"""The token endpoint and its neighbours: exchange, refresh, revoke, tokeninfo, userinfo, discovery."""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.google.api import authenticate, refusal
from sandbox.google.cloud import Cloud
from sandbox.google.errors import ApiError
from sandbox.google.grants import Client, Code, Grant
from sandbox.google.scopes import KNOWN
from sandbox.google.signing import ISSUER, subject
from sandbox.shapes import Json


class TokenError(Exception):
    """A refusal of the token endpoint in OAuth's short form (RFC 6749, 5.2)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.status, self.body = status, {"error": error, "error_description": description}


async def token(request: Request) -> Response:
    """Exchange a code or a refresh token; the client signs in by HTTP Basic or in the body."""
    cloud: Cloud = request.app.state.cloud
    form = await read_form(request)
    try:
        client = _client(cloud, request, form)
        kind = form.get("grant_type", "")
        if kind == "authorization_code":
            body = _exchange(cloud, client, form)
        elif kind == "refresh_token":
            body = _refresh(cloud, client, form)
        else:
            raise TokenError("unsupported_grant_type", f"Invalid grant_type: {kind}")
    except TokenError as error:
        return _no_store(error.body, error.status)
    return _no_store(body, 200)


async def read_form(request: Request) -> dict[str, str]:
    raw = (await request.body()).decode(errors="replace")
    return dict(parse_qsl(raw, keep_blank_values=True))


def _client(cloud: Cloud, request: Request, form: Mapping[str, str]) -> Client:
    client_id, secret = _basic(request) or (form.get("client_id", ""), form.get("client_secret", ""))
    client = cloud.grants.clients.get(client_id)
    if client is None:
        raise TokenError("invalid_client", "The OAuth client was not found.", 401)
    if client.secret != secret:
        raise TokenError("invalid_client", "Unauthorized", 401)
    return client


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(credentials).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise TokenError("invalid_client", "Unauthorized", 401) from None
    return unquote(name), unquote(secret)


def _exchange(cloud: Cloud, client: Client, form: Mapping[str, str]) -> Json:
    code = cloud.grants.redeem(form.get("code", ""), client.id)
    if code is None:
        known = form.get("code", "").startswith("4/")
        raise TokenError("invalid_grant", "Bad Request" if known else "Malformed auth code.")
    if code.redirect != form.get("redirect_uri", ""):
        raise TokenError("redirect_uri_mismatch", "Bad Request")
    if not code.proves(form.get("code_verifier", "")):
        missing = not form.get("code_verifier")
        raise TokenError("invalid_grant", "Missing code verifier." if missing else "Invalid code verifier.")
    access = cloud.grants.issue_access(client.id, code.mailbox, list(code.scopes))
    return _answer(cloud, access, code.nonce) | _refresh_token(cloud, code)


def _refresh_token(cloud: Cloud, code: Code) -> Json:
    switches = cloud.grants.switches
    if not code.offline or switches.drop_refresh_token:
        return {}
    grant = cloud.grants.issue_refresh(code.client, code.mailbox, list(code.scopes))
    seconds = switches.refresh_seconds
    return {"refresh_token": grant.token} | ({"refresh_token_expires_in": seconds} if seconds else {})


def _refresh(cloud: Cloud, client: Client, form: Mapping[str, str]) -> Json:
    grant = cloud.grants.of_refresh(form.get("refresh_token", ""), client.id)
    if grant is None:
        raise TokenError("invalid_grant", "Token has been expired or revoked.")
    scopes = grant.scopes
    if form.get("scope"):
        # Clients send what they once asked for; what was not granted is not given now either.
        scopes = [scope for scope in form["scope"].split() if scope in grant.scopes]
        if not scopes:
            raise TokenError("invalid_scope", "Bad Request")
    return _answer(cloud, cloud.grants.issue_access(client.id, grant.mailbox, scopes), "")


def _answer(cloud: Cloud, access: Grant, nonce: str) -> Json:
    body: Json = {
        "access_token": access.token,
        "expires_in": cloud.grants.switches.access_seconds,
        "scope": " ".join(access.scopes),
        "token_type": "Bearer",
    }
    if "openid" in access.scopes and access.mailbox in cloud.world.mailboxes:
        body["id_token"] = cloud.identity.id_token(access, nonce)
    return body


async def revoke(request: Request) -> Response:
    """End a grant by one of its tokens, in the body or in the query."""
    form = await read_form(request)
    text = form.get("token") or request.query_params.get("token", "")
    cloud: Cloud = request.app.state.cloud
    if not cloud.grants.revoke(text):
        return _no_store({"error": "invalid_token", "error_description": "Token expired or revoked"}, 400)
    return _no_store({}, 200)


async def tokeninfo(request: Request) -> Response:
    """What an access token is good for."""
    cloud: Cloud = request.app.state.cloud
    form = await read_form(request) if request.method == "POST" else {}
    text = request.query_params.get("access_token") or form.get("access_token", "")
    grant = cloud.grants.of_access(text)
    if grant is None or grant.expires is None:
        return _no_store({"error": "invalid_token", "error_description": "Invalid Value"}, 400)
    return _no_store(
        {
            "azp": grant.client, "aud": grant.client, "sub": subject(grant.mailbox),
            "scope": " ".join(grant.scopes), "exp": str(int(grant.expires)),
            "expires_in": str(int(grant.expires - cloud.grants.time())),
            "email": grant.mailbox, "email_verified": "true", "access_type": "offline",
        },
        200,
    )  # fmt: skip


async def userinfo(request: Request) -> Response:
    """The claims of the signed-in person (OpenID Connect Core, 5.3)."""
    cloud: Cloud = request.app.state.cloud
    try:
        grant = authenticate(cloud, request)
    except ApiError as error:
        return refusal(error)
    return _no_store(cloud.identity.claims(cloud.world.mailboxes[grant.mailbox], grant.scopes), 200)


async def discovery(request: Request) -> Response:
    """OpenID Connect discovery, every address on this server."""
    base = str(request.base_url).rstrip("/")
    return JSONResponse(
        {
            "issuer": ISSUER,
            "authorization_endpoint": f"{base}/o/oauth2/v2/auth",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/v1/userinfo",
            "revocation_endpoint": f"{base}/revoke",
            "jwks_uri": f"{base}/oauth2/v3/certs",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": sorted(KNOWN),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
        }
    )


async def certificates(request: Request) -> Response:
    cloud: Cloud = request.app.state.cloud
    return JSONResponse(cloud.identity.jwks() if "v3" in request.url.path else cloud.identity.pem())


def _no_store(body: Json, status: int) -> Response:
    return JSONResponse(body, status, {"Cache-Control": "no-store", "Pragma": "no-cache"})
