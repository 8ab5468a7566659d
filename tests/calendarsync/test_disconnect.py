"""Ending a connection: asked first, at once for the user, and nothing at the provider is touched but our access."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.signals import before_task_publish
from django.urls import reverse
from django.utils import timezone

from calendarsync.models import Account, Calendar, Channel, Event
from calendarsync.selectors.lanes import due_lanes
from calendarsync.selectors.pill import pill_of
from calendarsync.services import control, module
from calendarsync.services.disconnect import Copies, close_account, disconnect, take_back
from calendarsync.services.maintenance import accounts_left_closing
from calendarsync.services.watch import open_channel
from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant, tenant_scope
from tests.calendarsync.conftest import Connect, activate_calendar
from tests.calendarsync.driving import drain, make_due, primary, sync, titles
from tests.calendarsync.rows import NOW, make_account, make_calendar, make_event
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox, sign_in, start_sign_in
from tests.calendarsync.together import at_once, shared_database
from tests.conftest import signed_in


def address_of(account: Account) -> str:
    return reverse("calendar-disconnect", args=[account.pk])


def counts() -> tuple[int, int, int]:
    with every_tenant():
        return Account.objects.count(), Calendar.objects.count(), Event.objects.count()


@pytest.fixture
def account(alice: User) -> Account:
    """Alice's account with an event."""
    activate_calendar(alice.tenant)  # type: ignore[arg-type]
    account = make_account(alice)
    make_event(make_calendar(account))
    return account


def test_it_asks_first_and_names_the_consequences(account: Account, alice: User):
    page = signed_in(alice).get(address_of(account)).content.decode()

    assert "What should happen to its 1 appointment here?" in page
    assert [choice in page for choice in ('value="remove" checked', 'value="keep"')] == [True, True]
    assert "Nothing in your Google calendar is changed or deleted, and nobody is mailed." in page
    assert "We give the access back to Google." in page
    assert "stays" in page
    assert counts() == (1, 1, 1)


def test_the_safe_choice_has_the_focus(account: Account, alice: User):
    page = signed_in(alice).get(address_of(account)).content.decode()

    assert page.count("autofocus") == 1
    assert page.index("autofocus") < page.index("Stay connected") < page.index("button--danger")


def test_it_disappears_at_once_and_says_so(account: Account, alice: User):
    answer = signed_in(alice).post(address_of(account), follow=True)

    page = answer.content.decode()
    assert "alice@mail.example is disconnected." in page
    assert "Start synchronization" in page


def test_nothing_runs_any_more(account: Account, alice: User):
    make_due(account)
    assert len(due_lanes(timezone.now(), limit=9)) == 1

    with tenant_scope(account.tenant):
        disconnect(account=account, by=account.owner, now=NOW)

    assert due_lanes(timezone.now(), limit=9) == []


def test_open_pages_are_told_that_their_appointments_went_and_came_back(account: Account, alice: User):
    seen = [_revision()]
    with tenant_scope(account.tenant):
        disconnect(account=account, by=alice, now=NOW)
        seen.append(_revision())
        take_back(account=account, by=alice, now=NOW)
        seen.append(_revision())

    assert seen == sorted(set(seen))


