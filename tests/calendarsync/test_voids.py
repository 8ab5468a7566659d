"""A provider that voids our position again and again gets a few complete readings a day, and no busy loop."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from structlog.testing import capture_logs

from calendarsync.engine import pull
from calendarsync.models import Account, Calendar, Cursor, Signal, SyncRun
from marketplace.models import User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Connect
from tests.calendarsync.driving import drain, event_named, primary, sync, titles
from tests.calendarsync.rows import DAY, HOUR, MINUTE
from tests.calendarsync.stand_in import ALICE_AT_GOOGLE, Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
Phase = Calendar.Phase


@pytest.fixture
def account(alice: User, connected_account: Connect, sandbox: Sandbox) -> Account:
    """Alice's mailbox with one event of next week, completely read."""
    account = connected_account(alice, ALICE_AT_GOOGLE)
    sandbox.add_event(ALICE_AT_GOOGLE, "Here", (timezone.now() + 7 * DAY).isoformat())
    drain()
    return account


def void_every_sync_token(sandbox: Sandbox) -> None:
    sandbox.control("faults", match={"query": "syncToken="}, status=410, reason="fullSyncRequired")


def look(calendar: Calendar, now: datetime) -> None:
    """A notification at that moment, and what follows it."""
    with every_tenant():
        Signal.objects.filter(calendar=calendar).update(dirty_seq=F("dirty_seq") + 1)
    for _ in range(3):
        pull.run_lane(calendar.pk, clock=lambda: now)


def readings_by_day(start: datetime) -> Counter[int]:
    """Complete readings after the first, by the day since `start` in which they ended."""
    with every_tenant():
        done = SyncRun.objects.filter(phase=Phase.RESYNC, outcome="done")
        return Counter((ended - start).days for ended in done.values_list("finished_at", flat=True))


@pytest.mark.slow
def test_token_voided_every_time_leads_to_a_few_complete_readings_a_day(sandbox: Sandbox, account: Account):
    """S14: notified every quarter of an hour for two days, and every answer is 410."""
    kept, start = event_named(account, "Here").pk, timezone.now()
    void_every_sync_token(sandbox)
    sandbox.forget("log")

    for minutes in range(0, 2 * 24 * 60, 15):
        if minutes == 30 * 60:
            sandbox.add_event(ALICE_AT_GOOGLE, "Added meanwhile", (start + 8 * DAY).isoformat())
        look(primary(account), start + timedelta(minutes=minutes))

    assert all(3 <= readings_by_day(start)[day] <= 6 for day in range(2))
    assert len([each for each in sandbox.look("log")["requests"] if "/events" in each["path"]]) <= 2 * 6 * 4
    assert titles(account) == {"Here", "Added meanwhile"}
    assert event_named(account, "Here").pk == kept


def test_third_void_of_a_day_postpones_the_reading_and_says_so(sandbox: Sandbox, account: Account):
    """S14: the state names the moment, the operator is told, and not even a notification comes before it."""
    void_every_sync_token(sandbox)
    start = timezone.now()
    for minutes in (0, 10):
        look(primary(account), start + minutes * MINUTE)
    sandbox.forget("log")

    with capture_logs() as logs:
        for minutes in range(20, 300, 10):
            look(primary(account), start + minutes * MINUTE)

    calendar = primary(account)
    assert (calendar.phase, calendar.error_code, calendar.voids) == (Phase.LIVE, "voided_often", 3)
    assert calendar.not_before is not None
    assert 6 * HOUR <= calendar.not_before - start <= 7 * HOUR
    asked = [each["path"] for each in sandbox.look("log")["requests"] if "/events" in each["path"]]
    assert len(asked) == 1
    told = [line for line in logs if line["event"] == "readings_voided_often"]
    assert [(line["log_level"], line["calendar"]) for line in told] == [("warning", calendar.pk)]


def test_postponed_reading_still_happens_and_the_lane_recovers(sandbox: Sandbox, account: Account):
    """S14"""
    void_every_sync_token(sandbox)
    start = timezone.now()
    for minutes in (0, 10, 20):
        look(primary(account), start + minutes * MINUTE)
    sandbox.add_event(ALICE_AT_GOOGLE, "Late", (start + 8 * DAY).isoformat())

    look(primary(account), start + 8 * HOUR)

    assert titles(account) == {"Here", "Late"}
    assert (primary(account).phase, primary(account).error_code) == (Phase.LIVE, "")


def test_one_void_a_day_is_followed_at_once_however_long_that_lasts(sandbox: Sandbox, account: Account):
    """S14: a calendar whose sharing changes daily."""
    void_every_sync_token(sandbox)
    start = timezone.now()

    for day in range(9):
        look(primary(account), start + day * DAY)

        assert primary(account).error_code == ""
    assert readings_by_day(start) == Counter(range(9))


def test_quiet_day_lets_the_count_begin_anew(sandbox: Sandbox, account: Account):
    """S14"""
    void_every_sync_token(sandbox)
    start = timezone.now()
    for minutes in (0, 10, 20):
        look(primary(account), start + minutes * MINUTE)
    sandbox.forget("faults")
    look(primary(account), start + 8 * HOUR)
    void_every_sync_token(sandbox)

    look(primary(account), start + 2 * DAY)

    assert (primary(account).voids, primary(account).error_code) == (1, "")


@pytest.mark.parametrize("phase", [Phase.FULL, Phase.RESYNC])
def test_page_tokens_that_never_hold_do_not_make_a_busy_loop(
    sandbox: Sandbox, account: Account, phase: Phase
):
    """S12, S14: every reading breaks off at its second page."""
    for number in range(40):
        sandbox.add_event(ALICE_AT_GOOGLE, f"Event {number}", (timezone.now() + number * HOUR).isoformat())
    sync(account)
    before = titles(account)
    sandbox.control("pages", size=10)
    sandbox.control("faults", match={"query": "pageToken="}, status=400, reason="invalid")
    with every_tenant():
        Calendar.objects.filter(account=account).update(phase=phase)
        Cursor.objects.filter(calendar=primary(account), stream="full").update(params_hash="")
    sandbox.forget("log")
    start = timezone.now()

    for minutes in range(0, 120, 10):
        look(primary(account), start + minutes * MINUTE)

    asked = [each["path"] for each in sandbox.look("log")["requests"] if "maxResults=2500" in each["path"]]
    assert len([path for path in asked if "fields=nextPageToken%2Cnext" in path]) <= 8
    assert primary(account).error_code == "voided_often"
    assert titles(account) == before


def test_pages_that_lead_in_a_circle_do_not_make_a_busy_loop(
    sandbox: Sandbox, account: Account, monkeypatch: pytest.MonkeyPatch
):
    """The provider's next page is one we had before, without end."""
    circle = '{"items": [], "nextPageToken": "round"}'
    sandbox.control("faults", match={"path": "/events"}, body=circle)
    sandbox.forget("log")
    start = timezone.now()

    for minutes in range(0, 120, 10):
        look(primary(account), start + minutes * MINUTE)

    assert len([each for each in sandbox.look("log")["requests"] if "/events" in each["path"]]) <= 20
    assert primary(account).error_code == "voided_often"
    assert titles(account) == {"Here"}
