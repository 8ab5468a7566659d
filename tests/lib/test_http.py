"""Outgoing HTTP: no way into private networks, bounded answers, bounded patience. Spoken to over real sockets."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest
import requests
from pytest_django import Settings

from carerix_calendar.lib import http
from carerix_calendar.lib.http import NetworkFailure, fetch, guarded

Serve = Callable[[socket.socket, bytes], object]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@contextmanager
def server(serve: Serve) -> Iterator[str]:
    """A server of a few connections, each answered by `serve`; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, serve), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _accept(listener: socket.socket, serve: Serve) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            serve(connection, connection.recv(65536))


def answering(*pieces: bytes) -> Serve:
    return lambda connection, request: connection.sendall(b"".join(pieces))


def get(url: str) -> http.Answer:
    with closing(guarded(requests.Session())) as session:
        return fetch(session, "GET", url, headers={})


@pytest.fixture
def allowed(settings: Settings) -> Callable[[str], str]:
    """Make an address one of the operator's own."""

    def allow(url: str) -> str:
        settings.PROVIDER_URLS = [url]
        return url

    return allow


@pytest.fixture(autouse=True)
def _nothing_is_configured(settings: Settings) -> None:
    settings.PROVIDER_URLS = ["https://calendar.test"]
    settings.HTTP_CONNECT_TIMEOUT, settings.HTTP_READ_TIMEOUT = 1, 0.2


def resolving(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Let every name mean this address, as a hostile name server would."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET

    def resolved(host: str, port: int, *ignored: object) -> list[tuple[object, ...]]:
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr("urllib3.util.connection.socket.getaddrinfo", resolved)


def test_configured_host_is_reached(allowed: Callable[[str], str]):
    with server(answering(OK)) as url:
        answer = get(allowed(url))

    assert (answer.status, answer.body) == (200, b"hi")


def test_private_address_is_refused_before_a_byte_is_sent():
    received: list[bytes] = []

    with server(lambda connection, request: received.append(request)) as url, pytest.raises(NetworkFailure):
        get(url)

    assert b"".join(received) == b""


def test_name_that_means_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch):
    resolving(monkeypatch, "127.0.0.1")
    with server(answering(OK)) as url, pytest.raises(NetworkFailure):
        get(url.replace("127.0.0.1", "intranet.test"))


def test_name_of_a_configured_host_passes_even_where_it_is_private(
    monkeypatch: pytest.MonkeyPatch, allowed: Callable[[str], str]
):
    """Exchange servers live on private addresses; the operator named this one himself."""
    resolving(monkeypatch, "127.0.0.1")
    with server(answering(OK)) as url:
        assert get(allowed(url.replace("127.0.0.1", "exchange.test"))).status == 200


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_address_is_private(address: str):
    assert http._is_private(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "142.250.179.138", "2a00:1450:400e:80c::200a"])
def test_address_is_public(address: str):
    assert not http._is_private(address)


def test_redirect_is_an_answer_and_not_followed(allowed: Callable[[str], str]):
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/secret\r\nContent-Length: 0\r\n\r\n"
    with server(answering(moved)) as url:
        assert get(allowed(url)).status == 302


def test_error_status_is_an_answer(allowed: Callable[[str], str]):
    with server(answering(b"HTTP/1.1 503 Busy\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n")) as url:
        answer = get(allowed(url))

    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("declared", [True, False])
def test_answer_that_is_too_large_is_cut_off(
    declared: bool, allowed: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 1000)
    length = b"Content-Length: 5000\r\n" if declared else b"Connection: close\r\n"
    large = answering(b"HTTP/1.1 200 OK\r\n", length, b"\r\n", b"x" * 5000)

    with server(large) as url, pytest.raises(NetworkFailure) as caught:
        get(allowed(url))

    assert caught.value.context["reason"] == "answer too large"


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", b"half"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"5\r\nhel"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n", b"junk"),
        (b"not http at all\r\n\r\n",),
        (b"",),
    ],
    ids=["cut", "cut chunk", "no gzip", "no http", "closed"],
)
def test_half_an_answer_is_none(pieces: tuple[bytes, ...], allowed: Callable[[str], str]):
    """S68"""
    with server(answering(*pieces)) as url, pytest.raises(NetworkFailure):
        get(allowed(url))


