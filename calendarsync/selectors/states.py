"""The eight states of a connection, and what is said about one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from calendarsync.selectors import status_words as words


class State(StrEnum):
    """The eight states of product and settings tab."""

    NOT_STARTED = "not_started"
    WAITING = "waiting"
    IMPORTING = "importing"
    ACTIVE = "active"
    WARNINGS = "warnings"
    DELAYED = "delayed"
    RECONNECT = "reconnect"
    STOPPED = "stopped"


TONES = {
    State.NOT_STARTED: "quiet",
    State.WAITING: "waiting",
    State.IMPORTING: "waiting",
    State.ACTIVE: "good",
    State.WARNINGS: "attention",
    State.DELAYED: "waiting",
    State.RECONNECT: "attention",
    State.STOPPED: "stopped",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """A complete reading: events read so far, how many there will be (0 = not known yet), share done (0 to 1)."""

    done: int
    total: int
    share: float

    @property
    def percent(self) -> int:
        """The share for a progress bar."""
        return round(100 * self.share)


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """Everything the settings tab, the pill and the API say about one account.

    `words` name the state, `sentence` explains it. `at` belongs to the state: last success when active, next attempt
    when delayed (None: as soon as possible), since when stopped.
    """

    state: State
    words: str
    sentence: str
    at: datetime | None = None
    last_ok_at: datetime | None = None
    next_run_at: datetime | None = None
    progress: Progress | None = None
    skipped: int = 0
    error_code: str = ""

    @property
    def tone(self) -> str:
        """The colour word of the state: good, waiting, attention, stopped or quiet."""
        return TONES[self.state]


def not_started() -> AccountStatus:
    """The state of somebody without any account."""
    return AccountStatus(State.NOT_STARTED, words.not_started(), "")