def test_a_second_click_finds_it_done(account: Account, alice: User):
    browser = signed_in(alice)

    answers = [browser.post(address_of(account)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]


def test_nobody_disconnects_somebody_else(account: Account, bob: User, charlie: User, ada: User):
    activate_calendar(charlie.tenant)  # type: ignore[arg-type]

    for other in (bob, charlie, ada):
        browser = signed_in(other)
        assert browser.get(address_of(account)).status_code == 404
        assert browser.post(address_of(account)).status_code == 404
    with every_tenant():
        assert Account.objects.get().closing_since is None


def test_copies_go_and_access_is_given_back_while_the_provider_keeps_everything(
    connected_account: Connect, alice: User, sandbox: Sandbox
):
    sandbox.add_event(ALICE_AT_GOOGLE, "Interview", "2026-11-25T10:00:00+01:00")
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    assert counts() == (1, 1, 1)

    signed_in(alice).post(address_of(account))
    close_account(account.pk)

    assert counts() == (0, 0, 0)
    assert sandbox.look("grants")["grants"] == []
    assert sandbox.look("mailboxes")["mailboxes"][ALICE_AT_GOOGLE] == {ALICE_AT_GOOGLE: 1}
    assert sandbox.look("outbox")["count"] == 0


def test_push_channels_are_stopped_before_the_access_goes(
    connected_account: Connect, alice: User, sandbox: Sandbox
):
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    open_channel(primary(account).pk)
    [channel] = sandbox.look("channels")["channels"]
    assert channel["alive"]

    with tenant_scope(account.tenant):
        disconnect(account=account, by=account.owner, now=NOW)
    close_account(account.pk)

    requests = [line["path"] for line in reversed(sandbox.look("log")["requests"])]
    assert requests.index("/calendar/v3/channels/stop") < requests.index("/revoke")
    assert not any(channel["alive"] for channel in sandbox.look("channels")["channels"])
    with every_tenant():
        assert Channel.objects.count() == 0


@pytest.mark.parametrize("fault", [{"status": 503}, {"body": "html"}, {"body": "reset"}])
def test_a_provider_that_is_away_does_not_hold_the_copies(
    fault: dict[str, Any], connected_account: Connect, alice: User, sandbox: Sandbox
):
    account = connected_account(alice, ALICE_AT_GOOGLE)
    sandbox.control("faults", match={"path": "."}, **fault)

    with tenant_scope(account.tenant):
        disconnect(account=account, by=account.owner, now=NOW)
    close_account(account.pk)

    assert counts() == (0, 0, 0)


def test_unreadable_credentials_do_not_hold_the_copies(account: Account):
    with every_tenant():
        Account.objects.update(sealed_credentials="not a secret")
    with tenant_scope(account.tenant):
        disconnect(account=account, by=account.owner, now=NOW)

    close_account(account.pk)

    assert counts() == (0, 0, 0)


def test_a_closing_that_was_lost_is_found_again(account: Account, alice: User):
    with tenant_scope(account.tenant):
        disconnect(account=account, by=alice, now=NOW)

    assert accounts_left_closing(NOW + timedelta(minutes=9)) == []
    assert accounts_left_closing(NOW + timedelta(minutes=11)) == [account.pk]


def test_closing_twice_or_a_living_account_does_nothing(account: Account):
    close_account(account.pk)
    close_account(account.pk + 1)

    assert counts() == (1, 1, 1)


def test_connecting_again_meanwhile_begins_anew_and_wins(
    connected_account: Connect, alice: User, sandbox: Sandbox
):
    account = connected_account(alice, ALICE_AT_GOOGLE)
    with tenant_scope(account.tenant):
        disconnect(account=account, by=account.owner, now=NOW)

    sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE)
    close_account(account.pk)

    with every_tenant():
        revived = Account.objects.get()
        assert (revived.pk, revived.closing_since, revived.may_run) == (account.pk, None, True)
        assert Calendar.objects.get().selected


# Keeping what is here


def end_keeping(account: Account) -> None:
    with tenant_scope(account.tenant):
        disconnect(account=account, by=account.owner, now=NOW, copies=Copies.KEEP)
    close_account(account.pk)


def reread(account: Account) -> Account:
    with every_tenant():
        return Account.objects.select_related("owner", "tenant").get(pk=account.pk)


def test_kept_copies_stay_without_access(connected_account: Connect, alice: User, sandbox: Sandbox):
    sandbox.add_event(ALICE_AT_GOOGLE, "Interview", "2026-11-25T10:00:00+01:00")
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    open_channel(primary(account).pk)

    end_keeping(account)

    kept = reread(account)
    assert counts() == (1, 1, 1)
    assert (kept.auth_state, kept.sealed_credentials, kept.closing_since) == ("ended", "", None)
    assert kept.stopped_at == NOW
    assert sandbox.look("grants")["grants"] == []
    assert not any(channel["alive"] for channel in sandbox.look("channels")["channels"])
    assert sandbox.look("mailboxes")["mailboxes"][ALICE_AT_GOOGLE] == {ALICE_AT_GOOGLE: 1}
    assert sandbox.look("outbox")["count"] == 0


