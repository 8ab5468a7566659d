"""Signing in with another account than the one to reconnect: nothing happens until its owner has decided."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from calendarsync.models import Account, Calendar, Event
from calendarsync.services.disconnect import close_account
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Connect, activate_calendar
from tests.calendarsync.driving import drain, titles
from tests.calendarsync.rows import make_account
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, BOB_AT_GOOGLE, Sandbox, sign_in
from tests.conftest import signed_in


def question_for(account: Account) -> str:
    return reverse("calendar-replace", args=[account.pk])


def keep_for(account: Account) -> str:
    return reverse("calendar-replace-keep", args=[account.pk])


def accounts() -> dict[str, Account]:
    with every_tenant():
        found = Account.objects.select_related("owner", "tenant")
        return {account.address: account for account in found}


def granted(sandbox: Sandbox) -> set[str]:
    return {grant["mailbox"] for grant in sandbox.look("grants")["grants"]}


@pytest.fixture
def account(connected_account: Connect, alice: User, sandbox: Sandbox) -> Account:
    """Alice's mailbox with an appointment, connected and read."""
    sandbox.add_event(ALICE_AT_GOOGLE, "Interview", "2026-11-25T10:00:00+01:00")
    sandbox.add_event(BOB_AT_GOOGLE, "Dentist", "2026-11-25T14:00:00+01:00")
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    return account


@pytest.fixture
def browser(account: Account, alice: User, sandbox: Sandbox) -> Client:
    """Alice wanted to reconnect, and signed in with the other mailbox."""
    browser = signed_in(alice)
    answer = sign_in(browser, sandbox, BOB_AT_GOOGLE, account=account.pk)
    assert answer.headers["Location"] == question_for(account)
    return browser


def test_another_account_changes_nothing_and_both_are_named(browser: Client, account: Account):
    """S62."""
    page = browser.get(question_for(account)).content.decode().replace("<wbr>", "")

    assert f"You signed in as <strong>{BOB_AT_GOOGLE}</strong>" in page
    assert f"belongs to <strong>{ALICE_AT_GOOGLE}</strong>" in page
    assert f"Replace {ALICE_AT_GOOGLE} by {BOB_AT_GOOGLE}" in page
    assert [choice in page for choice in ('value="remove" checked', 'value="keep"')] == [True, True]
    assert page.count("autofocus") == 1
    assert page.index("autofocus") < page.index("Leave it as it is")
    assert {found.cred_version for found in accounts().values()} == {account.cred_version}


def test_offered_grant_is_sealed_in_the_session(browser: Client, account: Account):
    kept = str(browser.session["calendar_offer"])

    assert "ya29" not in kept
    assert "refresh_token" not in kept


@pytest.mark.parametrize(("copies", "left"), [("remove", None), ("keep", {"Interview"})])
def test_replacing_reads_the_new_and_ends_the_old(
    copies: str, left: set[str] | None, browser: Client, account: Account, sandbox: Sandbox
):
    """S62: nothing of the new mailbox is attached to the calendars of the old one."""
    answer = browser.post(question_for(account), {"copies": copies}, follow=True)
    close_account(account.pk)
    drain()

    found = accounts()
    assert f"{ALICE_AT_GOOGLE} was replaced by {BOB_AT_GOOGLE}." in answer.content.decode()
    assert titles(found[BOB_AT_GOOGLE]) == {"Dentist"}
    assert granted(sandbox) == {BOB_AT_GOOGLE}
    assert (titles(found[ALICE_AT_GOOGLE]) if ALICE_AT_GOOGLE in found else None) == left
    assert found[BOB_AT_GOOGLE].pk != account.pk


def test_keeping_the_old_gives_the_new_grant_back(browser: Client, account: Account, sandbox: Sandbox):
    said = browser.post(keep_for(account), follow=True).content.decode()

    assert f"Nothing was changed: {ALICE_AT_GOOGLE} is still the one." in said
    assert granted(sandbox) == {ALICE_AT_GOOGLE}
    assert list(accounts()) == [ALICE_AT_GOOGLE]
    assert browser.post(question_for(account), {"copies": "remove"}).status_code == 400


def test_choosing_the_right_account_now_gives_the_other_grant_back(
    browser: Client, account: Account, sandbox: Sandbox
):
    sign_in(browser, sandbox, ALICE_AT_GOOGLE, account=account.pk)

    assert granted(sandbox) == {ALICE_AT_GOOGLE}
    assert accounts()[ALICE_AT_GOOGLE].cred_version == account.cred_version + 1


def test_declined_grant_of_a_mailbox_in_use_is_not_given_back(
    account: Account, alice: User, charlie: User, connected_account: Connect, sandbox: Sandbox
):
    """S85: another tenant lives by the same grant."""
    connected_account(charlie, BOB_AT_GOOGLE)
    browser = signed_in(alice)
    sign_in(browser, sandbox, BOB_AT_GOOGLE, account=account.pk)

    browser.post(keep_for(account))

    assert granted(sandbox) == {ALICE_AT_GOOGLE, BOB_AT_GOOGLE}


def test_an_offer_is_used_once(browser: Client, account: Account):
    browser.post(question_for(account), {"copies": "keep"})

    answer = browser.post(question_for(account), {"copies": "keep"})

    assert answer.status_code == 400
    assert "This sign-in was not started here" in answer.content.decode()
    assert len(accounts()) == 2


def test_an_offer_ends_after_ten_minutes(browser: Client, account: Account):
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        asked = browser.get(question_for(account))
        answer = browser.post(question_for(account), {"copies": "remove"})

    assert asked.headers["Location"] == reverse("calendar-sync")
    assert answer.status_code == 400
    assert list(accounts()) == [ALICE_AT_GOOGLE]


def test_an_offer_is_for_one_account_of_one_session(
    browser: Client, account: Account, alice: User, bob: User, charlie: User
):
    activate_calendar(charlie.tenant)  # type: ignore[arg-type]
    second = make_account(alice, "second@mail.example")

    answers = {
        "another session": signed_in(alice).post(question_for(account)).status_code,
        "a colleague": signed_in(bob).post(question_for(account)).status_code,
        "another tenant": signed_in(charlie).post(question_for(account)).status_code,
        "another account": browser.post(question_for(second)).status_code,
    }

    assert answers == {
        "another session": 400,
        "a colleague": 404,
        "another tenant": 404,
        "another account": 400,
    }
    assert set(accounts()) == {ALICE_AT_GOOGLE, second.address}


def test_a_colleagues_mailbox_is_not_even_offered(
    account: Account, alice: User, bob: User, connected_account: Connect, sandbox: Sandbox
):
    connected_account(bob, BOB_AT_GOOGLE)

    answer = sign_in(signed_in(alice), sandbox, BOB_AT_GOOGLE, account=account.pk)

    assert answer.status_code == 400
    assert "A colleague already synchronises this mailbox." in answer.content.decode()


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 401}, {"body": "html"}])
def test_a_provider_that_fails_leaves_the_old_connection(
    fault: dict[str, Any], browser: Client, account: Account, sandbox: Sandbox
):
    sandbox.control("faults", match={"path": "calendarList"}, **fault)

    answer = browser.post(question_for(account), {"copies": "remove"})

    assert answer.status_code == 400
    assert "Nothing was connected" in answer.content.decode()
    assert accounts()[ALICE_AT_GOOGLE].may_run
    with every_tenant():
        assert (Calendar.objects.count(), Event.objects.count()) == (1, 1)
