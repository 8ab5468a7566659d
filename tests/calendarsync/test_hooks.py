"""Webhooks: a stranger's knock costs nothing and tells nothing; a known one raises a signal."""

import string
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from calendarsync import strangers
from calendarsync.channel_secret import hash_of, new_secret
from calendarsync.models import Calendar, Channel, Signal
from marketplace.models import Tenant, User
from marketplace.tenancy import every_tenant
from tests.calendarsync.conftest import Published
from tests.calendarsync.rows import DAY, HOUR, MINUTE, make_account, make_calendar

HOOK = reverse("hook", args=["google"])
SECRET = "only-google-knows"
# One for all knocks: making one reads all static files.
PROVIDER = Client()
# What a transaction costs inside the one of the test.
SAVEPOINTS = 2


@pytest.fixture
def calendar(calendar_active: Tenant, alice: User) -> Calendar:
    """A calendar of Alice's that is not due."""
    return make_calendar(make_account(alice), next_poll_at=timezone.now() + DAY)


@pytest.fixture
def channel(calendar: Calendar) -> Channel:
    """Its push channel, whose handshake has arrived. Its secret is not signed: the slow way of a stranger."""
    return open_channel(calendar)


@pytest.fixture
def signed(calendar: Calendar) -> tuple[Channel, str]:
    """A push channel as we open them, with its secret."""
    channel_id = uuid.uuid4()
    secret = new_secret(str(channel_id))
    return open_channel(calendar, channel_id=channel_id, secret_hash=hash_of(secret)), secret


def open_channel(calendar: Calendar, **fields: Any) -> Channel:
    usual: dict[str, Any] = {"secret_hash": hash_of(SECRET), "state": "active", "resource_id": "r"}
    usual |= {"expires_at": timezone.now() + DAY, "renew_at": timezone.now() + DAY}
    usual |= {
        "verified_at": timezone.now() - HOUR,
        "last_message_at": timezone.now() - HOUR,
        "last_number": 1,
    }
    with every_tenant():
        return Channel.objects.create(tenant=calendar.tenant, calendar=calendar, **usual | fields)


def headers_of(channel: Channel, **changes: str | None) -> dict[str, str]:
    """The headers of a genuine notification; a change to None leaves one out."""
    genuine = {
        "X-Goog-Channel-ID": str(channel.channel_id),
        "X-Goog-Channel-Token": SECRET,
        "X-Goog-Message-Number": "7",
        "X-Goog-Resource-ID": "r",
        "X-Goog-Resource-State": "exists",
        "X-Goog-Resource-URI": "https://www.googleapis.com/calendar/v3/calendars/x/events?alt=json",
    }
    merged = genuine | {f"X-Goog-{name.replace('_', '-')}": value for name, value in changes.items()}
    return {name: value for name, value in merged.items() if value is not None}


def knock(channel: Channel, body: bytes = b"", **changes: Any) -> int:
    answer = PROVIDER.post(
        HOOK, body, content_type="application/octet-stream", headers=headers_of(channel, **changes)
    )
    assert answer.content == b""
    return answer.status_code


def dirty_seq(calendar: Calendar) -> int:
    with every_tenant():
        return Signal.objects.get(calendar=calendar).dirty_seq


def reread(channel: Channel) -> Channel:
    with every_tenant():
        return Channel.objects.get(pk=channel.pk)


@pytest.mark.django_db(transaction=True)
def test_genuine_notification_raises_the_signal_and_puts_the_lane_on_the_queue(
    channel: Channel, published: list[Published]
):
    assert knock(channel) == 204

    assert dirty_seq(channel.calendar) == 1
    assert published == [Published("run_lane", channel.calendar_id, "live")]
    assert reread(channel).last_message_at is not None


@pytest.mark.parametrize("state", ["exists", "not_exists"])
def test_every_news_is_a_hint(channel: Channel, state: str):
    assert knock(channel, Resource_State=state) == 204
    assert dirty_seq(channel.calendar) == 1


