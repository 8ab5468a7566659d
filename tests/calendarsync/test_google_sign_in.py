"""The token endpoint, spoken to over a socket: how we prove who the client is."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from pytest_django import Settings

from calendarsync.errors import SetupFaulty, Unavailable
from calendarsync.providers.google import sign_in

ANSWER = {"access_token": "ya29.new", "refresh_token": "1//new", "expires_in": 3599, "token_type": "Bearer"}


def drip(endpoint: BaseHTTPRequestHandler) -> None:
    """One byte well within each read time-out, for a second."""
    for _ in range(20):
        endpoint.wfile.write(b"H")
        endpoint.wfile.flush()
        time.sleep(0.05)


class SecretInBody(BaseHTTPRequestHandler):
    """A token endpoint that knows client_secret_post and nothing else (RFC 6749 2.3.1)."""

    def do_POST(self) -> None:
        """Answer one token request."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if {"4/drips", "1//drips"} & {*form.get("code", ()), *form.get("refresh_token", ())}:
            with suppress(OSError):
                drip(self)
            return
        proof = [form.get("client_id"), form.get("client_secret"), self.headers["Authorization"]]
        is_known = proof == [["the-client"], ["the-secret"], None]
        body = json.dumps(ANSWER if is_known else {"error": "invalid_client"}).encode()
        self.send_response(200 if is_known else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def token_endpoint(settings: Settings) -> Iterator[None]:
    """The product signs in there."""
    server = HTTPServer(("127.0.0.1", 0), SecretInBody)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    settings.GOOGLE_TOKEN_URL = f"http://127.0.0.1:{server.server_port}/token"
    settings.PROVIDER_URLS = [settings.GOOGLE_TOKEN_URL]
    settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET = "the-client", "the-secret"
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def exchange(code: str = "4/code") -> dict[str, Any]:
    grant = sign_in.finish(
        redirect_uri="http://127.0.0.1/back", state="state", verifier="v" * 43, answer={"code": code}
    )
    return dict(grant.credentials)


def test_token_endpoint_that_takes_the_secret_in_the_body_only_gives_a_grant(token_endpoint: None):
    assert exchange()["access_token"] == "ya29.new"


def test_the_same_endpoint_refreshes(token_endpoint: None):
    assert sign_in.refresh({"refresh_token": "1//old"})["access_token"] == "ya29.new"


def test_wrong_secret_is_our_fault_and_not_the_user_s(token_endpoint: None, settings: Settings):
    settings.GOOGLE_CLIENT_SECRET = "outdated"

    with pytest.raises(SetupFaulty):
        exchange()
    with pytest.raises(SetupFaulty):
        sign_in.refresh({"refresh_token": "1//old"})


def test_token_endpoint_that_drips_is_left_in_time(token_endpoint: None, monkeypatch: pytest.MonkeyPatch):
    """S24, S65"""
    monkeypatch.setattr(sign_in, "ANSWER_SECONDS", 0.2)

    with pytest.raises(Unavailable):
        exchange("4/drips")
    with pytest.raises(Unavailable):
        sign_in.refresh({"refresh_token": "1//drips"})
