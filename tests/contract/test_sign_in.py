"""Signing in, staying signed in, and losing the grant, at every provider."""

import time
from contextlib import closing

import pytest

from calendarsync.domain import Position
from calendarsync.errors import AccessExpired, PermissionMissing, ReconnectNeeded, Unavailable
from calendarsync.providers.base import SignInRefused
from tests.contract.rig import Rig


def test_sign_in_says_who_it_is_and_opens_the_mailbox(rig: Rig) -> None:
    grant = rig.sign_in()

    assert grant.address == rig.address
    assert grant.subject
    assert rig.asked() == rig.expected_requests["sign in"]
    with closing(rig.provider.open(grant.credentials)) as mailbox:
        assert mailbox.pull(rig.calendar, rig.zone, Position()).items == ()


def test_second_sign_in_is_the_same_subject(rig: Rig) -> None:
    assert rig.sign_in().subject == rig.sign_in().subject


def test_no_of_the_user_is_a_refusal(rig: Rig) -> None:
    """S64"""
    with pytest.raises(SignInRefused) as refused:
        rig.sign_in(refuse=True)

    assert refused.value.code == "denied"


def test_missing_permission_is_noticed_at_once(rig: Rig) -> None:
    """S64"""
    with pytest.raises(PermissionMissing):
        rig.sign_in(withhold_calendar=True)


def test_fresh_credentials_need_no_refresh_and_old_ones_do(rig: Rig) -> None:
    credentials = rig.sign_in().credentials

    assert not rig.provider.needs_refresh(credentials, time.time())
    assert rig.provider.needs_refresh(credentials, time.time() + 30 * 86_400)


def test_ended_access_is_renewed_by_a_refresh(rig: Rig) -> None:
    grant = rig.sign_in()
    rig.end_access()
    with closing(rig.provider.open(grant.credentials)) as old, pytest.raises(AccessExpired):
        old.pull(rig.calendar, rig.zone, Position())
    rig.asked()

    renewed = rig.provider.refresh(grant.credentials)

    assert rig.asked() == rig.expected_requests["refresh"]
    with closing(rig.provider.open(renewed)) as mailbox:
        assert mailbox.pull(rig.calendar, rig.zone, Position()).items == ()


def test_refresh_can_be_refreshed_again(rig: Rig) -> None:
    """S63: what an answer leaves out is kept."""
    renewed = rig.provider.refresh(rig.sign_in().credentials)

    again = rig.provider.refresh(renewed)

    with closing(rig.provider.open(again)) as mailbox:
        assert mailbox.pull(rig.calendar, rig.zone, Position()).items == ()


def test_withdrawn_grant_needs_the_user(rig: Rig) -> None:
    """S61"""
    grant = rig.sign_in()
    rig.withdraw_grant()

    with pytest.raises(ReconnectNeeded):
        rig.provider.refresh(grant.credentials)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_failing_sign_in_server_is_a_delay(rig: Rig, status: int) -> None:
    """S65"""
    grant = rig.sign_in()
    rig.sign_in_fails(status)

    with pytest.raises(Unavailable):
        rig.provider.refresh(grant.credentials)
    with pytest.raises(Unavailable):
        rig.sign_in()


def test_revoked_grant_is_dead_and_revoking_again_is_fine(rig: Rig) -> None:
    grant = rig.sign_in()

    rig.provider.revoke(grant.credentials)
    rig.provider.revoke(grant.credentials)

    with pytest.raises(ReconnectNeeded):
        rig.provider.refresh(grant.credentials)
