"""A connection that needs its owner: one e-mail, a banner, and a line for the administrator."""

import smtplib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from calendarsync import tasks
from calendarsync.models import Account, Calendar
from calendarsync.services.notices import tell_owner, tell_owners
from carerix_calendar.celery import app
from marketplace.models import Installation, Tenant, User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Connect, activate_calendar
from tests.calendarsync.driving import drain, sync
from tests.calendarsync.rows import DAY, HOUR, MINUTE, NOW, make_account, make_calendar
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox, sign_in
from tests.calendarsync.together import at_once, shared_database
from tests.conftest import signed_in

DEAD: dict[str, Any] = {"auth_state": "reconnect", "error_code": "reconnect_needed", "error_at": NOW - HOUR}
UNAPPROVED: dict[str, Any] = {
    "auth_state": "waiting",
    "error_code": "approval_needed",
    "error_at": NOW - HOUR,
}
FAILED: dict[str, Any] = {"stopped_at": NOW - HOUR, "stopped_by": "fault"}


@pytest.fixture
def active(calendar_active: Tenant) -> Tenant:
    """The tenant uses the module."""
    return calendar_active


def broken(owner: User, **fields: Any) -> Account:
    """An account that needs its owner, with a calendar that worked until two hours ago."""
    account = make_account(owner, **{**DEAD, **fields})
    make_calendar(account, last_ok_at=NOW - 2 * HOUR)
    return account


def told_at(account: Account) -> datetime | None:
    with every_tenant():
        return Account.objects.get(pk=account.pk).told_at


# The e-mail


@pytest.mark.parametrize(
    ("fields", "subject", "sentence"),
    [
        (DEAD, "Please reconnect your calendar: ", "Google withdrew our access"),
        (UNAPPROVED, "Waiting for your administrator: ", "Your Google administrator must trust this app"),
        (FAILED, "Stopped after repeated failures today: ", "It failed again and again."),
    ],
    ids=["reconnect", "waiting", "fault"],
)
def test_owner_is_told_once_what_happened_and_what_to_do(
    fields: dict[str, Any], subject: str, sentence: str, active: Tenant, alice: User, settings: Settings
):
    account = make_account(alice, **fields)
    make_calendar(account, last_ok_at=NOW - 2 * HOUR)

    told = [tell_owners(NOW), tell_owners(NOW + MINUTE), tell_owners(NOW + 3 * DAY)]

    assert told == [1, 0, 0]
    [message] = mail.outbox
    assert message.to == [alice.email]
    assert message.subject == f"{subject}alice@mail.example"
    for body in (message.body, message.alternatives[0].content):  # type: ignore[attr-defined]
        assert sentence in body
        assert "your appointments stay visible" in body
        assert "Monday 23 November 2026 11:00" in body  # in Amsterdam
        assert f"{settings.PUBLIC_URL}/profile/calendar-sync/" in body
        assert "secret" not in body


def test_mail_speaks_the_language_of_its_reader(active: Tenant, alice: User):
    alice.language = "nl"
    with every_tenant():
        alice.save()
    broken(alice)

    tell_owners(NOW)

    [message] = mail.outbox
    assert message.subject == "Koppel je agenda opnieuw: alice@mail.example"
    assert "maandag 23 november 2026" in message.body
    assert '<html lang="nl">' in message.alternatives[0].content  # type: ignore[attr-defined]


def test_name_of_a_person_is_only_text_in_the_mail(active: Tenant, alice: User):
    alice.name = "<b>Alice</b> & co"
    with every_tenant():
        alice.save()
    broken(alice)

    tell_owners(NOW)

    [message] = mail.outbox
    assert "Hello <b>Alice</b> & co," in message.body
    assert "Hello &lt;b&gt;Alice&lt;/b&gt; &amp; co," in message.alternatives[0].content  # type: ignore[attr-defined]


def test_who_is_reconnecting_right_now_is_left_alone(active: Tenant, alice: User):
    broken(alice, error_at=NOW - 9 * MINUTE)

    assert (tell_owners(NOW), tell_owners(NOW + 2 * MINUTE)) == (0, 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"auth_state": "ok"},
        {"stopped_at": NOW - DAY, "stopped_by": "user"},
        {"stopped_at": NOW - DAY, "stopped_by": "admin"},
        {"closing_since": NOW - HOUR},
        {"auth_state": "ended", "keeps_copies": True, "stopped_at": NOW - DAY, "stopped_by": "user"},
    ],
    ids=["well", "paused", "stopped by an administrator", "closing", "ended"],
)
def test_what_needs_nobody_mails_nobody(fields: dict[str, Any], active: Tenant, alice: User):
    broken(alice, **fields)

    assert tell_owners(NOW) == 0


