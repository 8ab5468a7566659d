"""Outgoing HTTP: pooled connections, explicit time-outs, bounded answers, and no way into private networks.

The guard looks at the address a connection really reached, after DNS and before a byte is sent, so names that
resolve to private addresses and rebinding do not pass. Hosts the operator configured himself are exempt.
"""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError

from carerix_calendar.lib.deadline import TimeIsOver, deadline, watch_over
from carerix_calendar.lib.errors import AppError

MAX_ANSWER_BYTES = 64 * 1024 * 1024
# The longest a request may take as a whole: less than a lease.
ANSWER_SECONDS = 75
_CHUNK_BYTES = 256 * 1024
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class NetworkFailure(AppError):
    """No usable answer: no connection, time-out, reset, too large, or cut off in the middle."""

    code = "network_failure"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer of any status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def _is_private(address: str) -> bool:
    found = ipaddress.ip_address(address.split("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        found = _embedded(found) or found
    return found.is_multicast or not found.is_global


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address behind a mapped, 6to4 or NAT64 address (RFC 4291, 3056, 6052)."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def _is_configured(host: str) -> bool:
    return host.casefold() in {urlsplit(url).hostname for url in settings.PROVIDER_URLS}


def _guard(connection: HTTPConnection, reached: socket.socket) -> socket.socket:
    peer = str(reached.getpeername()[0])
    if _is_private(peer) and not _is_configured(connection.host):
        reached.close()
        raise NewConnectionError(connection, f"{connection.host} is not a public address")
    return reached


def _watched(connection: HTTPConnection) -> None:
    if connection.sock is None:
        connection.connect()
    watch_over(connection.sock)


class _GuardedHTTP(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _guard(self, super()._new_conn())

    def send(self, data: Any) -> None:
        """Send a part of the request, on a connection that a deadline can end."""
        _watched(self)
        super().send(data)


class _GuardedHTTPS(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _guard(self, super()._new_conn())

    def send(self, data: Any) -> None:
        """As above."""
        _watched(self)
        super().send(data)


class _GuardedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTP


class _GuardedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPS


class AnswerTooLarge(requests.RequestException):
    """The answer has more bytes than any we expect, or becomes that large when it is unpacked."""


class GuardedAdapter(HTTPAdapter):
    """A requests transport that refuses private addresses and never retries; time and retries belong to callers.

    It reads the whole answer itself, so that no library on top of it can be made to read without end.
    """

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """The answer with its body. Raises AnswerTooLarge beside the errors of requests."""
        response = super().send(request, *args, **options)
        try:
            response._content = _read(response)
        except requests.RequestException:
            response.close()
            raise
        return response

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use guarded connections."""
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {"http": _GuardedHTTPPool, "https": _GuardedHTTPSPool}


def guarded(session: requests.Session) -> requests.Session:
    """Put the guard on any session, such as one an OAuth library brings. Proxies and .netrc are ignored."""
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, GuardedAdapter(pool_connections=4, pool_maxsize=8))
    return session


def timeouts() -> tuple[float, float]:
    """Seconds to wait for a connection and for the next bytes."""
    return settings.HTTP_CONNECT_TIMEOUT, settings.HTTP_READ_TIMEOUT


def fetch(
    session: requests.Session,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | str | None = None,
) -> Answer:
    """Send one request and read the whole answer, whatever its status, within ANSWER_SECONDS. Raises NetworkFailure."""
    try:
        with (
            deadline(ANSWER_SECONDS),
            session.request(
                method,
                url,
                headers=dict(headers),
                data=body,
                timeout=timeouts(),
                allow_redirects=False,
            ) as response,
        ):
            return Answer(response.status_code, dict(response.headers), response.content)
    except TimeIsOver as error:
        raise NetworkFailure(url=url.split("?")[0], reason="answer too slow") from error
    except AnswerTooLarge as error:
        raise NetworkFailure(url=url.split("?")[0], reason="answer too large") from error
    except (requests.RequestException, HTTPError, OSError) as error:
        raise NetworkFailure(url=url.split("?")[0], reason=type(error).__name__) from error


def _read(response: requests.Response) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_content(_CHUNK_BYTES):
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            raise AnswerTooLarge
        chunks.append(chunk)
    return b"".join(chunks)
