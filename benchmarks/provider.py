"""The stand-in provider as its own pages would change it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

_SECONDS = 120
_MANY = 5000


@dataclass(frozen=True, slots=True)
class Provider:
    """A running sandbox; `url` without a slash at the end."""

    url: str

    def control(self, path: str, **body: Any) -> Any:
        """Change the world: POST to the control API."""
        answer = requests.post(f"{self.url}/control/{path}", json=body, timeout=_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def requests_since_cleared(self) -> list[str]:
        """Path and query of every request of the product, oldest first."""
        answer = requests.get(f"{self.url}/control/log?limit={_MANY}", timeout=_SECONDS)
        return [line["path"] for line in reversed(answer.json()["requests"])]

    def clear_requests(self) -> None:
        """Forget what was asked so far."""
        requests.delete(f"{self.url}/control/log", timeout=_SECONDS).raise_for_status()

    def consent(self, auth_url: str, mailbox: str) -> str:
        """Say yes on the consent page as the owner of `mailbox`; returns where the browser is sent back to."""
        agreed = urlencode({"sandbox_user": mailbox, "sandbox_allow": "1"})
        answer = requests.get(f"{auth_url}&{agreed}", allow_redirects=False, timeout=_SECONDS)
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"
