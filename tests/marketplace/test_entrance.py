"""Coming in and going out."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from marketplace.models import Tenant, User
from marketplace.services.sessions import end_sessions
from tests.conftest import signed_in
from tests.people import make_user

LOGIN = reverse("login")


def attempt(browser: Client, email: str = "alice@linden.example", password: str = "wrong", **more: str):
    return browser.post(LOGIN, {"username": email, "password": password, **more})


def test_a_wrong_password_keeps_the_address(alice: User):
    response = attempt(Client())

    assert 'value="alice@linden.example"' in response.content.decode()
    assert "do not belong together" in response.content.decode()


def test_a_known_and_an_unknown_address_get_the_same_sentence(alice: User):
    known = attempt(Client())
    unknown = attempt(Client(), email="nobody@linden.example")

    assert known.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()


@pytest.mark.parametrize("page", ["/login/", "/admin/login/"])
def test_an_endless_address_is_nobodys(page: str, db: None):
    answer = Client().post(page, {"username": "x" * 100_000, "password": "x"})

    assert answer.status_code in (200, 422)


def test_the_address_may_be_typed_in_any_case(alice: User):
    response = attempt(Client(), email="ALICE@Linden.example", password="alice")

    assert response.status_code == 302


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/profile/", "/profile/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_next_leads_only_within_this_site(wanted: str, reached: str, alice: User):
    response = attempt(Client(), password="alice", next=wanted)

    assert response["Location"] == reached


def test_somebody_who_left_cannot_log_in(alice: User):
    User.objects.with_scope(tenant=alice.tenant).filter(pk=alice.pk).update(is_active=False)  # type: ignore[attr-defined]

    assert attempt(Client(), password="alice").status_code == 200


@pytest.mark.parametrize("reason", ["activated", "deactivated"])
def test_the_login_page_says_why_one_has_to_log_in_again(reason: str, db: None):
    response = Client().get(LOGIN, {"reason": reason})

    assert f"Calendar 2.0 was {reason}" in response.content.decode()


def test_a_made_up_reason_is_not_shown(db: None):
    response = Client().get(LOGIN, {"reason": "<b>hello</b>"})

    assert response.context["reason"] == ""
    assert 'class="notice' not in response.content.decode()


@pytest.mark.usefixtures("alice")
def test_guessing_is_paused_and_the_page_says_for_how_long(settings: Settings):
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 3
    browser = Client()

    for _guess in range(3):
        response = attempt(browser)
    right_but_too_late = attempt(browser, password="alice")

    assert response.status_code == right_but_too_late.status_code == 429
    assert "Try again in 15 minutes" in response.content.decode()


@pytest.mark.usefixtures("alice")
def test_letter_case_does_not_buy_more_guesses(settings: Settings):
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 3
    browser = Client()

    for email in ("alice@linden.example", "Alice@linden.example", " ALICE@linden.example"):
        response = attempt(browser, email=email)

    assert response.status_code == 429


@pytest.mark.usefixtures("alice", "bob")
def test_a_paused_account_does_not_lock_out_a_colleague(settings: Settings):
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 3
    for _guess in range(3):
        attempt(Client())

    response = attempt(Client(), email="bob@linden.example", password="bob")

    assert response.status_code == 302


def test_logging_out_takes_a_post(alice: User):
    browser = signed_in(alice)

    assert browser.get(reverse("logout")).status_code == 405
    assert browser.post(reverse("logout"))["Location"] == LOGIN
    assert browser.get(reverse("profile")).status_code == 302


def test_an_ended_session_leads_back_to_where_one_was(alice: User, tenant: Tenant):
    browser = signed_in(alice)
    end_sessions(tenant=tenant, reason=Tenant.SessionReason.DEACTIVATED)

    response = browser.get("/profile/?tab=1")

    assert response["Location"] == f"{LOGIN}?reason=deactivated&next=%2Fprofile%2F%3Ftab%3D1"


def test_an_ended_session_does_not_lead_back_to_a_form_that_was_being_sent(alice: User, tenant: Tenant):
    browser = signed_in(alice)
    end_sessions(tenant=tenant, reason=Tenant.SessionReason.ACTIVATED)

    response = browser.post("/profile/", {})

    assert response["Location"] == f"{LOGIN}?reason=activated"


def test_an_ended_session_tells_scripts_in_json(alice: User, tenant: Tenant):
    browser = signed_in(alice)
    end_sessions(tenant=tenant, reason=Tenant.SessionReason.ACTIVATED)

    response = browser.get("/api/v1/me/")

    assert response.status_code == 401
    assert response.json()["code"] == "session_ended"


def test_an_ended_session_moves_the_whole_page_of_a_fragment(alice: User, tenant: Tenant):
    browser = signed_in(alice)
    end_sessions(tenant=tenant, reason=Tenant.SessionReason.ACTIVATED)

    response = browser.get("/profile/", headers={"HX-Request": "true"})

    assert response["HX-Redirect"] == f"{LOGIN}?reason=activated"


def test_a_fragment_without_login_moves_the_whole_page_to_the_login(db: None):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/profile/?tab=1"}

    response = Client().get("/profile/", headers=headers, follow=True)

    assert response["HX-Redirect"] == f"{LOGIN}?next=%2Fprofile%2F%3Ftab%3D1"


def test_a_visitor_chooses_the_language_of_the_login_page(db: None):
    browser = Client()

    browser.post(reverse("language"), {"language": "nl", "next": LOGIN})

    assert '<html lang="nl"' in browser.get(LOGIN).content.decode()


def test_a_member_keeps_the_chosen_language(alice: User):
    browser = signed_in(alice)

    browser.post(reverse("language"), {"language": "nl", "next": "/profile/"})

    alice.refresh_from_db()
    assert alice.language == "nl"
    assert '<html lang="nl"' in browser.get("/profile/").content.decode()


def test_an_unknown_language_changes_nothing(alice: User):
    signed_in(alice).post(reverse("language"), {"language": "xx", "next": "/profile/"})

    alice.refresh_from_db()
    assert alice.language == "en"


def test_an_operator_without_tenant_is_led_to_the_admin(db: None):
    operator = User.objects.create_superuser(email="root@ops.example", password="root", name="Operator")
    browser = Client()
    attempt(browser, email=operator.email, password="root")

    assert browser.get("/profile/")["Location"] == reverse("admin:index")
    assert browser.get(reverse("admin:marketplace_user_changelist")).status_code == 200


def test_pages_for_what_is_missing_or_forged_have_a_way_on(alice: User):
    missing = signed_in(alice).get("/nowhere/")
    forged = Client(enforce_csrf_checks=True).post(LOGIN, {"username": "a", "password": "b"})

    assert missing.status_code == 404
    assert "There is nothing at this address" in missing.content.decode()
    assert forged.status_code == 403
    assert "Please send this form again" in forged.content.decode()


def test_two_people_of_one_name_have_sessions_of_their_own(tenant: Tenant, other_tenant: Tenant):
    here, there = make_user(tenant, "Dana"), make_user(other_tenant, "Dana")

    assert signed_in(here).get("/api/v1/me/").json()["tenant"] == tenant.name
    assert signed_in(there).get("/api/v1/me/").json()["tenant"] == other_tenant.name