@pytest.mark.django_db(transaction=True)
def test_handshake_verifies_the_channel_frees_its_predecessors_and_is_no_news(
    calendar: Calendar, published: list[Published]
):
    channel = open_channel(calendar, verified_at=None, last_number=None)

    assert knock(channel, Resource_State="sync", Message_Number="1") == 204

    assert reread(channel).verified_at is not None
    assert dirty_seq(calendar) == 0
    assert published == [Published("stop_channels", calendar.account_id, "maintenance")]


def test_first_verification_stays(channel: Channel):
    first = reread(channel).verified_at

    knock(channel)

    assert reread(channel).verified_at == first


def test_repeated_overtaken_or_replayed_message_is_answered_and_does_nothing(channel: Channel):
    """S53, S55: numbers rise with the messages of a channel, and the later one told what the former would."""
    knock(channel, Message_Number="7")
    heard_at = reread(channel).last_message_at

    assert [knock(channel, Message_Number=number) for number in ("7", "6", "1")] == [204] * 3

    assert dirty_seq(channel.calendar) == 1
    assert reread(channel).last_message_at == heard_at


@pytest.mark.parametrize("number", [None, "", "x", "-3", "9" * 30, "\u0663"])
def test_message_without_a_number_is_news_each_time(channel: Channel, number: str | None):
    assert [knock(channel, Message_Number=number) for _ in range(2)] == [204, 204]
    assert dirty_seq(channel.calendar) == 2


def test_handshake_that_comes_late_changes_nothing(channel: Channel):
    knock(channel, Message_Number="9")

    assert knock(channel, Resource_State="sync", Message_Number="1") == 204
    assert dirty_seq(channel.calendar) == 1


def test_news_ends_every_doubt(calendar: Calendar):
    """S52: a channel that speaks again is believed again."""
    silent = open_channel(calendar, state="silent", doubted_at=timezone.now() - HOUR, silences=3)

    assert knock(silent) == 204

    again = reread(silent)
    assert (again.state, again.doubted_at, again.silences) == ("active", None, 0)
    assert dirty_seq(calendar) == 1


def test_handshake_ends_no_doubt(calendar: Calendar):
    trial = open_channel(calendar, silences=1, last_number=None)

    knock(trial, Resource_State="sync", Message_Number="1")

    assert reread(trial).silences == 1


def test_message_of_a_channel_whose_opening_was_never_answered_names_its_resource(calendar: Calendar):
    """S56: with that name it can be stopped."""
    channel = open_channel(calendar, state="registering", resource_id="", verified_at=None, last_number=None)

    assert knock(channel, Resource_State="sync", Message_Number="1", Resource_ID="r9") == 204
    assert reread(channel).resource_id == "r9"


def test_message_about_another_resource_is_refused(channel: Channel):
    assert knock(channel, Resource_ID="somebody-elses") == 410
    assert dirty_seq(channel.calendar) == 0


FORGED: list[tuple[int, dict[str, Any]]] = [
    (410, {"Channel_Token": "guessed"}),
    (410, {"Channel_Token": ""}),
    (410, {"Channel_Token": None}),
    (410, {"Channel_Token": hash_of(SECRET)}),
    (404, {"Channel_Token": "é" * 300}),
    (404, {"Channel_Token": "\x00"}),
    (410, {"Channel_ID": str(uuid.UUID(int=1))}),
    (410, {"Channel_ID": "not-a-uuid"}),
    (410, {"Channel_ID": "1' OR '1'='1"}),
    (404, {"Channel_ID": ""}),
    (404, {"Channel_ID": None}),
    (404, {"Channel_ID": "x" * 5000}),
    (404, {"Resource_ID": "\udcff"}),
    (404, {"Resource_State": "unheard-of"}),
    (404, {"Resource_State": None}),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("status", "changes"), FORGED, ids=str)
def test_forged_notification_is_refused_without_work(
    channel: Channel, published: list[Published], status: int, changes: dict[str, Any]
):
    """S53: 410 for a message that nobody here waits for, whyever; 404 for what is none."""
    before = reread(channel).last_message_at

    assert knock(channel, **changes) == status

    assert dirty_seq(channel.calendar) == 0
    assert published == []
    assert reread(channel).last_message_at == before


def test_stale_channel_is_refused(calendar: Calendar):
    """S53"""
    ended = open_channel(calendar, expires_at=timezone.now() - MINUTE)

    assert knock(ended) == 410
    assert dirty_seq(calendar) == 0


