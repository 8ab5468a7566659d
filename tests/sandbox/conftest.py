"""A sandbox of its own for these tests, driven over real sockets by Google's own libraries."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
import uvicorn
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import Flow
from googleapiclient.discovery import build

from sandbox.app import build_app

SCOPES = ["openid", "email", "https://www.googleapis.com/auth/calendar"]
REDIRECT = "http://127.0.0.1:1/callback"
SANNE = "sanne.devries@sandbox.example"
DAAN = "daan.bakker@sandbox.example"
EMMA = "emma.clarke@sandbox.example"
EMPTY = "leeg@sandbox.example"


@dataclass(frozen=True)
class Running:
    """A sandbox that listens; `url` without a slash at the end."""

    url: str
    stop: Callable[[], None]
    opened: list[Any] = field(default_factory=list)

    def close_clients(self) -> None:
        while self.opened:
            self.opened.pop().close()

    def control(self, path: str, **body: Any) -> Any:
        answer = requests.post(f"{self.url}/control/{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def look(self, path: str) -> Any:
        return requests.get(f"{self.url}/control/{path}", timeout=30).json()

    def flow(self, scopes: list[str] | None = None) -> Flow:
        web = {
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
            "auth_uri": f"{self.url}/o/oauth2/v2/auth",
            "token_uri": f"{self.url}/token",
        }
        return Flow.from_client_config({"web": web}, scopes=scopes or SCOPES, redirect_uri=REDIRECT)

    def sign_in(self, mailbox: str, scopes: list[str] | None = None, **params: str) -> Credentials:
        flow = self.flow(scopes)
        url, _ = flow.authorization_url(prompt="consent", sandbox_user=mailbox, sandbox_allow="1", **params)
        answer = requests.get(url, allow_redirects=False, timeout=10)
        flow.fetch_token(authorization_response=answer.headers["location"])
        flow.oauth2session.close()
        credentials: Credentials = flow.credentials
        return credentials

    def calendar(self, credentials: Credentials) -> Any:
        options = {"api_endpoint": f"{self.url}/calendar/v3/"}
        self.opened.append(build("calendar", "v3", credentials=credentials, client_options=options))
        return self.opened[-1]

    def service(self, mailbox: str, scopes: list[str] | None = None) -> Any:
        return self.calendar(self.sign_in(mailbox, scopes))

    def raw(self, mailbox: str, scopes: list[str] | None = None) -> "Raw":
        return Raw(f"{self.url}/calendar/v3", str(self.sign_in(mailbox, scopes).token))


@dataclass(frozen=True)
class Raw:
    """The API without Google's client, for requests that client would not send."""

    base: str
    token: str

    def __call__(self, method: str, path: str, body: Any = None, **params: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | params.pop("headers", {})
        data = body if isinstance(body, str) or body is None else json.dumps(body)
        url = f"{self.base}{path}"
        return requests.request(method, url, params=params, data=data, headers=headers, timeout=30)


def start(data: Path | None = None, **options: Any) -> Running:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = build_app(url, data=data, **options)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    ready = threading.Event()

    async def serve() -> None:
        task = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.005)
        ready.set()
        await task

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(20)

    def stop() -> None:
        server.should_exit = True
        thread.join(10)
        listener.close()

    return Running(url, stop)


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Running]:
    running = start()
    yield running
    running.stop()


@pytest.fixture
def sandbox(shared_sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """The one sandbox of this process with fresh mailboxes: Sanne, Daan and Emma have no events."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
    shared_sandbox.control("reset", demo=False)
    for address, name in ((SANNE, "Sanne de Vries"), (DAAN, "Daan Bakker"), (EMMA, "Emma Clarke")):
        shared_sandbox.control("mailboxes", address=address, name=name, events=0)
    yield shared_sandbox
    shared_sandbox.close_clients()


def answered(url: str) -> dict[str, str]:
    """The parameters an app gets back on its redirect address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def consent_url(running: Running, **params: str) -> str:
    usual = {
        "client_id": "sandbox-client",
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": " ".join(SCOPES),
        "state": "s-1",
    }
    return f"{running.url}/o/oauth2/v2/auth?{urlencode(usual | params)}"


def at(day: str, clock: str = "09:00", minutes: int = 60, **more: Any) -> dict[str, Any]:
    """An event resource in November or later, Amsterdam winter time."""
    start = datetime.fromisoformat(f"{day}T{clock}:00+01:00")
    times = {"start": start, "end": start + timedelta(minutes=minutes)}
    zone = {"timeZone": "Europe/Amsterdam"}
    return {"summary": "Interview"} | {k: {"dateTime": v.isoformat()} | zone for k, v in times.items()} | more


def reason(answer: requests.Response) -> tuple[int, str]:
    """Status and reason word of a failed call."""
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    return answer.status_code, error["errors"][0]["reason"]


def everything(api: "Raw", **params: Any) -> tuple[list[dict[str, Any]], str]:
    """All pages of a list and the sync token of the last."""
    items: list[dict[str, Any]] = []
    while True:
        page = api("GET", "/calendars/primary/events", **params).json()
        items += page["items"]
        if "nextPageToken" not in page:
            return items, page.get("nextSyncToken", "")
        assert "nextSyncToken" not in page
        params["pageToken"] = page["nextPageToken"]
