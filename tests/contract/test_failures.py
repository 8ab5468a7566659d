"""What goes wrong gets the same names at every provider, and nothing is asked twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from calendarsync.domain import Position
from calendarsync.errors import Forbidden, Gone, SyncError, Throttled, Unavailable
from calendarsync.providers.base import Mailbox
from tests.contract.reading import read
from tests.contract.rig import Draft, Rig, Trouble
from tests.contract.test_reading import AT_TEN, since

NAMES: dict[Trouble, type[SyncError]] = {
    Trouble.BUSY: Throttled,
    Trouble.DOWN: Unavailable,
    Trouble.WEB_PAGE: Unavailable,
    Trouble.HALF: Unavailable,
    Trouble.CUT: Unavailable,
    Trouble.FORBIDDEN: Forbidden,
    Trouble.GONE: Gone,
}


@pytest.mark.parametrize("trouble", NAMES)
def test_trouble_gets_its_name_and_is_not_repeated(rig: Rig, mailbox: Mailbox, trouble: Trouble) -> None:
    """S67, S68: providers translate; when to try again is the engine's."""
    rig.trouble(trouble)

    with pytest.raises(SyncError) as raised:
        mailbox.pull(rig.calendar, rig.zone, Position())

    assert type(raised.value) is NAMES[trouble]
    assert rig.asked() == rig.expected_requests["failure"]


@pytest.mark.parametrize("trouble", [*NAMES, Trouble.NOTHING])
def test_trouble_in_a_delta_moves_nothing(rig: Rig, mailbox: Mailbox, trouble: Trouble) -> None:
    """S15, S68: the position from before still brings the change."""
    before = read(rig, mailbox)
    rig.add(Draft("Meanwhile", AT_TEN))
    rig.trouble(trouble)
    reached = ""
    try:
        reached = mailbox.pull(rig.calendar, rig.zone, since(before)).sync_token
    except SyncError:
        rig.asked()
    rig.calm()

    assert reached == ""
    assert read(rig, mailbox, since(before)).titles == ["Meanwhile"]


@pytest.mark.parametrize(
    "named",
    [lambda: "120", lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=120), usegmt=True)],
    ids=["seconds", "date"],
)
def test_throttle_says_until_when(rig: Rig, mailbox: Mailbox, named: Callable[[], str]) -> None:
    """S66"""
    rig.trouble(Trouble.BUSY, retry_after=named())

    with pytest.raises(Throttled) as raised:
        mailbox.pull(rig.calendar, rig.zone, Position())

    assert raised.value.retry_at is not None
    wait = raised.value.retry_at - datetime.now(UTC)
    assert timedelta(seconds=60) < wait <= timedelta(seconds=121)


def test_throttle_without_a_time_leaves_it_to_the_engine(rig: Rig, mailbox: Mailbox) -> None:
    """S66"""
    rig.trouble(Trouble.BUSY)

    with pytest.raises(Throttled) as raised:
        mailbox.pull(rig.calendar, rig.zone, Position())

    assert raised.value.retry_at is None


@pytest.mark.parametrize("trouble", [Trouble.DOWN, Trouble.HALF, Trouble.WEB_PAGE])
def test_trouble_while_probing_is_no_proof_of_absence(rig: Rig, mailbox: Mailbox, trouble: Trouble) -> None:
    """S6"""
    remote_id = rig.add(Draft("Here", AT_TEN))
    rig.trouble(trouble)

    with pytest.raises(Unavailable):
        mailbox.exists(rig.calendar, remote_id)
