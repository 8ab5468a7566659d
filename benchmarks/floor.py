"""The least a first reading can cost: fetch and decode the same pages, write bare columns in bulk."""

import json
import time
from collections.abc import Sequence
from typing import Any

import requests
from django.db import connection, transaction

from benchmarks.stage import CouldNotMeasure, Stage
from benchmarks.visitor import Visitor

_SECONDS = 60
_COLUMNS = ("id", "etag", "status", "updated", "summary", "starts", "ends", "attendees")
_TABLE = f"CREATE TABLE floor ({', '.join(f'{name} text' for name in _COLUMNS)}, PRIMARY KEY (id))"
_INSERT = f"INSERT INTO floor ({', '.join(_COLUMNS)}) VALUES"


def time_of_floor(stage: Stage, visitor: Visitor) -> float:
    """Seconds to do the product's own requests for whole pages once more and keep what they bring."""
    pages = [path for path in stage.provider.requests_since_cleared() if _is_whole_page(path)]
    token = visitor.account().credentials["access_token"]
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
    browser = requests.Session()
    browser.headers.update({"Authorization": f"Bearer {token}", "User-Agent": "floor (gzip)"})
    began = time.perf_counter()
    stored = sum(_keep(browser, f"{stage.provider.url}{page}") for page in pages)
    seconds = time.perf_counter() - began
    if not stored:
        raise CouldNotMeasure("The floor brought nothing.")
    return seconds


def _is_whole_page(path: str) -> bool:
    """A page of the complete reading: no window, and more than ids."""
    return "/events?" in path and "timeMin=" not in path and "attendees" in path


def _keep(browser: requests.Session, url: str) -> int:
    items = json.loads(browser.get(url, timeout=_SECONDS).content)["items"]
    rows = [_row(item) for item in items]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            from psycopg2.extras import execute_values

            execute_values(cursor.cursor, f"{_INSERT} %s", rows, page_size=len(rows))
        else:
            cursor.executemany(f"{_INSERT} ({', '.join(['%s'] * len(_COLUMNS))})", rows)
    return len(rows)


def _row(item: dict[str, Any]) -> Sequence[str | None]:
    names = ("id", "etag", "status", "updated", "summary")
    times = (item[side].get("dateTime") or item[side].get("date") for side in ("start", "end"))
    return (*(item.get(name) for name in names), *times, json.dumps(item.get("attendees")))
