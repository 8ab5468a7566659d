"""Workers are killed at each step of their work. Another one finishes it, and the result is that of a quiet run."""

from collections.abc import Callable, Mapping

import pytest

from calendarsync.engine.run import Outcome
from tests.machine.conftest import Connect
from tests.machine.mailbox import Mailbox
from tests.machine.processes import Process, eventually
from tests.machine.stack import Stack

pytestmark = [pytest.mark.machine, pytest.mark.usefixtures("other_worker")]


def nothing_read(mailbox: Mailbox) -> None:
    """Just connected."""


def near_weeks_read(mailbox: Mailbox) -> None:
    """The near weeks are there, the history is not."""
    mailbox.read_until(Outcome.CONTINUE)


def changed(mailbox: Mailbox) -> None:
    """Everything was read; then the owner had a busy day."""
    mailbox.read_until(Outcome.COMPLETE)
    mailbox.read_undisturbed()
    mailbox.have_a_busy_day()
    mailbox.make_due()


def token_void(mailbox: Mailbox) -> None:
    """As above, more was deleted than a sweep believes unasked, and the sync token ended."""
    mailbox.read_until(Outcome.COMPLETE)
    mailbox.read_undisturbed()
    mailbox.have_a_busy_day(deletions=50)
    mailbox.stack.sandbox.control("sync-tokens/expire", mailbox=mailbox.address)
    mailbox.make_due()


def access_ended(mailbox: Mailbox) -> None:
    """As `changed`, with an access token that has run out."""
    changed(mailbox)
    mailbox.stack.sandbox.control("tokens/expire", mailbox=mailbox.address)


_ENGINE = "calendarsync.engine"
# What was read before, and the places at which a worker halts then and is killed.
STEPS: Mapping[Callable[[Mailbox], None], Mapping[str, str]] = {
    nothing_read: {
        "claimed": f"{_ENGINE}.lane claim return",
        "page fetched": f"{_ENGINE}.pull _commit_page call",
        "page half written": f"{_ENGINE}.apply apply_page return",
        "page committed": f"{_ENGINE}.pull _commit_page return",
        "nobody told to go on": f"{_ENGINE}.pull run_lane return",
    },
    near_weeks_read: {
        "page half written": f"{_ENGINE}.streams advance call",
        "all pages there": f"{_ENGINE}.sweep unseen call",
        "sweeping": f"{_ENGINE}.sweep sweep return",
        "nobody told of the end": f"{_ENGINE}.pull run_lane return",
    },
    changed: {
        "page fetched": f"{_ENGINE}.pull _commit_page call",
        "page half written": f"{_ENGINE}.upsert upsert return",
        "page committed": f"{_ENGINE}.pull _commit_page return",
        "released, sync token not stored": f"{_ENGINE}.run Run.release_as_success return",
        "nobody told of the end": f"{_ENGINE}.pull run_lane return",
    },
    token_void: {
        "begun": f"{_ENGINE}.streams start_over return",
        "page committed": f"{_ENGINE}.pull _commit_page return",
        "asking for the missing": f"{_ENGINE}.session Session.exists return",
        "sweeping": f"{_ENGINE}.apply remove return",
    },
    access_ended: {"token asked for, not stored": f"{_ENGINE}.credentials store_credentials call"},
}


@pytest.mark.parametrize("before", STEPS, ids=lambda before: before.__name__)
def test_killed_workers_leave_work_that_another_finishes(
    before: Callable[[Mailbox], None], stack: Stack, connected: Connect
) -> None:
    """S1, S23"""
    mailboxes = {name: connected() for name in STEPS[before]}
    for mailbox in mailboxes.values():
        before(mailbox)
    ids = {name: mailbox.local_ids() for name, mailbox in mailboxes.items()}

    kill_at(STEPS[before], mailboxes, stack)

    for name, mailbox in mailboxes.items():
        mailbox.settle()
        mailbox.assert_as_undisturbed()
        assert mailbox.local_ids().items() >= ids[name].items(), name


def kill_at(places: Mapping[str, str], mailboxes: Mapping[str, Mailbox], stack: Stack) -> None:
    """Give each mailbox a worker of its own, and kill each as soon as it halts: it may hold the database."""
    alive: list[Process] = []
    for number, (name, halt_at) in enumerate(places.items()):
        mailboxes[name].send_run(f"doomed{number}")
        alive.append(stack.start_doomed(halt_at, f"doomed{number}", name=f"doomed{number}"))

    def all_killed() -> bool:
        for process in [each for each in alive if each.is_halted]:
            stack.end(process)
            alive.remove(process)
        assert all(process.runs for process in alive), [process.log for process in alive]
        return not alive

    eventually(all_killed, f"each worker halts; see {[process.log for process in alive]}")
