"""Two customers connect the same mailbox: neither notices the other, whatever happens to one of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone
from pytest_django import Settings

from calendarsync.engine import lane
from calendarsync.models import Account, Calendar, Channel, Cursor, Event, Signal
from calendarsync.services import control
from calendarsync.services.disconnect import close_account, disconnect
from calendarsync.services.watch import open_channel
from marketplace.models import User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.at_google import add, change, timed, weekly
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, event_named, make_due, primary, sync, titles
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db
Both = tuple[Account, Account]
NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.fixture
def both(sandbox: Sandbox, alice: User, charlie: User, connected_account: Connect) -> Both:
    """Alice and Charlie, of two tenants, are signed in to one mailbox with a series and an event, read by both."""
    weekly(sandbox)
    intake(sandbox)
    accounts = connected_account(alice, ALICE_AT_GOOGLE), connected_account(charlie, ALICE_AT_GOOGLE)
    drain()
    return accounts


def intake(sandbox: Sandbox, title: str = "Intake") -> str:
    begins, ends = timed("2026-11-25T09:00:00"), timed("2026-11-25T10:00:00")
    return str(add(sandbox, summary=title, start=begins, end=ends)["id"])


def test_each_has_rows_and_positions_of_its_own(sandbox: Sandbox, both: Both) -> None:
    """S85, invariant 18: every row carries the tenant of its lane, and what one reads moves nothing of the other's."""
    hers, his = both
    with every_tenant():
        before = list(Cursor.objects.filter(calendar__account=his).order_by("pk").values())
        rows = list(Event.objects.filter(calendar__account=his).order_by("pk").values())

    intake(sandbox, "New")
    make_due(hers)
    drain()

    assert (titles(hers), titles(his)) == ({"Intake", "New"}, {"Intake"})
    with every_tenant():
        assert list(Cursor.objects.filter(calendar__account=his).order_by("pk").values()) == before
        assert list(Event.objects.filter(calendar__account=his).order_by("pk").values()) == rows
    sync(his)
    assert titles(his) == {"Intake", "New"}
    assert _strays() == []


def _strays() -> list[str]:
    """Tables with a row whose tenant is not that of the calendar or account it belongs to."""
    found = []
    with every_tenant():
        for model in apps.get_app_config("calendarsync").get_models():
            for parent in {"calendar", "account"} & {field.name for field in model._meta.fields}:
                rows: Any = model._default_manager.select_related(parent)
                found += [str(row) for row in rows if row.tenant_id != getattr(row, parent).tenant_id]
    return found


def test_nobody_waits_for_the_lock_the_throttle_or_the_pause_of_the_other(both: Both) -> None:
    """S85"""
    hers, his = both
    for account in both:
        make_due(account)
    now = timezone.now()

    assert lane.claim(primary(hers).pk, now)
    assert lane.claim(primary(his).pk, now)

    with every_tenant():
        lane.evict(Calendar.objects.filter(account=his))
        Account.objects.filter(pk=hers.pk).update(blocked_until=now + timedelta(hours=1))
    assert lane.claim(primary(his).pk, now)
    with tenant_scope(hers.tenant):
        control.pause(account=hers, now=now)
    with every_tenant():
        lane.evict(Calendar.objects.filter(account=his))
    assert lane.claim(primary(his).pk, now)


def test_each_has_a_channel_of_its_own(sandbox: Sandbox, both: Both, settings: Settings) -> None:
    """S85: other ids, other secrets; the end of one is not the end of the other."""
    settings.WEBHOOK_URL = NOBODY_LISTENS
    hers, his = both
    for account in both:
        open_channel(primary(account).pk)
    with every_tenant():
        known = {
            channel.calendar.account_id: channel for channel in Channel.objects.select_related("calendar")
        }
    assert len({channel.channel_id for channel in known.values()}) == 2
    assert len({channel.secret_hash for channel in known.values()}) == 2

    _disconnect(hers)

    alive = {each["id"] for each in sandbox.look("channels")["channels"] if each["alive"]}
    assert alive == {str(known[his.pk].channel_id)}


def _pause(account: Account) -> None:
    with tenant_scope(account.tenant):
        control.pause(account=account, now=timezone.now())


def _disconnect(account: Account) -> None:
    with tenant_scope(account.tenant):
        disconnect(account=account, by=account.owner, now=timezone.now())
    close_account(account.pk)


def _lose_the_credentials(account: Account) -> None:
    account.seal_credentials({"access_token": "wrong", "refresh_token": "wrong"})
    with every_tenant():
        account.save()
    sync(account)
    with every_tenant():
        account.refresh_from_db()
    assert account.auth_state == Account.AuthState.RECONNECT


@pytest.mark.parametrize(
    "end", [_pause, _disconnect, _lose_the_credentials], ids=lambda end: end.__name__.strip("_")
)
def test_end_of_one_connection_is_not_the_end_of_the_other(
    sandbox: Sandbox, both: Both, end: Callable[[Account], None]
) -> None:
    """S85: the grant at Google is one for both; it is given back with the last connection only."""
    hers, his = both
    kept = event_named(his, "Intake")

    end(hers)
    change(sandbox, kept.remote_id, summary="Intake moved")
    sync(his)

    assert event_named(his, "Intake moved").pk == kept.pk
    with every_tenant():
        his.refresh_from_db()
        assert Signal.objects.filter(calendar__account=his).count() == 1
    assert (his.auth_state, his.stopped_at) == (Account.AuthState.OK, None)


def test_grant_goes_back_with_the_last_connection(sandbox: Sandbox, both: Both) -> None:
    """S85"""
    for account in both:
        assert sandbox.look("grants")["grants"] != []
        _disconnect(account)

    assert sandbox.look("grants")["grants"] == []
