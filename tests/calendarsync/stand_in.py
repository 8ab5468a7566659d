"""The sandbox as a process of its own, and a person who signs in there through the product's own pages."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from django.test import Client
from django.urls import reverse

from devkit.layout import ROOT

ALICE_AT_GOOGLE = "alice@mail.example"
BOB_AT_GOOGLE = "bob@mail.example"
NAMES = {ALICE_AT_GOOGLE: "Alice Linde", BOB_AT_GOOGLE: "Bob Berk"}
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running stand-in provider; `url` without a slash at the end."""

    url: str

    def control(self, path: str, **body: Any) -> Any:
        """Change the world: POST to the control API."""
        answer = requests.post(f"{self.url}/control/{path}", json=body, timeout=_SECONDS)
        assert answer.ok, answer.text
        return answer.json()

    def look(self, path: str, **query: Any) -> Any:
        """Read the world: GET from the control API."""
        return requests.get(f"{self.url}/control/{path}", params=query, timeout=_SECONDS).json()

    def forget(self, path: str) -> None:
        """Clear the log, the outbox or the faults: DELETE at the control API."""
        requests.delete(f"{self.url}/control/{path}", timeout=_SECONDS).raise_for_status()

    def add_mailbox(self, address: str, events: int = 0) -> None:
        """A mailbox with so many generated events."""
        name = NAMES.get(address, "Somebody Else")
        self.control("mailboxes", address=address, name=name, events=events)

    def add_event(self, mailbox: str, summary: str, start: str, **more: Any) -> dict[str, Any]:
        """An event of an hour in the mailbox's own calendar; `start` as RFC 3339."""
        event: dict[str, Any] = self.control(
            "events", mailbox=mailbox, summary=summary, start=start, minutes=60, **more
        )
        return event

    def consent(self, auth_url: str, mailbox: str, **choices: Any) -> str:
        """Answer the consent page as the owner of `mailbox`; returns the path and query of the redirect back.

        `sandbox_allow="0"` refuses, `sandbox_scope=[...]` ticks only these.
        """
        wanted = {"sandbox_user": mailbox, "sandbox_allow": "1"} | choices
        address = f"{auth_url}&{urlencode(wanted, doseq=True)}"
        answer = requests.get(address, allow_redirects=False, timeout=_SECONDS)
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"


@contextmanager
def running_sandbox() -> Iterator[Sandbox]:
    """Start it on a free port; it ends afterwards, and with this process however that ends."""
    command = [sys.executable, "-m", "sandbox", "--port", "0"]
    tethered = [sys.executable, "-m", "devkit.tether", str(os.getpid()), *command]
    process = subprocess.Popen(tethered, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("Sandbox ready: "), line
        yield Sandbox(line.split()[-1])
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def start_sign_in(client: Client, account: int | None = None) -> str:
    """Press Start synchronization (or Reconnect for `account`); returns the address of the consent page."""
    form = {"account": account} if account else {}
    answer = client.post(reverse("calendar-connect", args=["google"]), form)
    assert answer.status_code == 302, answer.content
    return answer.headers["Location"]


def sign_in(
    client: Client, sandbox: Sandbox, mailbox: str, account: int | None = None, **choices: Any
) -> Any:
    """The whole way to the provider and back; returns what the browser sees then."""
    back = sandbox.consent(start_sign_in(client, account), mailbox, **choices)
    return client.get(back)
