"""Google's own Flow and Credentials against the stand-in: consent, exchange, refresh, revoke."""

import base64
import html
import json
import re

import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2 import id_token
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError

from tests.sandbox.conftest import DAAN, REDIRECT, SANNE, answered, consent_url

CALENDAR = "https://www.googleapis.com/auth/calendar"
EVENTS = f"{CALENDAR}.events"


def allow(sandbox, **params):
    url = consent_url(sandbox, sandbox_user=SANNE, sandbox_allow="1", **params)
    return answered(requests.get(url, allow_redirects=False, timeout=10).headers["location"])


def exchange(sandbox, code, **fields):
    usual = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    auth = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
    return requests.post(f"{sandbox.url}/token", data=usual | auth | fields, timeout=10)


def test_flow_signs_in_with_pkce_and_basic_authentication(sandbox):
    credentials = sandbox.sign_in(SANNE)

    assert credentials.token.startswith("ya29.")
    assert credentials.refresh_token.startswith("1//")
    assert set(credentials.granted_scopes) == {"openid", "email", CALENDAR}


def test_refresh_gives_a_new_access_token_and_keeps_the_refresh_token(sandbox):
    credentials = sandbox.sign_in(SANNE)
    before, refresh = credentials.token, credentials.refresh_token

    credentials.refresh(Request())

    assert credentials.token != before
    assert credentials.refresh_token == refresh


def test_id_token_is_signed_by_the_published_key(sandbox):
    token = sandbox.sign_in(SANNE).id_token

    claims = id_token.verify_token(
        token, Request(), audience="sandbox-client", certs_url=f"{sandbox.url}/oauth2/v1/certs"
    )

    assert (claims["email"], claims["name"]) == (SANNE, "Sanne de Vries")
    assert claims["sub"].isdigit()
    assert claims["iss"] == "https://accounts.google.com"
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    keys = requests.get(f"{sandbox.url}/oauth2/v3/certs", timeout=10).json()["keys"]
    assert header == {"alg": "RS256", "kid": keys[0]["kid"], "typ": "JWT"}


def test_a_person_chooses_an_account_and_ticks_scopes(sandbox):
    browser = requests.Session()
    accounts = browser.get(
        consent_url(sandbox, scope=f"openid {EVENTS} {CALENDAR}.freebusy"), timeout=10
    ).text
    link = next(url for url in re.findall(r'href="(/o/oauth2[^"]+)"', accounts) if "sanne" in url)
    page = browser.get(sandbox.url + html.unescape(link), timeout=10).text
    (action,) = map(html.unescape, re.findall(r'action="([^"]+)"', page))

    form = {"account": SANNE, "scope": EVENTS, "decision": "allow"}
    answer = browser.post(sandbox.url + action, data=form, allow_redirects=False, timeout=10)

    back = answered(answer.headers["location"])
    assert back["state"] == "s-1"
    assert back["scope"] == f"openid {EVENTS}"
    assert exchange(sandbox, back["code"]).json()["scope"] == f"openid {EVENTS}"
    browser.close()


