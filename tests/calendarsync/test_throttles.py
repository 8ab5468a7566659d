"""A provider that limits us or fails for long: the mailbox waits, ever longer, and never for ever."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from calendarsync.engine import pull
from calendarsync.engine.run import Outcome
from calendarsync.engine.session import Session
from calendarsync.models import Account, Calendar
from marketplace.tenancy import every_tenant
from tests.calendarsync.driving import make_due, primary, titles
from tests.calendarsync.failing import at, break_primary, reread, run_primary, run_team
from tests.calendarsync.rows import HOUR, MINUTE
from tests.calendarsync.stand_in import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
Phase = Calendar.Phase
SECONDS = timedelta(seconds=1)


@pytest.fixture
def account(team_account: Account) -> Account:
    """Alice's mailbox; see team_account."""
    return team_account


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [
        ({"status": 429, "retry_after": 90}, 90, 99),
        ({"status": 403, "reason": "userRateLimitExceeded", "retry_after": 90}, 90, 99),
        ({"status": 403, "reason": "dailyLimitExceeded"}, 30, 60),
        ({"status": 429}, 30, 60),
        ({"status": 429, "retry_after": 0}, 1, 2),
        ({"status": 429, "retry_after": "soon"}, 30, 60),
        ({"status": 429, "retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 1, 2),
        ({"status": 429, "retry_after": 99_999_999}, 86_400, 96_000),
    ],
    ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_throttle_holds_the_whole_mailbox_and_is_no_failure(
    sandbox: Sandbox, account: Account, fault: dict[str, Any], least: int, most: int
) -> None:
    """S66: seconds, a date, 0, missing or nonsense; progress and data stay."""
    began = timezone.now()
    break_primary(sandbox, **fault)

    run_primary(account)

    blocked = reread(account).blocked_until
    assert blocked is not None
    assert least * SECONDS <= blocked - began <= most * SECONDS + MINUTE
    assert (primary(account).failures, primary(account).error_code) == (0, "")
    assert least < 5 or run_team(account) is Outcome.NOT_CLAIMED
    assert titles(account) == {"Here"}


def test_provider_that_throttles_again_and_again_is_asked_ever_more_rarely(
    sandbox: Sandbox, account: Account
) -> None:
    """S66: it says "in a second" each time; throttles are no failures, and yet this is no busy loop."""
    break_primary(sandbox, status=429, retry_after=1)
    now = timezone.now()
    sandbox.forget("log")

    for _ in range(40):
        pull.run_lane(primary(account).pk, clock=at(now))
        now = max(now + 5 * SECONDS, reread(account).blocked_until or now)
        with every_tenant():
            Calendar.objects.filter(account=account).update(next_poll_at=now - SECONDS)

    waits = (reread(account).blocked_until or now) - now
    assert waits <= HOUR
    assert now - timezone.now() > 20 * HOUR


def test_shorter_throttle_does_not_cut_a_longer_one_short(sandbox: Sandbox, account: Account) -> None:
    """S66: two calendars are refused at the same moment."""
    break_primary(sandbox, status=429, retry_after=5)
    later = timezone.now() + HOUR
    real = Session.pull

    def refused_meanwhile(session: Session, *asked: Any) -> Any:
        with every_tenant():
            Account.objects.filter(pk=account.pk).update(blocked_until=later)
        return real(session, *asked)

    make_due(account)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "pull", refused_meanwhile)
        pull.run_lane(primary(account).pk)

    assert reread(account).blocked_until == later


def test_throttle_after_a_quiet_time_is_a_new_one(sandbox: Sandbox, account: Account) -> None:
    break_primary(sandbox, status=429, retry_after=600)
    now = timezone.now()
    run_primary(account, clock=at(now))
    sandbox.forget("faults")
    break_primary(sandbox, status=429)
    with every_tenant():
        Calendar.objects.filter(account=account).update(next_poll_at=now, not_before=None)

    pull.run_lane(primary(account).pk, clock=at(now + 3 * HOUR))

    blocked = reread(account).blocked_until
    assert blocked is not None
    assert blocked - now <= 3 * HOUR + 61 * SECONDS


# Passing trouble


def test_trouble_that_lasts_is_tried_ever_more_rarely_and_for_ever(
    sandbox: Sandbox, account: Account
) -> None:
    """TRANSIENT: half a day of 503 is an hour's wait at most, and the first good answer ends it."""
    break_primary(sandbox, status=503)
    now = start = timezone.now()
    tries = 0
    while now - start < 12 * HOUR:
        with every_tenant():
            waiting = Calendar.objects.get(pk=primary(account).pk)
        now = max(now, waiting.not_before or now)
        with every_tenant():
            Calendar.objects.filter(pk=waiting.pk).update(next_poll_at=now)
        pull.run_lane(waiting.pk, clock=at(now))
        waits = (primary(account).not_before or now) - now
        assert SECONDS <= waits <= HOUR
        tries += 1
    assert 12 <= tries <= 100
    sandbox.forget("faults")

    assert run_primary(account) is Outcome.DONE
    assert primary(account).failures == 0