def test_kept_copies_are_shown_and_marked_but_not_called_synchronised(account: Account, alice: User):
    end_keeping(account)

    browser = signed_in(alice)
    tab = browser.get(reverse("calendar-sync")).content.decode()
    answer = browser.get(
        reverse("api-calendar"), {"from": "2026-11-23T00:00:00Z", "to": "2026-11-24T00:00:00Z"}
    )
    event = answer.json()["events"][0]
    details = browser.get(reverse("api-event", args=[event["event"]])).json()

    assert "; 1 appointment kept" in tab
    assert "Reconnect calendar" in tab
    assert "Remove the copies" in tab
    assert "Sync now" not in tab
    assert event["title"] == "Interview"
    assert details["read_only_reason"] == "This calendar is disconnected; what you see is a kept copy."
    assert "Disconnected; a kept copy" in browser.get(reverse("calendar")).content.decode()
    with tenant_scope(account.tenant):
        pill = pill_of(alice)
    assert (pill.state, pill.tone) == ("not_started", "quiet")
    assert pill.words.startswith("Disconnected")


def test_kept_copies_are_never_read_again(connected_account: Connect, alice: User, sandbox: Sandbox):
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    end_keeping(account)
    sandbox.forget("log")

    with tenant_scope(account.tenant):
        control.restart(account=reread(account), now=NOW)
        control.sync_now(account=reread(account), now=NOW)

    assert sync(account) == []
    assert sandbox.look("log")["requests"] == []


def test_buttons_of_a_connection_are_gone_with_it(account: Account, alice: User):
    end_keeping(account)
    with every_tenant():
        calendar = Calendar.objects.get()
    browser = signed_in(alice)

    answers = [
        browser.post(reverse("calendar-act", args=[account.pk, "restart"])),
        browser.post(reverse("calendar-choose", args=[account.pk])),
        browser.post(reverse("calendar-retry", args=[calendar.pk])),
        browser.post(reverse("api-account-act", args=[account.pk, "sync-now"])),
        browser.post(reverse("api-calendar-retry", args=[calendar.pk])),
        browser.patch(
            reverse("api-calendar-choices", args=[calendar.pk]),
            {"selected": False},
            content_type="application/json",
        ),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6


def test_reconnecting_brings_kept_copies_back_to_life(
    connected_account: Connect, alice: User, sandbox: Sandbox
):
    """S61: the same row, the same ids."""
    sandbox.add_event(ALICE_AT_GOOGLE, "Interview", "2026-11-25T10:00:00+01:00")
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    ids = _ids()
    end_keeping(account)
    sandbox.add_event(ALICE_AT_GOOGLE, "Lunch", "2026-11-26T12:00:00+01:00")

    sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE, account=account.pk)
    drain()

    revived = reread(account)
    assert (revived.may_run, revived.keeps_copies, revived.stopped_at) == (True, False, None)
    assert titles(account) == {"Interview", "Lunch"}
    assert _ids() > ids


def test_kept_copies_can_be_removed_later(account: Account, alice: User):
    end_keeping(account)
    browser = signed_in(alice)

    question = browser.get(address_of(account)).content.decode()
    answer = browser.post(address_of(account), {"copies": "remove"}, follow=True)
    close_account(account.pk)

    assert "1 kept appointment disappears here." in question
    assert "The copies of alice@mail.example are being removed." in answer.content.decode()
    assert counts() == (0, 0, 0)


def test_keeping_twice_changes_nothing(account: Account, alice: User):
    browser = signed_in(alice)

    for _ in range(2):
        browser.post(address_of(account), {"copies": "keep"})
    close_account(account.pk)
    browser.post(address_of(account), {"copies": "keep"})

    assert reread(account).closing_since is None
    assert counts() == (1, 1, 1)


def test_removing_wins_over_keeping_of_another_tab(account: Account, alice: User):
    browser = signed_in(alice)

    browser.post(address_of(account), {"copies": "keep"})
    browser.post(address_of(account), {"copies": "remove"})
    close_account(account.pk)

    assert counts() == (0, 0, 0)


def test_a_closing_killed_on_its_way_is_finished_later(account: Account, monkeypatch: pytest.MonkeyPatch):
    """S23: the worker dies after it took the account, before anything else."""
    with tenant_scope(account.tenant):
        disconnect(account=account, by=account.owner, now=NOW, copies=Copies.KEEP)
    with monkeypatch.context() as dying:
        dying.setattr(Channel.objects, "filter", _die)
        with pytest.raises(SystemExit):
            close_account(account.pk)

    [left] = accounts_left_closing(NOW + timedelta(minutes=11))
    close_account(left)

    assert reread(account).closing_since is None
    assert counts() == (1, 1, 1)