def test_stopped_channel_is_unknown(channel: Channel):
    """S53: a replay of an old channel's message."""
    with every_tenant():
        Channel.objects.all().delete()

    assert knock(channel) == 410


def test_secret_of_one_channel_opens_no_other(channel: Channel, charlie: User):
    foreign = open_channel(
        make_calendar(make_account(charlie, "charlie@mail.example")), secret_hash=hash_of("his")
    )

    assert knock(foreign) == 410
    assert dirty_seq(foreign.calendar) == 0


def test_two_living_channels_of_one_calendar_are_both_believed(channel: Channel, calendar: Calendar):
    """S51: a successor is opened before its predecessor is stopped."""
    successor = open_channel(calendar)

    assert (knock(channel), knock(successor)) == (204, 204)
    assert dirty_seq(calendar) == 2


def test_huge_body_is_refused(channel: Channel):
    assert knock(channel, body=b"x" * 70_000) == 404
    assert dirty_seq(channel.calendar) == 0


def test_junk_body_beside_a_genuine_notification_does_not_matter(channel: Channel):
    assert knock(channel, body=b"\xff\x00{") == 204


@pytest.mark.parametrize("length", ["abc", "-5", ""])
def test_junk_length_is_no_error(channel: Channel, length: str):
    answer = Client().post(
        HOOK, b"", content_type="text/plain", headers=headers_of(channel), CONTENT_LENGTH=length
    )

    assert answer.status_code in {204, 404}


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_other_methods_are_not_allowed(channel: Channel, method: str):
    answer = getattr(Client(), method)(HOOK, headers=headers_of(channel))

    assert answer.status_code == 405
    assert dirty_seq(channel.calendar) == 0


def test_slash_at_the_end_of_the_address_does_not_matter(channel: Channel):
    assert PROVIDER.post(HOOK.rstrip("/"), headers=headers_of(channel)).status_code == 204


def test_unknown_provider_has_no_webhook(channel: Channel):
    answer = Client().post(reverse("hook", args=["hooli"]), headers=headers_of(channel))

    assert answer.status_code == 404


def test_no_csrf_token_and_no_login_are_needed(channel: Channel):
    answer = Client(enforce_csrf_checks=True).post(HOOK, headers=headers_of(channel))

    assert answer.status_code == 204
    assert answer.cookies == {}


@pytest.mark.parametrize(
    ("changes", "statements"),
    [
        ({}, 3),
        ({"Message_Number": "1"}, 1),
        ({"Channel_Token": "guessed"}, 1),
        ({"Channel_ID": "junk"}, 0),
        ({"Resource_State": "junk"}, 0),
    ],
    ids=["genuine", "repeated", "forged", "unknown", "junk"],
)
def test_cost_of_a_knock_is_constant(
    channel: Channel, changes: dict[str, Any], statements: int, django_assert_num_queries: Any
):
    for number in range(10):
        open_channel(make_calendar(channel.calendar.account, f"Calendar {number}"))

    with django_assert_num_queries(statements + SAVEPOINTS * (statements > 1)):
        knock(channel, **changes)


def flood(count: int, address: str = "203.0.113.7") -> list[int]:
    """A stranger's notifications, each for another channel."""
    return [
        PROVIDER.post(
            HOOK,
            headers={"X-Goog-Channel-ID": str(uuid.uuid4()), "X-Goog-Resource-State": "exists"},
            REMOTE_ADDR=address,
        ).status_code
        for _ in range(count)
    ]


def test_stranger_who_knocks_too_often_is_not_even_looked_up(db: None, django_assert_num_queries: Any):
    """S53"""
    assert flood(strangers.PER_ADDRESS) == [410] * strangers.PER_ADDRESS

    with django_assert_num_queries(0):
        assert flood(20) == [429] * 20
    assert flood(1, "203.0.113.8") == [410]


def test_strangers_from_everywhere_are_limited_together(
    db: None, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
):
    """S53"""
    monkeypatch.setattr(strangers, "OVERALL", 10)
    assert {flood(1, f"203.0.113.{number}")[0] for number in range(10)} == {410}

    with django_assert_num_queries(0):
        assert flood(1, "198.51.100.1") == [429]


