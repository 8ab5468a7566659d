"""What goes wrong on purpose: answers replaced, delayed or cut, for the requests that match."""

import re
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.shapes import Json


class Spoil(StrEnum):
    """How the body of a matching answer is ruined; any other text in `body` is sent as it is."""

    HTML = "html"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Request:
    """What a rule looks at; `query` as it was sent, without the question mark."""

    method: str
    path: str
    query: str
    mailbox: str


@dataclass(frozen=True, slots=True)
class Match:
    """Which requests are meant; an omitted part matches everything."""

    path: re.Pattern[str] | None = None
    query: re.Pattern[str] | None = None
    method: str = ""
    mailbox: str = ""

    @classmethod
    def parse(cls, raw: Json) -> "Match":
        """Raises ValueError when `path` or `query` is no regular expression."""
        return cls(
            _pattern(raw, "path"),
            _pattern(raw, "query"),
            str(raw.get("method", "")).upper(),
            str(raw.get("mailbox", "")).lower(),
        )

    def meets(self, request: Request) -> bool:
        return (
            (not self.method or self.method == request.method)
            and (not self.mailbox or self.mailbox == request.mailbox)
            and (self.path is None or self.path.search(request.path) is not None)
            and (self.query is None or self.query.search(request.query) is not None)
        )


def _pattern(raw: Json, name: str) -> re.Pattern[str] | None:
    try:
        return re.compile(str(raw[name])) if raw.get(name) else None
    except re.error as error:
        raise ValueError(f"{name} is not a regular expression: {error}") from error


@dataclass(slots=True)
class Fault:
    """One rule. `after` matching requests pass first, `times` are hit (None: all), until `ends` (monotonic).

    `delay` in seconds; a rule with neither status nor body only delays.
    """

    match: Match
    status: int = 0
    reason: str = ""
    retry_after: str = ""
    body: str = ""
    delay: float = 0.0
    times: int | None = None
    after: int = 0
    ends: float | None = None
    label: str = ""
    hits: int = 0

    def strikes(self, request: Request) -> bool:
        """Whether this request is hit; counts it."""
        if not self.alive or not self.match.meets(request):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.hits += 1
        if self.times is not None:
            self.times -= 1
        return True

    @property
    def alive(self) -> bool:
        return self.times != 0 and (self.ends is None or time.monotonic() < self.ends)

    @property
    def replaces(self) -> bool:
        return bool(self.status or self.body)

    def describe(self) -> Json:
        left = None if self.ends is None else max(0, round(self.ends - time.monotonic()))
        return {
            "label": self.label, "status": self.status, "reason": self.reason, "body": self.body,
            "delay_ms": round(self.delay * 1000), "times": self.times, "after": self.after,
            "seconds_left": left, "hits": self.hits,
            "match": {
                "path": self.match.path.pattern if self.match.path else "",
                "query": self.match.query.pattern if self.match.query else "",
                "method": self.match.method,
                "mailbox": self.match.mailbox,
            },
        }  # fmt: skip


@dataclass(slots=True)
class Quota:
    """Requests per sliding minute; 0 means no limit. Off until switched on."""

    per_user: int = 0
    per_project: int = 0
    status: int = 403
    seen: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def reason_to_refuse(self, mailbox: str) -> str:
        """Google's reason word when this request is one too many, else an empty string; counts it."""
        if self.per_user and self._full(mailbox, self.per_user):
            return "userRateLimitExceeded"
        if self.per_project and self._full("", self.per_project):
            return "rateLimitExceeded"
        return ""

    def _full(self, key: str, limit: int) -> bool:
        now, times = time.monotonic(), self.seen[key]
        while times and times[0] < now - 60:
            times.popleft()
        if len(times) >= limit:
            return True
        times.append(now)
        return False


@dataclass(slots=True)
class Faults:
    """All rules in force. The first replacing rule wins; delays add up."""

    rules: list[Fault] = field(default_factory=list)
    quota: Quota = field(default_factory=Quota)

    def strike(self, request: Request) -> tuple[float, Fault | None]:
        """The delay in seconds and the rule that replaces the answer, if any."""
        delay, chosen = 0.0, None
        for rule in self.rules:
            if (chosen and rule.replaces) or not rule.strikes(request):
                continue
            delay += rule.delay
            chosen = chosen or (rule if rule.replaces else None)
        self.rules = [rule for rule in self.rules if rule.alive]
        return delay, chosen or self._over_quota(request)

    def _over_quota(self, request: Request) -> Fault | None:
        if not request.path.startswith("/calendar/"):
            return None
        reason = self.quota.reason_to_refuse(request.mailbox)
        return Fault(Match(), self.quota.status, reason, label="quota") if reason else None

    def add(self, fault: Fault) -> Fault:
        self.rules.append(fault)
        return fault

    def clear(self) -> None:
        self.rules.clear()
        self.quota = Quota()


def parse_fault(raw: Json) -> Fault:
    """A rule from its JSON form; raises ValueError with a sentence for the caller."""
    seconds = raw.get("seconds")
    try:
        return Fault(
            match=Match.parse(raw.get("match") or {}),
            status=int(raw.get("status") or 0),
            reason=str(raw.get("reason") or ""),
            retry_after=str(raw["retry_after"]) if raw.get("retry_after") is not None else "",
            body=str(raw.get("body") or ""),
            delay=float(raw.get("ms") or 0) / 1000,
            times=int(raw["times"]) if raw.get("times") is not None else None,
            after=int(raw.get("after") or 0),
            ends=time.monotonic() + float(seconds) if seconds else None,
            label=str(raw.get("label") or ""),
        )
    except (TypeError, AttributeError) as error:
        raise ValueError(f"fault has a member of the wrong type: {error}") from error