def test_uninstalling_removes_kept_copies_too(account: Account, alice: User, tenant: Tenant, ada: User):
    end_keeping(account)

    with tenant_scope(tenant):
        known = module.facts(tenant=tenant)
        module.on_uninstalled(tenant=tenant, by=ada)
    close_account(account.pk)

    assert (known.connections, known.events) == (0, 1)
    assert counts() == (0, 0, 0)


# Undo


@pytest.mark.parametrize("copies", list(Copies))
def test_a_disconnect_can_be_taken_back_before_its_work_begins(
    copies: Copies, connected_account: Connect, alice: User, sandbox: Sandbox
):
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    browser = signed_in(alice)

    page = browser.post(address_of(account), {"copies": copies.value}, follow=True).content.decode()
    undo = reverse("calendar-undo-disconnect", args=[account.pk])
    said = browser.post(undo, follow=True).content.decode()
    close_account(account.pk)
    sandbox.add_event(ALICE_AT_GOOGLE, "Lunch", "2026-11-26T12:00:00+01:00")
    sync(account)

    assert f'action="{undo}"' in page
    assert f"{ALICE_AT_GOOGLE} stays connected." in said
    assert titles(account) == {"Lunch"}


@pytest.mark.parametrize("closing_since", [None, NOW], ids=["done", "begun"])
def test_taking_back_too_late_says_so(closing_since: datetime | None, account: Account, alice: User):
    end_keeping(account)
    with every_tenant():
        Account.objects.update(closing_since=closing_since)

    said = signed_in(alice).post(reverse("calendar-undo-disconnect", args=[account.pk]), follow=True)

    assert "That was too late." in said.content.decode()
    assert reread(account).auth_state == "ended"


def test_a_pause_outlives_a_disconnect_that_was_taken_back(account: Account, alice: User):
    with tenant_scope(account.tenant):
        control.pause(account=account, now=NOW)
        disconnect(account=account, by=alice, now=NOW)

        assert take_back(account=account, by=alice, now=NOW)

    assert (reread(account).stopped_at, reread(account).closing_since) == (NOW, None)


def test_nobody_takes_back_what_somebody_else_ended(account: Account, alice: User, bob: User):
    signed_in(alice).post(address_of(account))

    answer = signed_in(bob).post(reverse("calendar-undo-disconnect", args=[account.pk]))

    assert answer.status_code == 404


def test_work_begins_when_undo_is_no_longer_offered(
    account: Account, alice: User, django_capture_on_commit_callbacks: Any
):
    moments: list[Any] = []

    def note(headers: Any, **ignored: Any) -> None:
        moments.append(datetime.fromisoformat(headers["eta"]))

    before_task_publish.connect(note)
    pressed = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(alice).post(address_of(account))
    before_task_publish.disconnect(note)

    [begins] = moments
    assert begins - pressed > timedelta(seconds=10)


def _revision() -> int:
    with every_tenant():
        return Calendar.objects.get().revision


def _ids() -> set[tuple[str, int]]:
    with every_tenant():
        rows = [*Account.objects.all(), *Calendar.objects.all(), *Event.objects.all()]
    return {(type(row).__name__, row.pk) for row in rows}


def _die(*args: Any, **kwargs: Any) -> None:
    raise SystemExit


def test_coming_back_while_copies_are_removed_is_whole_or_refused(
    connected_account: Connect, alice: User, sandbox: Sandbox, transactional_db: None, tmp_path: Path
):
    """S98: giving the old grant back may end the new one too; what is stored is never half a connection."""
    for number in range(30):
        sandbox.add_event(ALICE_AT_GOOGLE, f"Interview {number}", "2026-11-25T10:00:00+01:00")
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    with tenant_scope(account.tenant):
        disconnect(account=account, by=alice, now=NOW)
    browser = signed_in(alice)
    back = sandbox.consent(start_sign_in(browser), ALICE_AT_GOOGLE)
    work = [lambda: browser.get(back).status_code, lambda: close_account(account.pk)]

    with shared_database(tmp_path):
        answers = set(at_once(2, lambda: work.pop()())) - {None}

        assert (answers, counts()[:2]) in [({302}, (1, 1)), ({400}, (0, 0))]
        with every_tenant():
            assert not Account.objects.exclude(closing_since=None).exists()
