"""Writing many rows of one table with one statement: INSERT … ON CONFLICT DO UPDATE, without model instances.

`bulk_create` prepares every value of every row through its field and splits a page into dozens of statements. Here
PostgreSQL gets all rows as one JSON parameter, which costs both sides half of what a long list of VALUES does; SQLite
gets one prepared statement.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from django.db import connection, models

Row = Mapping[str, Any]
Field: TypeAlias = "models.Field[Any, Any]"


def upsert(model: type[models.Model], rows: Sequence[Row], *, key: Sequence[str]) -> None:
    """Insert rows, given by attribute names (`calendar_id`), or update those whose `key` exists. All name the same.

    Times are aware. No key may stand in `rows` twice.
    """
    if not rows:
        return
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in rows[0]]
    head, tail = _statement(model, fields, key)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{head} {_from_json(model, fields)} {tail}", [_as_json(rows)])
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"{head} VALUES ({marks}) {tail}", _prepared(rows, fields))


def _statement(model: type[models.Model], fields: Sequence[Field], key: Sequence[str]) -> tuple[str, str]:
    """The statement around its rows; names come from our own models, never from outside."""
    updates = ", ".join(f"{_name(f)} = excluded.{_name(f)}" for f in fields if f.column not in key)
    head = f"INSERT INTO {_table(model)} ({', '.join(map(_name, fields))})"
    return head, f"ON CONFLICT ({', '.join(map(connection.ops.quote_name, key))}) DO UPDATE SET {updates}"


def _from_json(model: type[models.Model], fields: Sequence[Field]) -> str:
    columns = ", ".join(map(_name, fields))
    return f"SELECT {columns} FROM json_populate_recordset(NULL::{_table(model)}, %s)"  # noqa: S608  # see above


def _as_json(rows: Sequence[Row]) -> str:
    """Attribute names are column names here; times and dates in the ISO form of `str`."""
    return json.dumps(list(rows), default=str, ensure_ascii=False)


def _prepared(rows: Sequence[Row], fields: Sequence[Field]) -> list[list[Any]]:
    columns = [(field.attname, _preparation(field)) for field in fields]
    return [[made(row[name]) if made else row[name] for name, made in columns] for row in rows]


def _preparation(field: Field) -> Callable[[Any], Any] | None:
    """What gives a value the database's own form; text, numbers and truth pass as they are."""
    ops = connection.ops
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else ops.adapt_json_value(value, field.encoder)
    if isinstance(field, models.DateTimeField):
        return ops.adapt_datetimefield_value
    return ops.adapt_datefield_value if isinstance(field, models.DateField) else None


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _name(field: Field) -> str:
    return connection.ops.quote_name(str(field.column))