def test_noise_of_strangers_never_keeps_a_signed_notification_out(
    signed: tuple[Channel, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(strangers, "OVERALL", 1)
    channel, secret = signed
    flood(3, "127.0.0.1")

    assert knock(channel, Channel_Token="guessed") == 429
    assert knock(channel, Channel_Token=secret) == 204
    assert dirty_seq(channel.calendar) == 1


def test_secret_signed_for_one_channel_is_a_strangers_at_another(
    signed: tuple[Channel, str], channel: Channel, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(strangers, "OVERALL", 0)
    _, secret = signed

    assert knock(channel, Channel_Token=secret) == 429


def test_channel_outlives_a_change_of_the_secret_key(signed: tuple[Channel, str]):
    channel, secret = signed
    with override_settings(SECRET_KEY="another"):
        assert knock(channel, Channel_Token=secret) == 204


def test_strangers_are_not_looked_up_while_nobody_can_count(
    channel: Channel, settings: Settings, signed: tuple[Channel, str]
):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
        }
    }
    known, secret = signed

    assert flood(1) == [429]
    assert knock(known, Channel_Token=secret) == 204


@pytest.fixture
def database_away(transactional_db: None) -> Iterator[None]:
    """Nobody can reach the database for the time of a test."""
    settings_dict, kept = connection.settings_dict, connection.connection
    before = dict(settings_dict)
    settings_dict.update(NAME="/nowhere/at/all", HOST="127.0.0.1", PORT="1")
    connection.connection = None
    yield
    connection.connection = kept
    settings_dict.update(before)


@pytest.mark.django_db(transaction=True)
def test_provider_is_asked_to_come_again_while_the_database_is_away(database_away: None):
    secret = new_secret(str(uuid.UUID(int=7)))
    headers = {"X-Goog-Channel-ID": str(uuid.UUID(int=7)), "X-Goog-Channel-Token": secret}

    answer = Client().post(HOOK, headers=headers | {"X-Goog-Resource-State": "exists"})

    assert (answer.status_code, answer.content) == (503, b"")


HEADER_NAMES = st.sampled_from(
    ["Channel-ID", "Channel-Token", "Message-Number", "Resource-ID", "Resource-State", "Resource-URI"]
)
VALUES = st.one_of(
    st.text(st.characters(blacklist_characters="\r\n"), max_size=300),
    st.binary(max_size=60).map(lambda raw: raw.decode("latin1")),
    st.sampled_from(
        ["sync", "exists", "not_exists", SECRET, "r", "1", "8", str(uuid.UUID(int=7)), "9" * 400]
    ),
    st.text(string.hexdigits + "-{}:urn", min_size=30, max_size=50),
)


@pytest.mark.slow
@given(
    headers=st.dictionaries(HEADER_NAMES, VALUES),
    body=st.binary(max_size=2000),
    kind=st.sampled_from(["", "application/json", "text/plain; charset=nonsense", "multipart/form-data"]),
)
@hypothesis_settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_header_and_no_body_makes_it_fail_or_work(
    channel: Channel, headers: dict[str, str], body: bytes, kind: str
):
    """S53: whatever strangers send, the answer is a refusal, and nothing happens."""
    named = {f"X-Goog-{name}": value for name, value in headers.items()}

    status = PROVIDER.generic("POST", HOOK, body, content_type=kind, headers=named).status_code

    assert status in {404, 410, 429}
    assert dirty_seq(channel.calendar) == 0


@pytest.mark.slow
@given(changes=st.dictionaries(HEADER_NAMES.map(lambda name: name.replace("-", "_")), VALUES))
@hypothesis_settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_genuine_notification_with_anything_exchanged_is_answered(channel: Channel, changes: dict[str, Any]):
    assert knock(channel, **changes) in {204, 404, 410, 429}


@pytest.mark.django_db(transaction=True)
def test_burst_of_notifications_waits_on_the_queue_once(channel: Channel, published: list[Published]):
    """S55: however many there are, sent again or new, before the lane has started."""
    statuses = {knock(channel, Message_Number=str(100 + number // 2)) for number in range(500)}

    assert statuses == {204}
    assert dirty_seq(channel.calendar) == 250
    assert len(published) == 1