def test_silence_ends_by_time_out(allowed: Callable[[str], str]):
    """S24"""
    quiet = threading.Event()
    with server(lambda connection, request: quiet.wait(1)) as url:
        with pytest.raises(NetworkFailure) as caught:
            get(allowed(url))
        quiet.set()

    assert caught.value.context["reason"] == "ReadTimeout"


HEAD = b"HTTP/1.1 200 OK\r\n"
DRIPS = {
    "status line": b"HTTP/1.1 200 OK and so on",
    "headers": HEAD + b"X-Patience: a virtue, they say\r\n" * 9,
    "body of known length": HEAD + b"Content-Length: 500\r\n\r\n" + b"x" * 500,
    "body until the end": HEAD + b"Connection: close\r\n\r\n" + b"x" * 500,
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 99,
}


def dripping(answer: bytes, over: threading.Event) -> Serve:
    """One byte well within each read time-out, for as long as anybody listens."""

    def serve(connection: socket.socket, request: bytes) -> None:
        with suppress(OSError):
            for place in range(len(answer)):
                connection.sendall(answer[place : place + 1])
                if over.wait(0.05):
                    return

    return serve


@pytest.mark.parametrize("answer", DRIPS.values(), ids=DRIPS)
def test_answer_that_drips_ends_by_the_deadline_of_the_whole_request(
    answer: bytes, allowed: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
):
    """S24: each byte comes in time, the answer as a whole does not."""
    monkeypatch.setattr(http, "ANSWER_SECONDS", 0.3)
    over, began = threading.Event(), time.monotonic()

    with server(dripping(answer, over)) as url:
        with pytest.raises(NetworkFailure) as caught:
            get(allowed(url))
        over.set()

    assert caught.value.context["reason"] == "answer too slow"
    assert 0.3 <= time.monotonic() - began < 3


def test_deadline_holds_on_a_connection_that_is_used_again(
    allowed: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
):
    """S24"""
    over = threading.Event()

    def serve(connection: socket.socket, request: bytes) -> None:
        connection.sendall(OK)
        connection.recv(65536)
        dripping(HEAD * 9, over)(connection, b"")

    with server(serve) as url, closing(guarded(requests.Session())) as session:
        first = fetch(session, "GET", allowed(url), headers={})
        monkeypatch.setattr(http, "ANSWER_SECONDS", 0.3)
        with pytest.raises(NetworkFailure) as caught:
            fetch(session, "GET", url, headers={})
        over.set()

    assert first.body == b"hi"
    assert caught.value.context["reason"] == "answer too slow"


def test_answer_in_time_leaves_no_timer_behind(allowed: Callable[[str], str]):
    before = threading.active_count()

    with server(answering(OK)) as url:
        for _ in range(5):
            get(allowed(url))
        waiting = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]

    assert not [timer for timer in waiting if not timer.finished.is_set()]
    assert threading.active_count() <= before + 5


def test_nobody_there_is_a_failure(allowed: Callable[[str], str]):
    with pytest.raises(NetworkFailure):
        get(allowed("http://127.0.0.1:1/"))


def test_failure_names_the_address_without_its_query(allowed: Callable[[str], str]):
    with pytest.raises(NetworkFailure) as caught:
        get(allowed("http://127.0.0.1:1/token?code=secret"))

    assert caught.value.context["url"] == "http://127.0.0.1:1/token"


def test_proxies_of_the_environment_are_ignored(
    allowed: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with server(answering(OK)) as url:
        assert get(allowed(url)).status == 200
