"""Whole answers of every malformed kind, over real sockets: a page or an error of ours, in bounded memory and time."""

import gzip
import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from calendarsync.domain import Position, SnapshotPage
from calendarsync.errors import AccessExpired, ReconnectNeeded, SyncError, Unavailable
from calendarsync.providers.base import SignInRefused
from calendarsync.providers.google.provider import GoogleMailbox, GoogleProvider
from carerix_calendar.lib import http
from tests.calendarsync.impostor import Impostor, running_impostor
from tests.calendarsync.test_malformed_items import GOOD, ZONE, junk

CREDENTIALS = {"access_token": "ya29.secret", "refresh_token": "1//secret", "expires_at": None}
MEGABYTE = 1024 * 1024
few = settings(
    max_examples=60, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Impostor]:
    with running_impostor() as impostor:
        yield impostor


@pytest.fixture
def google(server: Impostor, settings: Settings) -> Impostor:
    """Google as the product sees it, saying nothing wrong yet."""
    settings.GOOGLE_API_URL = f"{server.url}/calendar/v3/"
    settings.GOOGLE_TOKEN_URL = f"{server.url}/token"
    settings.GOOGLE_REVOKE_URL = f"{server.url}/revoke"
    settings.PROVIDER_URLS = [server.url]
    settings.HTTP_READ_TIMEOUT = 5
    server.status, server.body, server.encoding, server.send = 200, b"{}", "", None
    server.asked.clear()
    return server


def pull(position: Position = Position()) -> Any:  # noqa: B008  frozen
    with closing(GoogleMailbox("ya29.secret")) as mailbox:
        return mailbox.pull("alice@mail.example", ZONE, position)


def outcome_of(action: Callable[[], Any]) -> Any:
    """What it returns, or the error of ours it raises; anything else it raises fails the test."""
    try:
        return action()
    except (SyncError, SignInRefused) as error:
        return error


def storable(error: SyncError) -> bool:
    return "\x00" not in str(error.context) and len(str(error.context)) < 2000


def said(value: Any) -> bytes:
    """JSON as a sender without manners writes it: halves of surrogate pairs and all."""
    return json.dumps(value).encode()


pages = st.fixed_dictionaries(
    {},
    optional={
        "items": junk | st.lists(junk, max_size=3) | st.just([GOOD]),
        "nextPageToken": junk,
        "nextSyncToken": junk | st.just("token"),
        "timeZone": junk,
        "data": junk,
        "error": junk,
    },
)


@few
@given(answer=pages | junk, is_delta=st.booleans())
def test_page_is_a_page_or_an_error_of_ours(google: Impostor, answer: Any, is_delta: bool) -> None:
    google.status, google.body = 200, said(answer)

    page = outcome_of(lambda: pull(Position(sync_token="since") if is_delta else Position()))

    if isinstance(page, SyncError):
        assert storable(page)
        return
    assert isinstance(page.next_page, str)
    assert isinstance(page.sync_token, str)
    assert not (page.next_page and page.sync_token)
    assert f"{page.next_page}{page.sync_token}".isprintable()


@few
@given(
    status=st.sampled_from((400, 401, 403, 404, 410, 429, 500, 503, 302, 204, 206)), answer=junk, inner=junk
)
def test_error_is_named_whatever_it_says(google: Impostor, status: int, answer: Any, inner: Any) -> None:
    google.status = status
    google.body = (
        b""
        if status == 204
        else said({"error": {"errors": [{"reason": answer}], "message": inner, "details": inner}})
    )

    if status not in (204, 206):
        with pytest.raises(SyncError) as raised:
            pull()
        assert storable(raised.value)
    else:
        assert pull() == SnapshotPage(items=())


@few
@given(answer=st.fixed_dictionaries({}, optional={
    "access_token": junk | st.just("ya29.new"), "refresh_token": junk, "expires_in": junk, "scope": junk,
    "id_token": junk, "token_type": junk, "error": junk, "error_description": junk,
}) | junk)  # fmt: skip
def test_token_endpoint_gives_credentials_or_an_error_of_ours(google: Impostor, answer: Any) -> None:
    """S63: whatever an answer says, the refresh token we have is never replaced by nothing."""
    google.body = said(answer)
    provider = GoogleProvider()

    for attempt in (lambda: provider.refresh(CREDENTIALS), lambda: _signed_in(provider)):
        credentials = outcome_of(attempt)
        if isinstance(credentials, Exception):
            continue
        assert credentials["access_token"].isprintable()
        provider.needs_refresh(credentials, 0.0)
        json.dumps(credentials, allow_nan=False)


def _signed_in(provider: GoogleProvider) -> Any:
    answer = {"code": "4/code", "state": "state"}
    grant = provider.finish_sign_in(
        redirect_uri="http://x.test/", state="state", verifier="v" * 43, answer=answer
    )
    return grant.credentials


@pytest.mark.parametrize("nothing", ["", None, 0, [], {}])
def test_refresh_token_is_never_replaced_by_nothing(google: Impostor, nothing: Any) -> None:
    """S63"""
    google.body = said({"access_token": "ya29.new", "expires_in": 3599, "refresh_token": nothing})

    assert GoogleProvider().refresh(CREDENTIALS)["refresh_token"] == "1//secret"


@pytest.mark.parametrize("lifetime", ["soon", "", -5, 10**40, float("inf"), float("nan"), [], {"in": 3600}])
def test_access_token_without_a_believable_end_lives_an_hour(google: Impostor, lifetime: Any) -> None:
    google.body = said({"access_token": "ya29.new", "refresh_token": "1//x", "expires_in": lifetime})

    for attempt in (lambda: GoogleProvider().refresh(CREDENTIALS), lambda: _signed_in(GoogleProvider())):
        credentials = outcome_of(attempt)
        is_delay = isinstance(credentials, Unavailable)
        assert is_delay or not GoogleProvider().needs_refresh(credentials, 0.0)


