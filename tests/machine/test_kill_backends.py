"""PostgreSQL ends the connections of a worker, as a restart of the server or an operator does."""

import pytest
from django.db import connection

from calendarsync.engine.run import Outcome
from tests.machine.conftest import Connect
from tests.machine.stack import EVERY_QUEUE, Stack

pytestmark = [pytest.mark.machine, pytest.mark.servers]


@pytest.fixture(autouse=True)
def _on_postgresql() -> None:
    assert connection.vendor == "postgresql", "set TEST_DATABASE_URL"


@pytest.mark.parametrize(
    "place",
    [
        "calendarsync.engine.pull _commit_page call",
        "calendarsync.engine.apply apply_page return",
        "calendarsync.engine.run Run.release_as_success return",
    ],
    ids=["between pages", "in the middle of a page", "at the end"],
)
def test_worker_whose_connections_were_ended_reads_on(place: str, stack: Stack, connected: Connect) -> None:
    """S23, S24: the same worker, on a new connection."""
    mailbox = connected()
    mailbox.read_until(Outcome.COMPLETE)
    mailbox.read_undisturbed()
    mailbox.have_a_busy_day()
    mailbox.make_due()
    ids = mailbox.local_ids()
    worker = stack.start_doomed(place, EVERY_QUEUE)
    mailbox.send_run("live")
    worker.wait_until_halted()

    assert end_other_connections() > 0
    worker.resume()
    mailbox.settle()

    assert worker.runs
    mailbox.assert_as_undisturbed()
    assert mailbox.local_ids().items() >= ids.items()


def end_other_connections() -> int:
    """Ends every connection to this database but our own; returns how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])