def test_people_who_left_and_modules_that_are_off_get_no_mail(
    active: Tenant, alice: User, bob: User, charlie: User
):
    broken(alice)
    broken(charlie)  # whose tenant does not use the module
    alice.is_active = False
    with every_tenant():
        alice.save()

    assert tell_owners(NOW) == 0


def test_two_workers_send_one_mail(active: Tenant, alice: User, transactional_db: None, tmp_path: Path):
    account = broken(alice)

    with shared_database(tmp_path):
        won = at_once(8, lambda: tell_owner(account.pk, NOW))

    assert sorted(won) == [False] * 7 + [True]
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "trouble", [ConnectionRefusedError(), TimeoutError(), smtplib.SMTPServerDisconnected()], ids=repr
)
def test_a_mail_server_that_is_away_only_delays(
    trouble: Exception, active: Tenant, alice: User, monkeypatch: pytest.MonkeyPatch
):
    account = broken(alice)
    with monkeypatch.context() as down:
        down.setattr(mail.EmailMessage, "send", _raising(trouble))
        assert tell_owners(NOW) == 0

    assert told_at(account) is None
    assert tell_owners(NOW + MINUTE) == 1
    assert len(mail.outbox) == 1


def test_an_address_that_never_takes_mail_is_not_asked_each_minute(
    active: Tenant, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
):
    account = broken(alice)
    gone = smtplib.SMTPRecipientsRefused({alice.email: (550, b"no such user")})

    with monkeypatch.context() as down:
        down.setattr(mail.EmailMessage, "send", _raising(gone))
        tell_owners(NOW)

    assert told_at(account) == NOW
    assert tell_owners(NOW + MINUTE) == 0


def test_an_address_that_takes_no_mail_now_is_asked_again(
    active: Tenant, alice: User, monkeypatch: pytest.MonkeyPatch
):
    account = broken(alice)
    later = smtplib.SMTPRecipientsRefused({alice.email: (450, b"greylisted")})

    with monkeypatch.context() as down:
        down.setattr(mail.EmailMessage, "send", _raising(later))
        tell_owners(NOW)

    assert told_at(account) is None


def test_schedule_asks_every_minute_on_the_maintenance_queue():
    entry = app.conf.beat_schedule["tell-owners"]

    assert (entry["task"], entry["schedule"]) == (tasks.tell_owners.name, 60.0)
    assert app.amqp.router.route({}, entry["task"])["queue"].name == "maintenance"


def test_revoked_grant_is_told_once_and_again_after_it_was_well(
    connected_account: Connect, alice: User, sandbox: Sandbox
):
    """S61: revoked, told; reconnected; revoked again, told again."""
    account = connected_account(alice, ALICE_AT_GOOGLE)
    drain()
    for round_ in (1, 2):
        sandbox.control("grants/revoke", mailbox=ALICE_AT_GOOGLE)
        sandbox.control("tokens/expire", mailbox=ALICE_AT_GOOGLE)
        sync(account)
        later = timezone.now() + 11 * MINUTE

        assert [tell_owners(later), tell_owners(later + HOUR)] == [1, 0]
        assert len(mail.outbox) == round_

        sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE, account=account.pk)
        drain()
        assert told_at(account) is None


def test_a_success_ends_what_was_told(active: Tenant, alice: User):
    account = make_account(alice, told_at=NOW - HOUR)
    lane = make_calendar(account, last_ok_at=NOW - 2 * HOUR)

    tell_owners(NOW)
    assert told_at(account) is not None
    with every_tenant():
        Calendar.objects.filter(pk=lane.pk).update(last_ok_at=NOW - MINUTE)
    tell_owners(NOW)

    assert told_at(account) is None


def test_asking_again_without_success_is_the_same_trouble(active: Tenant, alice: User):
    """Check again tries once more; a second refusal is not a second mail."""
    account = broken(alice, **UNAPPROVED)
    tell_owners(NOW)
    with every_tenant():
        Account.objects.update(auth_state="ok")
    tell_owners(NOW + MINUTE)
    with every_tenant():
        Account.objects.update(auth_state="waiting", error_at=NOW + MINUTE)

    assert tell_owners(NOW + HOUR) == 0
    assert told_at(account) == NOW


def _raising(error: Exception) -> Callable[..., int]:
    def send(*args: Any, **kwargs: Any) -> int:
        raise error

    return send


# The banner

DISMISS = reverse("calendar-banner-dismiss")


def page(browser: Client, name: str = "activities") -> str:
    answer = browser.get(reverse(name))
    assert answer.status_code == 200
    return answer.content.decode()