def test_sync_token_on_a_page_in_the_middle_is_no_position(google: Impostor) -> None:
    google.body = said({"items": [GOOD], "nextPageToken": "next", "nextSyncToken": "too early"})

    assert (pull().next_page, pull().sync_token) == ("next", "")


@pytest.mark.parametrize("token", [5, ["a"], {"a": 1}, "a\x00b", "\ud800", "x" * 100_000, True])
@pytest.mark.parametrize("name", ["nextPageToken", "nextSyncToken"])
def test_token_that_could_not_be_given_back_is_a_failure(google: Impostor, name: str, token: Any) -> None:
    google.body = said({"items": [GOOD], name: token})

    with pytest.raises(Unavailable):
        pull()


def test_more_items_than_asked_for_are_a_failure(google: Impostor) -> None:
    google.body = said({"items": [{}] * 6000, "nextSyncToken": "token"})

    with pytest.raises(Unavailable):
        pull()


@pytest.mark.parametrize(
    "answer", [{}, {"items": []}, {"items": None}, {"items": [{}]}, {"items": [5, None, {"id": 7}]}]
)
def test_list_without_calendars_is_a_failure_and_no_farewell(google: Impostor, answer: Any) -> None:
    """S96: whoever has an account has a calendar; an empty answer must not make all of them disappear."""
    google.body = said(answer)

    with closing(GoogleMailbox("ya29.secret")) as mailbox, pytest.raises(Unavailable):
        mailbox.list_calendars()


def test_calendar_list_that_leads_in_a_circle_is_a_failure(google: Impostor) -> None:
    google.body = said({"items": [{"id": "a"}], "nextPageToken": "again"})

    with closing(GoogleMailbox("ya29.secret")) as mailbox, pytest.raises(Unavailable):
        mailbox.list_calendars()
    assert len(google.asked) == 2


@pytest.mark.parametrize("expiration", [None, "soon", -1, "0", 10**40, [], "253402300800000", "1"])
def test_channel_with_an_unbelievable_end_ends_when_we_asked(google: Impostor, expiration: Any) -> None:
    google.body = said({"resourceId": "r", "expiration": expiration})

    with closing(GoogleMailbox("ya29.secret")) as mailbox:
        watch = mailbox.watch("alice@mail.example", channel_id="c", secret="s", address="http://x.test/")

    assert timedelta(days=6) < watch.expires_at - datetime.now(UTC) <= timedelta(days=7)


def test_answer_nested_beyond_reading_is_a_failure(google: Impostor) -> None:
    google.body = b'{"items": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"

    with pytest.raises(Unavailable):
        pull()


@pytest.mark.parametrize("status", [401, 500])
def test_error_nested_beyond_reading_keeps_its_status(google: Impostor, status: int) -> None:
    google.status, google.body = status, b'{"error": ' + b"[" * 200_000

    with pytest.raises((AccessExpired, Unavailable)):
        pull()


def peak_of(action: Callable[[], object]) -> float:
    """The highest memory use of `action`, in megabytes."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1] / MEGABYTE
    finally:
        tracemalloc.stop()


def _endless(write: Callable[[bytes], object]) -> None:
    piece = b" " * 65_536
    while True:
        write(piece)


def refused(action: Callable[[], object]) -> None:
    with pytest.raises((SyncError, SignInRefused)):
        action()


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> int:
    """Answers may have four megabytes; more is what must not be needed."""
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 4 * MEGABYTE)
    return 24


ASKING: dict[str, Callable[[], object]] = {
    "events": pull,
    "refresh": lambda: GoogleProvider().refresh(CREDENTIALS),
    "sign-in": lambda: _signed_in(GoogleProvider()),
    "revoke": lambda: GoogleProvider().revoke(CREDENTIALS),
}


@pytest.mark.parametrize("asking", ASKING)
def test_endless_answer_ends_and_needs_little_memory(
    google: Impostor, asking: str, little_memory: int
) -> None:
    google.send = _endless

    assert peak_of(lambda: refused(ASKING[asking])) < little_memory


@pytest.mark.parametrize("asking", ASKING)
def test_compressed_bomb_needs_little_memory(google: Impostor, asking: str, little_memory: int) -> None:
    google.encoding, google.body = "gzip", gzip.compress(b" " * 100 * MEGABYTE)

    assert peak_of(lambda: refused(ASKING[asking])) < little_memory


def test_answer_of_millions_of_values_is_not_even_read(google: Impostor) -> None:
    """Each empty object costs fifty times its bytes."""
    google.body = b'{"items": [' + b"{}," * 5_000_000 + b"{}]}"

    assert peak_of(lambda: refused(pull)) < 3 * len(google.body) / MEGABYTE


def test_dead_grant_is_believed_only_in_its_own_words(google: Impostor) -> None:
    """S65: invalid_grant parks an account, so nothing else may look like it."""
    google.status = 400
    for answer in (
        {"error": ["invalid_grant"]},
        {"error": {"code": "invalid_grant"}},
        {"errors": "invalid_grant"},
    ):
        google.body = said(answer)
        with pytest.raises(Unavailable):
            GoogleProvider().refresh(CREDENTIALS)
    google.body = said({"error": "invalid_grant"})
    with pytest.raises(ReconnectNeeded):
        GoogleProvider().refresh(CREDENTIALS)
