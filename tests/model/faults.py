"""Things that happen to a worker: death between any two steps, a busy database, and a world that moves while it reads.

A step is a statement to the database or a request to the provider, so a death can fall between any two of them,
whatever the engine looks like inside.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from django.db import OperationalError, connection

from carerix_calendar.lib.http import GuardedAdapter

Interlude = Callable[[], None]
PULL = "maxResults="


class Killed(BaseException):
    """The process ends here; nothing after this line happens, not even the handling of errors."""


@dataclass(slots=True)
class Faults:
    """What is to happen during the next runs; every fault strikes once."""

    steps_to_live: int | None = None
    steps_to_busy: int | None = None
    meanwhile: Interlude | None = None
    repeats_older_item: bool = False
    network_in_transaction: bool = False
    _runs: int = 0
    _known: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def forget(self) -> None:
        """Nothing more happens."""
        self.steps_to_live = self.steps_to_busy = self.meanwhile = None
        self.repeats_older_item = False

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """A run to which they may happen; what a person does in the browser meanwhile is spared."""
        self._runs += 1
        try:
            with connection.execute_wrapper(self._statement):
                yield
        finally:
            self._runs -= 1

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Stand between the product and the network."""
        real = GuardedAdapter.send

        def send(adapter: GuardedAdapter, *args: Any, **options: Any) -> requests.Response:
            self._step()
            self.network_in_transaction |= connection.in_atomic_block
            answer = real(adapter, *args, **options)
            if PULL in str(answer.url) and "/events" in str(answer.url):
                self._page_arrived(answer)
            return answer

        patch.setattr(GuardedAdapter, "send", send)

    def _statement(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        # Ending a transaction is no step of its own: a process that dies rolls back.
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            self._step()
            self._be_busy()
        return execute(sql, *rest)

    def _step(self) -> None:
        if self._runs and self.steps_to_live is not None:
            self.steps_to_live -= 1
            if self.steps_to_live < 0:
                self.steps_to_live = None
                raise Killed

    def _be_busy(self) -> None:
        if self.steps_to_busy is not None:
            self.steps_to_busy -= 1
            if self.steps_to_busy < 0:
                self.steps_to_busy = None
                raise OperationalError("database is locked")

    def _page_arrived(self, answer: requests.Response) -> None:
        """The answer is whole; before the worker sees it, the world may move on."""
        self._repeat(answer)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            doomed, self.steps_to_live = self.steps_to_live, None
            meanwhile()
            self.steps_to_live = doomed

    def _repeat(self, answer: requests.Response) -> None:
        """S11: an item of the page once more at its end, as it was before."""
        try:
            page = json.loads(answer.content)
            items = [item for item in page["items"] if item["status"] != "cancelled"]
        except (ValueError, KeyError, TypeError):
            return
        older = [
            was
            for item in items
            for was in self._known.get(item["id"], ())
            if was["updated"] < item["updated"]
        ]
        for item in items:
            if {"updated", "etag", "start"} <= item.keys():
                self._known.setdefault(item["id"], []).append(item)
        if self.repeats_older_item and older:
            self.repeats_older_item = False
            page["items"].append(older[-1])
            answer._content = json.dumps(page).encode()
