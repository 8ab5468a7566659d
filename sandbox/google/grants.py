"""Who was allowed what: clients, codes, refresh tokens and access tokens."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sandbox.world import World

LOOPBACK = ("localhost", "127.0.0.1", "::1")
ACCESS_SECONDS = 3_599
CODE_SECONDS = 120
MOST_REFRESH_TOKENS = 100


@dataclass(slots=True)
class Client:
    """An app at the provider. Without registered addresses any redirect to this machine is fine."""

    id: str
    secret: str
    name: str = "Sandbox client"
    redirects: list[str] = field(default_factory=list)

    def allows(self, redirect: str) -> bool:
        if self.redirects:
            return redirect in self.redirects
        try:
            parts = urlsplit(redirect)
        except ValueError:
            return False
        host = parts.hostname or ""
        local = host in LOOPBACK or host.endswith(".localhost") or host.startswith("127.")
        return parts.scheme in ("http", "https") and local and not parts.fragment


@dataclass(frozen=True, slots=True)
class Code:
    """What a code of the consent page stands for; single use, two minutes."""

    client: str
    mailbox: str
    scopes: tuple[str, ...]
    redirect: str
    offline: bool
    expires: float
    challenge: str = ""
    method: str = "plain"
    nonce: str = ""

    def proves(self, verifier: str) -> bool:
        """PKCE (RFC 7636): the verifier matches the challenge; without a challenge nothing is needed."""
        if not self.challenge:
            return True
        if self.method == "S256":
            digest = hashlib.sha256(verifier.encode()).digest()
            verifier = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return secrets.compare_digest(verifier.encode(), self.challenge.encode())


@dataclass(slots=True)
class Grant:
    """A refresh or access token; `expires` in epoch seconds, None for never."""

    token: str
    client: str
    mailbox: str
    scopes: list[str]
    issued: float
    expires: float | None = None

    def dump(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__slots__})


@dataclass(slots=True)
class Switches:
    """What control changes about tokens; `withheld` scopes are silently left out of every consent."""

    access_seconds: int = ACCESS_SECONDS
    drop_refresh_token: bool = False
    refresh_seconds: int | None = None
    withheld: list[str] = field(default_factory=list)


class Grants:
    """All sign-in state of the stand-in Google."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clients = {"sandbox-client": Client("sandbox-client", "sandbox-secret", "Calendar 2.0")}
        self.codes: dict[str, Code] = {}
        self.refresh: dict[str, Grant] = {}
        self.access: dict[str, Grant] = {}
        self.consents: dict[tuple[str, str], list[str]] = {}
        self.switches = Switches()

    # Consent

    def consented(self, client: str, mailbox: str) -> list[str]:
        return self.consents.get((client, mailbox), [])

    def consent(self, client: str, mailbox: str, scopes: Iterable[str]) -> None:
        """Remember what was allowed, added to what was allowed before."""
        known = self.consented(client, mailbox)
        self.consents[client, mailbox] = known + [scope for scope in scopes if scope not in known]
        self._keep_consent(client, mailbox)

    def issue_code(self, code: Code) -> str:
        text = "4/0A" + secrets.token_urlsafe(36)
        self.codes[text] = code
        return text

    def redeem(self, text: str, client: str) -> Code | None:
        """The meaning of a code, once. A second use ends what the first one gave (RFC 6749, 4.1.2)."""
        code = self.codes.pop(text, None)
        if code is None or code.client != client or code.expires < self.time():
            return None
        return code

    # Tokens

    def issue_access(self, client: str, mailbox: str, scopes: list[str]) -> Grant:
        self._forget_old(client, mailbox)
        expires = self.time() + self.switches.access_seconds
        grant = Grant("ya29.a0" + secrets.token_urlsafe(48), client, mailbox, scopes, self.time(), expires)
        self.access[grant.token] = grant
        self.world.storage.keep("access", grant.token, grant.dump)
        return grant

    def issue_refresh(self, client: str, mailbox: str, scopes: list[str]) -> Grant:
        """A new refresh token; of more than a hundred the oldest is dropped silently."""
        seconds = self.switches.refresh_seconds
        expires = self.time() + seconds if seconds else None
        grant = Grant("1//0" + secrets.token_urlsafe(48), client, mailbox, scopes, self.time(), expires)
        self.refresh[grant.token] = grant
        self.world.storage.keep("refresh", grant.token, grant.dump)
        mine = [
            token for token, each in self.refresh.items() if (each.client, each.mailbox) == (client, mailbox)
        ]
        for token in mine[:-MOST_REFRESH_TOKENS]:
            self._drop_refresh(token)
        return grant

    def of_refresh(self, token: str, client: str) -> Grant | None:
        grant = self.refresh.get(token)
        if grant is None or grant.client != client or self._is_over(grant):
            return None
        return grant

    def of_access(self, token: str) -> Grant | None:
        grant = self.access.get(token)
        return None if grant is None or self._is_over(grant) else grant

    def mailbox_of(self, token: str) -> str:
        """Whose token this is, expired or not; empty for a stranger's."""
        grant = self.access.get(token)
        return grant.mailbox if grant else ""

    def revoke(self, token: str) -> bool:
        """End the whole grant an access or refresh token belongs to."""
        grant = self.refresh.get(token) or self.of_access(token)
        if grant is None:
            return False
        self.revoke_mailbox(grant.mailbox, grant.client)
        return True

    def revoke_mailbox(self, mailbox: str, client: str = "") -> int:
        """Remove the access of one client, or of all; returns how many tokens ended."""
        refresh = [token for token, grant in self.refresh.items() if _meant(grant, mailbox, client)]
        access = [token for token, grant in self.access.items() if _meant(grant, mailbox, client)]
        for token in refresh:
            self._drop_refresh(token)
        for token in access:
            self._drop_access(token)
        for known in [key for key in self.consents if key[1] == mailbox and client in ("", key[0])]:
            del self.consents[known]
            self.world.storage.drop("consent", f"{known[0]} {known[1]}")
        return len(refresh) + len(access)

    def expire_access(self, mailbox: str = "") -> int:
        """Let access tokens run out now, of one mailbox or of all."""
        mine = [grant for grant in self.access.values() if mailbox in ("", grant.mailbox)]
        for grant in mine:
            grant.expires = self.time() - 1
            self.world.storage.keep("access", grant.token, grant.dump)
        return len(mine)

    def time(self) -> float:
        return self.world.now().timestamp()

    def forget(self) -> None:
        """Back to the start: only the client that is there from the beginning, nothing granted."""
        fresh = Grants(self.world)
        self.clients, self.switches = fresh.clients, fresh.switches
        for kept in (self.codes, self.refresh, self.access, self.consents):
            kept.clear()

    def reset_switches(self) -> None:
        self.switches = Switches()

    def add_client(self, client: Client) -> None:
        self.clients[client.id] = client
        text = json.dumps([client.id, client.secret, client.name, client.redirects])
        self.world.storage.keep("client", client.id, lambda: text)

    def load(self) -> None:
        """Fill from storage. Raises ValueError, KeyError or TypeError on rows of another shape."""
        for text in self.world.storage.rows("client"):
            client = Client(*json.loads(text))
            self.clients[client.id] = client
        for kind, place in (("refresh", self.refresh), ("access", self.access)):
            for text in self.world.storage.rows(kind):
                grant = Grant(**json.loads(text))
                place[grant.token] = grant
        for text in self.world.storage.rows("consent"):
            client_id, mailbox, scopes = json.loads(text)
            self.consents[client_id, mailbox] = scopes

    def _forget_old(self, client: str, mailbox: str) -> None:
        """Access tokens that ran out an hour ago are of no use to anybody."""
        limit = self.time() - ACCESS_SECONDS
        mine = [grant for grant in self.access.values() if _meant(grant, mailbox, client)]
        for grant in mine:
            if grant.expires is not None and grant.expires < limit:
                self._drop_access(grant.token)

    def _is_over(self, grant: Grant) -> bool:
        return grant.expires is not None and grant.expires <= self.time()

    def _drop_refresh(self, token: str) -> None:
        del self.refresh[token]
        self.world.storage.drop("refresh", token)

    def _drop_access(self, token: str) -> None:
        del self.access[token]
        self.world.storage.drop("access", token)

    def _keep_consent(self, client: str, mailbox: str) -> None:
        scopes = self.consents[client, mailbox]
        self.world.storage.keep(
            "consent", f"{client} {mailbox}", lambda: json.dumps([client, mailbox, scopes])
        )


def _meant(grant: Grant, mailbox: str, client: str) -> bool:
    return grant.mailbox == mailbox and client in ("", grant.client)
