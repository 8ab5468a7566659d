"""Signing in at the provider: every way it can end is a page with a sentence, and only a yes stores something."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from calendarsync.models import Account, Calendar
from calendarsync.providers.google.sign_in import EVENTS_SCOPE, LIST_SCOPE
from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Connect, activate_calendar
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, BOB_AT_GOOGLE, Sandbox, sign_in, start_sign_in
from tests.calendarsync.together import at_once, shared_database
from tests.conftest import signed_in

START = reverse("calendar-connect", args=["google"])
CALLBACK = reverse("calendar-callback", args=["google"])


def accounts() -> list[Account]:
    with every_tenant():
        return list(Account.objects.select_related("owner", "tenant").order_by("pk"))


def state_of(auth_url: str) -> str:
    return parse_qs(urlsplit(auth_url).query)["state"][0]


def assert_refused(answer, sentence: str) -> None:
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert 'action="/calendar/connect/google/"' in answer.content.decode()


def test_signing_in_connects_the_mailbox_and_its_calendars(
    calendar_active: Tenant, alice: User, sandbox: Sandbox
):
    sandbox.control("calendars", mailbox=ALICE_AT_GOOGLE, summary="Holidays")

    answer = sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE)

    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("calendar"))
    [account] = accounts()
    assert (account.owner, account.address, account.tenant) == (alice, ALICE_AT_GOOGLE, alice.tenant)
    with every_tenant():
        calendars = list(Calendar.objects.values_list("name", "selected", "receives_new"))
    assert calendars == [(ALICE_AT_GOOGLE, True, True), ("Holidays", True, False)]


def test_sign_in_asks_for_offline_access_with_pkce(calendar_active: Tenant, alice: User, sandbox: Sandbox):
    query = parse_qs(urlsplit(start_sign_in(signed_in(alice))).query)

    assert query["code_challenge_method"] == ["S256"]
    assert query["access_type"] == ["offline"]
    assert set(query["scope"][0].split()) >= {EVENTS_SCOPE, LIST_SCOPE}


def test_tokens_are_not_readable_in_the_database(connected_account: Connect, alice: User):
    account = connected_account(alice, ALICE_AT_GOOGLE)

    assert account.credentials["refresh_token"]
    assert account.credentials["refresh_token"] not in account.sealed_credentials


def test_signing_in_again_keeps_the_row_and_adds_no_second(
    connected_account: Connect, alice: User, sandbox: Sandbox
):
    first = connected_account(alice, ALICE_AT_GOOGLE)

    sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE)

    assert [account.pk for account in accounts()] == [first.pk]


@pytest.mark.parametrize("number", ["9" * 19, "9" * 5000])
def test_account_nobody_has_is_not_reconnected(calendar_active: Tenant, alice: User, number: str):
    answer = signed_in(alice).post(START, {"account": number})

    assert answer.status_code == 404


def test_hint_to_the_provider_is_one_clean_line(calendar_active: Tenant, alice: User):
    answer = signed_in(alice).post(START, {"address": "\x00ann\r\n" + "x" * 5000})

    hint = parse_qs(urlsplit(answer.headers["Location"]).query)["login_hint"][0]
    assert (hint[:5], len(hint)) == ("ann x", 320)


def test_one_person_connects_two_mailboxes(connected_account: Connect, alice: User):
    connected_account(alice, ALICE_AT_GOOGLE)
    connected_account(alice, BOB_AT_GOOGLE)

    assert [account.address for account in accounts()] == [ALICE_AT_GOOGLE, BOB_AT_GOOGLE]


def test_forged_state_is_refused(calendar_active: Tenant, alice: User, sandbox: Sandbox):
    """S64."""
    browser = signed_in(alice)
    start_sign_in(browser)

    answer = browser.get(f"{CALLBACK}?{urlencode({'state': 'forged', 'code': 'anything'})}")

    assert_refused(answer, "This sign-in was not started here")
    assert accounts() == []


def test_a_callback_without_anything_is_refused(calendar_active: Tenant, alice: User, sandbox: Sandbox):
    """S64."""
    assert_refused(signed_in(alice).get(CALLBACK), "This sign-in was not started here")


def test_replayed_redirect_is_refused(calendar_active: Tenant, alice: User, sandbox: Sandbox):
    """S64."""
    browser = signed_in(alice)
    back = sandbox.consent(start_sign_in(browser), ALICE_AT_GOOGLE)
    browser.get(back)
    version = accounts()[0].cred_version

    answer = browser.get(back)

    assert_refused(answer, "This sign-in was not started here")
    assert [account.cred_version for account in accounts()] == [version]


def test_redirect_of_another_session_is_refused(
    calendar_active: Tenant, alice: User, bob: User, sandbox: Sandbox
):
    """S64."""
    back = sandbox.consent(start_sign_in(signed_in(alice)), ALICE_AT_GOOGLE)

    answer = signed_in(bob).get(back)

    assert_refused(answer, "This sign-in was not started here")
    assert accounts() == []


def test_redirect_of_another_tenant_is_refused(
    calendar_active: Tenant, alice: User, charlie: User, sandbox: Sandbox
):
    """S64."""
    activate_calendar(charlie.tenant)  # type: ignore[arg-type]
    back = sandbox.consent(start_sign_in(signed_in(alice)), ALICE_AT_GOOGLE)

    answer = signed_in(charlie).get(back)

    assert_refused(answer, "This sign-in was not started here")
    assert accounts() == []


def test_credentials_that_cannot_be_read_do_not_stop_a_reconnect(
    connected_account: Connect, alice: User, sandbox: Sandbox
):
    """S98: the key is lost, and the provider sends no refresh token this time."""
    account = connected_account(alice, ALICE_AT_GOOGLE)
    with every_tenant():
        Account.objects.update(sealed_credentials="not a secret", auth_state="reconnect")
    sandbox.control("tokens", drop_refresh_token=True)

    answer = sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE, account=account.pk)

    assert answer.status_code == 302
    assert [found.may_run for found in accounts()] == [True]


def test_two_redirects_at_the_same_moment_make_one_account(
    calendar_active: Tenant, alice: User, sandbox: Sandbox, transactional_db: None, tmp_path: Path
):
    """S98: two tabs, both finished."""
    browsers = [signed_in(alice), signed_in(alice)]
    backs = [(browser, sandbox.consent(start_sign_in(browser), ALICE_AT_GOOGLE)) for browser in browsers]

    with shared_database(tmp_path):
        answers = at_once(2, lambda: _finish(backs))

        assert answers == [302, 302]
        assert len(accounts()) == 1


def _finish(backs: list[tuple[Client, str]]) -> int:
    browser, back = backs.pop()
    return int(browser.get(back).status_code)


def test_expired_state_is_refused(calendar_active: Tenant, alice: User, sandbox: Sandbox):
    """S64."""
    browser = signed_in(alice)
    back = sandbox.consent(start_sign_in(browser), ALICE_AT_GOOGLE)

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        answer = browser.get(back)

    assert_refused(answer, "or took too long")
    assert accounts() == []


def test_denied_consent_connects_nothing(calendar_active: Tenant, alice: User, sandbox: Sandbox):
    """S64."""
    answer = sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE, sandbox_allow="0")

    assert_refused(answer, "You cancelled. Nothing was connected.")
    assert accounts() == []


@pytest.mark.parametrize("ticked", [[EVENTS_SCOPE], [LIST_SCOPE], ["openid"]])
def test_unticked_permission_is_explained(
    ticked: list[str], calendar_active: Tenant, alice: User, sandbox: Sandbox
):
    """S64."""
    answer = sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE, sandbox_scope=ticked)

    assert_refused(answer, "You did not tick the permission for your calendar")
    assert accounts() == []


def test_missing_approval_names_the_client_to_trust(calendar_active: Tenant, alice: User, sandbox: Sandbox):
    browser = signed_in(alice)
    query = {"state": state_of(start_sign_in(browser)), "error": "admin_policy_enforced"}

    answer = browser.get(f"{CALLBACK}?{urlencode(query)}")

    assert_refused(answer, "Your Google administrator must trust this app")
    assert "sandbox-client" in answer.content.decode()


@pytest.mark.parametrize("query", [{"error": "server_error"}, {"code": "not-a-code"}, {"code": ""}])
def test_a_useless_answer_of_the_provider_is_a_page(
    query: dict[str, str], calendar_active: Tenant, alice: User, sandbox: Sandbox
):
    browser = signed_in(alice)
    state = state_of(start_sign_in(browser))

    answer = browser.get(f"{CALLBACK}?{urlencode(query | {'state': state})}")

    assert_refused(answer, "The sign-in did not succeed.")
    assert accounts() == []


@pytest.mark.parametrize("path", ["/token", "calendarList"])
@pytest.mark.parametrize("fault", [{"status": 503}, {"body": "html"}, {"body": "reset"}])
def test_a_provider_that_fails_meanwhile_is_a_page(
    path: str, fault: dict[str, object], calendar_active: Tenant, alice: User, sandbox: Sandbox
):
    sandbox.control("faults", match={"path": path}, **fault)

    answer = sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE)

    assert_refused(answer, "Nothing was connected; please try again")
    assert accounts() == []


@pytest.mark.parametrize(
    ("status", "reason"), [(400, "badRequest"), (401, "authError"), (403, "forbidden"), (404, "notFound")]
)
def test_a_provider_that_refuses_its_own_fresh_grant_is_a_page(
    status: int, reason: str, calendar_active: Tenant, alice: User, sandbox: Sandbox
):
    sandbox.control("faults", match={"path": "calendarList"}, status=status, reason=reason)

    answer = sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE)

    assert_refused(answer, "Google does not answer properly. Nothing was connected")
    assert accounts() == []


def test_reconnect_keeps_the_row_and_its_calendars(connected_account: Connect, alice: User, sandbox: Sandbox):
    """S61."""
    account = connected_account(alice, ALICE_AT_GOOGLE)
    with every_tenant():
        kept = list(Calendar.objects.values_list("pk", flat=True))
        Account.objects.update(auth_state=Account.AuthState.RECONNECT, error_code="reconnect_needed")

    sign_in(signed_in(alice), sandbox, ALICE_AT_GOOGLE, account=account.pk)

    [revived] = accounts()
    assert (revived.pk, revived.auth_state, revived.error_code) == (account.pk, Account.AuthState.OK, "")
    with every_tenant():
        assert list(Calendar.objects.values_list("pk", flat=True)) == kept


def test_trying_again_after_a_refusal_still_reconnects_the_same_account(
    connected_account: Connect, alice: User, sandbox: Sandbox
):
    account = connected_account(alice, ALICE_AT_GOOGLE)
    browser = signed_in(alice)

    cancelled = sign_in(browser, sandbox, ALICE_AT_GOOGLE, account=account.pk, sandbox_allow="0")
    first = sign_in(browser, sandbox, ALICE_AT_GOOGLE, sandbox_allow="0")

    assert f'name="account" value="{account.pk}"' in cancelled.content.decode()
    assert 'name="account"' not in first.content.decode()


def test_a_mailbox_of_a_colleague_is_refused(
    connected_account: Connect, alice: User, bob: User, sandbox: Sandbox
):
    connected_account(alice, ALICE_AT_GOOGLE)

    answer = sign_in(signed_in(bob), sandbox, ALICE_AT_GOOGLE)

    assert_refused(answer, "A colleague already synchronises this mailbox.")
    assert [account.owner for account in accounts()] == [alice]


@pytest.mark.parametrize(
    ("ending", "sentence"),
    [
        ({"auth_state": "ended", "keeps_copies": True}, "keeps its appointments here"),
        ({"closing_since": timezone.now()}, "has just disconnected this mailbox"),
    ],
)
def test_a_mailbox_a_colleague_left_is_refused_until_its_copies_are_gone(
    ending: dict[str, object],
    sentence: str,
    connected_account: Connect,
    alice: User,
    bob: User,
    sandbox: Sandbox,
):
    connected_account(alice, ALICE_AT_GOOGLE)
    with every_tenant():
        Account.objects.update(**ending)

    answer = sign_in(signed_in(bob), sandbox, ALICE_AT_GOOGLE)

    assert_refused(answer, sentence)
    assert [account.owner for account in accounts()] == [alice]


def test_another_tenant_connects_the_same_mailbox_and_shares_nothing(
    connected_account: Connect, alice: User, charlie: User
):
    """S85."""
    connected_account(alice, ALICE_AT_GOOGLE)
    connected_account(charlie, ALICE_AT_GOOGLE)

    assert [account.owner for account in accounts()] == [alice, charlie]
    with every_tenant():
        owners = set(Calendar.objects.values_list("account__owner", "tenant"))
    assert owners == {(alice.pk, alice.tenant_id), (charlie.pk, charlie.tenant_id)}


def test_nobody_reconnects_the_account_of_somebody_else(
    connected_account: Connect, alice: User, bob: User, charlie: User
):
    account = connected_account(alice, ALICE_AT_GOOGLE)
    activate_calendar(charlie.tenant)  # type: ignore[arg-type]

    for other in (bob, charlie):
        answer = signed_in(other).post(reverse("calendar-connect", args=["google"]), {"account": account.pk})
        assert answer.status_code == 404


@pytest.mark.parametrize("account", ["999999999999999999999999", "²", "abc", "-1"])
def test_an_account_that_is_no_id_is_no_error(
    account: str, calendar_active: Tenant, alice: User, sandbox: Sandbox
):
    answer = signed_in(alice).post(reverse("calendar-connect", args=["google"]), {"account": account})

    assert answer.status_code in (302, 404)


def test_an_unknown_provider_does_not_exist(calendar_active: Tenant, alice: User):
    browser = signed_in(alice)

    assert browser.post(reverse("calendar-connect", args=["hooli"])).status_code == 404
    assert browser.get(reverse("calendar-callback", args=["hooli"])).status_code == 404


def test_without_the_module_there_is_nothing_to_connect(alice: User):
    browser = signed_in(alice)

    assert browser.post(reverse("calendar-connect", args=["google"])).status_code == 404
    assert browser.get(reverse("calendar-sync")).status_code == 404


def test_a_stranger_is_sent_to_the_login(db: None):
    assert Client().post(reverse("calendar-connect", args=["google"])).status_code == 302
