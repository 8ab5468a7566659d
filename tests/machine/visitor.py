"""A person with a page of the running product open."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from django.conf import settings

from marketplace.models import User
from tests.conftest import signed_in

_SECONDS = 10
# Longer than a writer waits for the database.
_PATIENT_SECONDS = 40
_TOKEN = "t" * 32


class Visitor:
    """A browser in which `user` has logged in, at the address of a running web process."""

    def __init__(self, user: User, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        name = settings.SESSION_COOKIE_NAME
        self._session.cookies.set(name, signed_in(user).cookies[name].value)
        self._session.cookies.set(settings.CSRF_COOKIE_NAME, _TOKEN)

    def page(self, path: str) -> str:
        """A page's text; fails when the product does not answer with one."""
        answer = self._session.get(self._url + path, timeout=_SECONDS)
        assert answer.status_code == 200, answer.text
        return answer.text

    def ask(self, path: str, **query: str) -> Any:
        """An answer of the API."""
        answer = self._session.get(f"{self._url}/api/v1/{path}", params=query, timeout=_SECONDS)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def act(self, method: str, path: str, **body: Any) -> None:
        """Change something through the API; fails when it is refused."""
        address, headers = f"{self._url}/api/v1/{path}", {"X-CSRFToken": _TOKEN}
        answer = self._session.request(method, address, json=body, headers=headers, timeout=_PATIENT_SECONDS)
        assert answer.ok, answer.text

    @contextmanager
    def stream(self) -> Iterator[Iterator[tuple[str, Any]]]:
        """The event stream of an open page: name and data of each event; ends when the connection does."""
        with self._session.get(f"{self._url}/calendar/stream/", stream=True, timeout=_SECONDS) as answer:
            assert answer.status_code == 200
            yield _events(answer)


def _events(answer: requests.Response) -> Iterator[tuple[str, Any]]:
    name = ""
    try:
        for line in answer.iter_lines(decode_unicode=True):
            field, _colon, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                yield name, json.loads(value)
    except requests.RequestException:
        return
