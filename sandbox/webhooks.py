"""Posts notifications to webhooks on this machine, and to nowhere else."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

SECONDS = 10.0


def is_loopback_url(url: str) -> bool:
    """Whether a webhook address names this machine itself."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def post(url: str, headers: Mapping[str, str]) -> int:
    """POST an empty body and return the status; redirects are not followed.

    Raises OSError when nobody answers in ten seconds, or when the address is not a loopback one.
    """
    parts = urlsplit(url)
    async with asyncio.timeout(SECONDS):
        reader, writer = await _connect(parts)
        try:
            writer.write(_request(parts, headers))
            await writer.drain()
            return _status(await reader.readline())
        finally:
            writer.close()


async def _connect(parts: SplitResult) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [str(address[0]) for *_, address in found]
    if not all(ipaddress.ip_address(address).is_loopback for address in addresses):
        raise OSError(f"{parts.hostname} is not on this machine")
    for address in addresses[:-1]:
        try:
            return await asyncio.open_connection(address, port, ssl=_tls(parts))
        except OSError:
            continue
    return await asyncio.open_connection(addresses[-1], port, ssl=_tls(parts))


def _tls(parts: SplitResult) -> ssl.SSLContext | None:
    if parts.scheme != "https":
        return None
    # A certificate of this machine for this machine: nobody has signed it.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _request(parts: SplitResult, headers: Mapping[str, str]) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"POST {target} HTTP/1.1", f"Host: {parts.netloc.rpartition('@')[2]}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += ["Accept: */*", "Content-Length: 0", "Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _status(line: bytes) -> int:
    parts = line.split()
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/") or not parts[1].isdigit():
        raise OSError("the webhook did not answer in HTTP")
    return int(parts[1])
