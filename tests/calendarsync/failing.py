"""A mailbox of two calendars of which one is broken at the provider."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone

from calendarsync.engine import pull
from calendarsync.engine.run import Outcome
from calendarsync.models import Account, Calendar
from marketplace.tenancy import every_tenant
from tests.calendarsync.driving import make_due, primary
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox


def at(moment: datetime) -> Callable[[], datetime]:
    """A clock that stands still."""
    return lambda: moment


def reread(account: Account) -> Account:
    """The account as it stands now."""
    with every_tenant():
        return Account.objects.get(pk=account.pk)


def run_primary(account: Account, *, clock: Any = timezone.now) -> Outcome:
    """One look at the own calendar, as if its time had come."""
    make_due(account)
    return pull.run_lane(primary(account).pk, clock=clock)


def run_team(account: Account) -> Outcome:
    """The other calendar of the mailbox, whose time has come; nothing it has to wait for is cut short."""
    with every_tenant():
        team = Calendar.objects.get(name="Team")
        Calendar.objects.filter(pk=team.pk).update(next_poll_at=timezone.now())
    return pull.run_lane(team.pk)


def break_primary(sandbox: Sandbox, **fault: Any) -> None:
    """Every answer about events of the own calendar is this fault."""
    sandbox.control("faults", match={"path": f"/calendars/{ALICE_AT_GOOGLE}/events"}, **fault)