def test_denied_consent_returns_to_the_app_with_an_error(sandbox):
    url = consent_url(sandbox, sandbox_user=SANNE, sandbox_allow="0")

    back = answered(requests.get(url, allow_redirects=False, timeout=10).headers["location"])

    assert back == {"state": "s-1", "error": "access_denied"}


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"client_id": "stranger"}, "invalid_client"),
        ({"redirect_uri": "https://crm.example/callback"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://[broken"}, "redirect_uri_mismatch"),
        ({"scope": ""}, "invalid_request"),
        ({"scope": "https://www.googleapis.com/auth/drive"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_wrong_request_is_an_error_page_and_never_a_redirect(sandbox, params, error):
    answer = requests.get(consent_url(sandbox, **params), allow_redirects=False, timeout=10)

    assert answer.status_code == 400
    assert "text/html" in answer.headers["content-type"]
    assert error in answer.text


def test_code_works_once(sandbox):
    code = allow(sandbox)["code"]

    first, second = exchange(sandbox, code), exchange(sandbox, code)

    assert first.status_code == 200
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")


def test_code_is_bound_to_redirect_client_and_verifier(sandbox):
    plain = {"code_challenge": "v" * 50, "code_challenge_method": "plain"}

    assert exchange(sandbox, allow(sandbox)["code"], redirect_uri="http://127.0.0.1:2/").json()["error"] == (
        "redirect_uri_mismatch"
    )
    assert exchange(sandbox, allow(sandbox, **plain)["code"]).json()["error"] == "invalid_grant"
    assert exchange(sandbox, allow(sandbox, **plain)["code"], code_verifier="w" * 50).status_code == 400
    assert exchange(sandbox, allow(sandbox, **plain)["code"], code_verifier="v" * 50).status_code == 200


def test_old_code_is_refused(sandbox):
    code = allow(sandbox)["code"]

    sandbox.control("clock", seconds=121)

    assert exchange(sandbox, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("fields", [{"client_secret": "wrong"}, {"client_id": "stranger"}])
def test_wrong_client_is_401(sandbox, fields):
    answer = exchange(sandbox, "4/x", **fields)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_refresh_token_comes_with_the_first_offline_consent_or_a_forced_one(sandbox):
    offline = {"access_type": "offline"}

    assert "refresh_token" not in exchange(sandbox, allow(sandbox)["code"]).json()
    sandbox.control("grants/revoke", mailbox=SANNE)
    assert "refresh_token" in exchange(sandbox, allow(sandbox, **offline)["code"]).json()
    assert "refresh_token" not in exchange(sandbox, allow(sandbox, **offline)["code"]).json()
    forced = allow(sandbox, prompt="consent", **offline)
    assert "refresh_token" in exchange(sandbox, forced["code"]).json()


def test_earlier_scopes_are_added_only_on_request(sandbox):
    allow(sandbox, scope=f"openid {EVENTS}")

    alone = allow(sandbox, scope=f"{CALENDAR}.freebusy")
    together = allow(sandbox, scope=f"{CALENDAR}.freebusy", include_granted_scopes="true")

    assert alone["scope"] == f"{CALENDAR}.freebusy"
    assert set(together["scope"].split()) == {f"{CALENDAR}.freebusy", "openid", EVENTS}


def test_revoked_grant_ends_refresh_and_access(sandbox):
    credentials = sandbox.sign_in(SANNE)

    answer = requests.post(f"{sandbox.url}/revoke", data={"token": credentials.refresh_token}, timeout=10)

    assert answer.status_code == 200
    with pytest.raises(RefreshError) as caught:
        credentials.refresh(Request())
    assert caught.value.args[1] == {
        "error": "invalid_grant",
        "error_description": "Token has been expired or revoked.",
    }
    again = requests.post(f"{sandbox.url}/revoke?token={credentials.token}", timeout=10)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")


def test_revoking_one_person_leaves_the_other(sandbox):
    sanne, daan = sandbox.sign_in(SANNE), sandbox.sign_in(DAAN)

    sandbox.control("grants/revoke", mailbox=SANNE)

    daan.refresh(Request())
    with pytest.raises(RefreshError):
        sanne.refresh(Request())


def test_client_refreshes_by_itself_when_the_access_token_ran_out(sandbox):
    service = sandbox.service(SANNE)
    sandbox.control("tokens/expire", mailbox=SANNE)

    page = service.calendarList().list().execute()

    assert page["items"][0]["id"] == SANNE


def test_userinfo_and_tokeninfo_tell_who_it_is(sandbox):
    token = sandbox.sign_in(SANNE, ["openid", "email", "profile", EVENTS]).token

    me = requests.get(
        f"{sandbox.url}/v1/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=10
    ).json()
    info = requests.get(f"{sandbox.url}/tokeninfo", params={"access_token": token}, timeout=10).json()

    assert (me["email"], me["name"], me["email_verified"]) == (SANNE, "Sanne de Vries", True)
    assert info["aud"] == "sandbox-client"
    assert 0 < int(info["expires_in"]) <= 3599
    assert requests.get(f"{sandbox.url}/v1/userinfo", timeout=10).status_code == 401


def test_control_withholds_scopes_and_refresh_tokens(sandbox):
    sandbox.control("tokens", drop_refresh_token=True, withheld_scopes=["calendar.freebusy"])

    credentials = sandbox.sign_in(SANNE, ["openid", EVENTS, f"{CALENDAR}.freebusy"])

    assert credentials.refresh_token is None
    assert credentials.granted_scopes == ["openid", EVENTS]
    requests.delete(f"{sandbox.url}/control/faults", timeout=10)


def test_flow_reports_a_used_code_as_invalid_grant(sandbox):
    flow = sandbox.flow()
    url, _ = flow.authorization_url(sandbox_user=SANNE, sandbox_allow="1")
    location = requests.get(url, allow_redirects=False, timeout=10).headers["location"]
    flow.fetch_token(authorization_response=location)

    with pytest.raises(InvalidGrantError):
        flow.fetch_token(authorization_response=location)

    flow.oauth2session.close()


def test_discovery_points_at_this_server(sandbox):
    found = requests.get(f"{sandbox.url}/.well-known/openid-configuration", timeout=10).json()

    assert found["token_endpoint"] == f"{sandbox.url}/token"
    assert found["authorization_endpoint"] == f"{sandbox.url}/o/oauth2/v2/auth"
