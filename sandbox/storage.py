"""Where the world survives a restart: rows of (kind, key, text) in one SQLite file.

Changes wait in memory until ``flush``, which the surface calls before each answer leaves: what a client was
told is on disk, even when the process is killed the moment after.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

Encode = Callable[[], str]
FILE = "sandbox.sqlite3"
UPSERT = "INSERT INTO rows VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET text = excluded.text"


class Storage:
    """Keeps rows under a directory, or nothing at all when the directory is None."""

    def __init__(self, directory: Path | None) -> None:
        self._waiting: dict[tuple[str, str], Encode | None] = {}
        self._path = directory / FILE if directory else None
        self._database = _open(self._path) if self._path else None

    def keep(self, kind: str, key: str, encode: Encode) -> None:
        """Save what `encode` returns at the next flush; a later call for the same key replaces it."""
        if self._database is not None:
            self._waiting[kind, key] = encode

    def drop(self, kind: str, key: str) -> None:
        if self._database is not None:
            self._waiting[kind, key] = None

    def flush(self) -> None:
        if self._database is None or not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        saved = [(kind, key, encode()) for (kind, key), encode in waiting.items() if encode]
        dropped = [place for place, encode in waiting.items() if encode is None]
        with self._database:
            self._database.executemany(UPSERT, saved)
            self._database.executemany("DELETE FROM rows WHERE kind = ? AND key = ?", dropped)

    def rows(self, kind: str) -> Iterator[str]:
        """The texts of one kind in the order of their first saving."""
        if self._database is None:
            return
        query = "SELECT text FROM rows WHERE kind = ? ORDER BY rowid"
        for (text,) in self._database.execute(query, (kind,)):
            yield text

    def clear(self) -> None:
        self._waiting.clear()
        if self._database is not None:
            with self._database:
                self._database.execute("DELETE FROM rows")

    def give_up(self, why: str) -> None:
        """Set an unreadable file aside and continue with an empty one; says so on standard error."""
        if self._path is None or self._database is None:
            return
        self._database.close()
        _set_aside(self._path, why)
        self._waiting.clear()
        self._database = _connect(self._path)

    def close(self) -> None:
        self.flush()
        if self._database is not None:
            self._database.close()
            self._database = None


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _connect(path)
    except sqlite3.DatabaseError as error:
        _set_aside(path, str(error))
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(
            "CREATE TABLE IF NOT EXISTS rows (kind TEXT, key TEXT, text TEXT, PRIMARY KEY (kind, key))"
        )
        database.execute("PRAGMA quick_check")
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database


def _set_aside(path: Path, why: str) -> None:
    sys.stderr.write(f"Sandbox data in {path.name} cannot be read ({why}); starting fresh.\n")
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.replace(path.with_name(path.name + ".unreadable"))