def keys_in(html: str) -> str:
    return html.split('name="keys" value="')[1].split('"')[0]


@pytest.mark.parametrize(
    ("fields", "words", "button"),
    [
        (DEAD, "Please reconnect your calendar", "Reconnect calendar"),
        (UNAPPROVED, "Waiting for your administrator", "See what to do"),
        (FAILED, "Stopped after repeated failures", "See what to do"),
    ],
    ids=["reconnect", "waiting", "fault"],
)
def test_every_page_says_that_a_connection_needs_its_owner(
    fields: dict[str, Any], words: str, button: str, active: Tenant, alice: User
):
    make_calendar(make_account(alice, **fields))

    for name in ("activities", "profile", "calendar"):
        banner = page(signed_in(alice), name).split('<aside class="banner"')[1].split("</aside>")[0]
        assert 'role="status"' in banner
        assert words in banner
        assert "alice<wbr>@mail.example" in banner
        assert button in banner


def test_settings_tab_says_it_only_in_the_card(active: Tenant, alice: User):
    broken(alice)

    html = page(signed_in(alice), "calendar-sync")

    assert 'class="banner"' not in html
    assert "Please reconnect your calendar" in html


@pytest.mark.parametrize(
    "fields", [{}, {"auth_state": "ok"}, {"stopped_at": NOW, "stopped_by": "user"}, {"closing_since": NOW}]
)
def test_nobody_else_and_nothing_else_has_a_banner(
    fields: dict[str, Any], active: Tenant, alice: User, bob: User
):
    broken(alice, **fields)
    reader = alice if fields else bob

    assert 'class="banner"' not in page(signed_in(reader))


def test_without_the_module_there_is_no_banner(active: Tenant, alice: User):
    broken(alice)
    with every_tenant():
        Installation.objects.update(state=Installation.State.INSTALLED)

    assert 'class="banner"' not in page(signed_in(alice))


def test_several_needs_are_one_banner(active: Tenant, alice: User):
    broken(alice)
    broken(alice, address="b@mail.example", subject="b")

    html = page(signed_in(alice))

    assert html.count('<aside class="banner"') == 1
    assert "and 1 other need you." in html


def test_dismissed_banner_stays_away_for_this_session_and_this_need(active: Tenant, alice: User):
    account = broken(alice)
    browser = signed_in(alice)
    keys = keys_in(page(browser))

    answer = browser.post(DISMISS, {"keys": keys, "next": "/activities/?q=x"})

    assert answer.headers["Location"] == "/activities/?q=x"
    assert 'class="banner"' not in page(browser)
    assert 'class="banner"' in page(signed_in(alice))
    with every_tenant():
        Account.objects.filter(pk=account.pk).update(error_at=NOW)
    assert 'class="banner"' in page(browser)


def test_script_that_dismisses_gets_an_empty_answer(active: Tenant, alice: User):
    answer = signed_in(alice).post(DISMISS, {"keys": "1-2"}, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_dismissing_leads_nowhere_else(back: str, active: Tenant, alice: User):
    assert signed_in(alice).post(DISMISS, {"next": back}).headers["Location"] == "/"


def test_frame_asks_for_accounts_once(active: Tenant, alice: User, django_assert_max_num_queries: Any):
    broken(alice)
    browser = signed_in(alice)

    with django_assert_max_num_queries(8):
        browser.get(reverse("profile-addresses"))


# The administrator

MODULE = reverse("module", args=["calendar"])


def test_administrator_sees_whose_connection_needs_attention(
    active: Tenant, alice: User, bob: User, ada: User
):
    broken(alice)
    make_calendar(
        make_account(bob, "bob@mail.example"), "Secret plans", failures=1, error_code="setup_faulty"
    )

    html = signed_in(ada).get(MODULE).content.decode()

    assert "2 connections need attention" in html
    for words in ("Alice", "Bob", "Reconnect needed", "this CRM must be set up again"):
        assert words in html
    assert "Secret plans" not in html


def test_connections_that_go_on_by_themselves_are_not_listed(active: Tenant, alice: User, ada: User):
    make_calendar(make_account(alice, blocked_until=timezone.now() + HOUR))

    assert "needs attention" not in signed_in(ada).get(MODULE).content.decode()


def test_only_the_own_tenants_administrator_sees_them(active: Tenant, alice: User, charlie: User):
    activate_calendar(charlie.tenant)  # type: ignore[arg-type]
    broken(alice)
    charlie.role = User.Role.ADMIN
    with every_tenant():
        charlie.save()

    assert signed_in(alice).get(MODULE).status_code == 403
    assert "attention" not in signed_in(charlie).get(MODULE).content.decode()
