"""How `make run` learns that its processes answer."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from celery import Celery
from kombu.exceptions import OperationalError

Question = Callable[[], Awaitable[bool]]


async def until(question: Question, pause: float = 0.1) -> None:
    """Ask again and again until the answer is yes."""
    while not await question():
        await asyncio.sleep(pause)


def answers_http(url: str) -> Question:
    """Whether a page answers, and not with an error of the server."""

    async def ask() -> bool:
        return await asyncio.to_thread(_fetch, url)

    return ask


def answers_on_socket(path: Path) -> Question:
    """Whether the Valkey server behind a unix socket has loaded its data."""

    async def ask() -> bool:
        try:
            reader, writer = await asyncio.open_unix_connection(path)
        except OSError:
            return False
        writer.write(b"PING\r\n")
        answer = await reader.readline()
        writer.close()
        return answer.startswith(b"+PONG")

    return ask


def workers_answer(broker_url: str, names: set[str]) -> Question:
    """Whether Celery workers with all these names (the part before the @) answer."""
    celery = Celery(broker=broker_url.replace("unix://", "redis+socket://", 1), set_as_current=False)

    async def ask() -> bool:
        return names <= await asyncio.to_thread(_ping, celery)

    return ask


def _fetch(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - an address of this machine
            return bool(answer.status)
    except HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def _ping(celery: Celery) -> set[str]:
    try:
        answers = celery.control.ping(timeout=0.5) or []
    except OperationalError:
        return set()
    return {node.partition("@")[0] for answer in answers for node in answer}
