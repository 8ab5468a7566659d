"""What every stand-in provider shares: mailboxes, the clock, the sequence of changes, log and outbox."""

import json
import secrets
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from sandbox.faults import Faults
from sandbox.shapes import Json
from sandbox.storage import Storage


@dataclass(slots=True)
class Mailbox:
    """A person with an account at the provider. Addresses are lower case."""

    address: str
    name: str
    time_zone: str = "Europe/Amsterdam"
    language: str = "nl"

    @property
    def given_name(self) -> str:
        return self.name.split(" ", 1)[0]


@dataclass(frozen=True, slots=True)
class Mail:
    """A message the provider would have sent; nothing is ever sent."""

    to: str
    kind: str
    summary: str
    event: str
    calendar: str
    sent_at: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """One request as the provider saw it; `took` in milliseconds."""

    at: str
    method: str
    path: str
    mailbox: str
    status: int
    took: int
    note: str = ""


@dataclass(slots=True)
class World:
    """The state no provider owns alone; everything else hangs off it."""

    storage: Storage
    base_url: str
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    log: deque[LogLine] = field(default_factory=lambda: deque(maxlen=5_000))
    outbox: list[Mail] = field(default_factory=list)
    seq: int = 0
    clock_offset: float = 0.0
    secret: str = field(default_factory=lambda: secrets.token_hex(32))
    facts: Json = field(default_factory=dict)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.clock_offset)

    def next_seq(self) -> int:
        """The number of the next change in the whole world; rises for ever, also over restarts."""
        self.seq += 1
        self.keep_meta()
        return self.seq

    def add_mailbox(self, mailbox: Mailbox) -> Mailbox:
        self.mailboxes[mailbox.address] = mailbox
        self.storage.keep("mailbox", mailbox.address, lambda: json.dumps(asdict(mailbox)))
        return mailbox

    def send_mail(self, *, to: str, kind: str, summary: str, event: str, calendar: str) -> None:
        self.outbox.append(Mail(to, kind, summary, event, calendar, self.now().isoformat()))

    def keep_meta(self) -> None:
        self.storage.keep("meta", "world", self._meta)

    def load(self) -> None:
        """Fill from storage; raises ValueError, KeyError or TypeError on rows of another shape."""
        for text in self.storage.rows("mailbox"):
            mailbox = Mailbox(**json.loads(text))
            self.mailboxes[mailbox.address] = mailbox
        for text in self.storage.rows("meta"):
            meta = json.loads(text)
            self.seq, self.secret, self.clock_offset = meta["seq"], meta["secret"], meta["clock_offset"]
            self.facts = meta["facts"]

    def forget(self) -> None:
        """Back to an empty world; the sequence goes on, so that no old position becomes valid again."""
        self.storage.clear()
        self.mailboxes.clear()
        self.outbox.clear()
        self.log.clear()
        self.faults.clear()
        self.facts = {name: fact for name, fact in self.facts.items() if name == "signing_key"}
        self.clock_offset = 0.0
        self.keep_meta()

    def _meta(self) -> str:
        return json.dumps(
            {"seq": self.seq, "secret": self.secret, "clock_offset": self.clock_offset, "facts": self.facts}
        )
