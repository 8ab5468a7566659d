"""Doing the same thing in several threads at the same moment, on a database they can really share."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


@contextmanager
def shared_database(folder: Path) -> Iterator[None]:
    """The suite's SQLite lives in memory, where one thread locks out all others; here it is a file."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    in_memory, name = connection.connection, connection.settings_dict["NAME"]
    file = folder / "db.sqlite3"
    with closing(sqlite3.connect(file)) as copy:
        in_memory.backup(copy)
        copy.execute("PRAGMA journal_mode = WAL")  # once: threads that all change it at their start meet
    connection.settings_dict["NAME"], connection.connection = str(file), None
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"], connection.connection = name, in_memory


def at_once(count: int, action: Callable[[], T]) -> list[T]:
    """What `action` came to in each of so many threads; raises what any of them raised."""
    barrier = threading.Barrier(count)

    def run() -> T:
        barrier.wait(10)
        try:
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        running = [pool.submit(run) for _ in range(count)]
    return [each.result() for each in running]
