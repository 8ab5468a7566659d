"""Sync tokens and page tokens: opaque to clients, signed, and bound to what they were issued for."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Parameters that must stay the same over pages and deltas; the others only shape the answer.
BOUND = (
    "singleEvents", "timeMin", "timeMax", "updatedMin", "orderBy", "q", "iCalUID", "eventTypes",
    "showDeleted",
    "showHiddenInvitations", "privateExtendedProperty", "sharedExtendedProperty", "minAccessRole",
    "showHidden",
    "originalStart",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """`resource` is what is listed, `upto` the change everything until now is covered by.

    A page of a delta has `since`, the position its sync token had; a page token has `after`, the key of the
    last item sent, and `empties`, how many empty pages came before.
    """

    resource: str
    upto: int
    bound: Mapping[str, list[str]]
    since: int | None = None
    after: list[Any] | None = None
    empties: int = 0
    page: bool = False


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes and reads tokens; a token of another world does not verify."""

    secret: str
    _length: int = field(default=12, repr=False)

    def seal(self, token: Token) -> str:
        content = json.dumps(
            [
                token.resource,
                token.upto,
                dict(token.bound),
                token.since,
                token.after,
                token.empties,
                token.page,
            ],
            separators=(",", ":"),
        ).encode()
        return base64.urlsafe_b64encode(self._sign(content) + content).decode().rstrip("=")

    def unseal(self, text: str) -> Token | None:
        """None when it is not one of ours."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            return None
        signature, content = raw[: self._length], raw[self._length :]
        if not hmac.compare_digest(signature, self._sign(content)):
            return None
        return Token(*json.loads(content))

    def _sign(self, content: bytes) -> bytes:
        return hmac.new(self.secret.encode(), content, hashlib.sha256).digest()[: self._length]
