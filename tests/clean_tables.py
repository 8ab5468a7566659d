"""Empty tables after a test that commits: Django's own way costs more than many of these tests themselves.

It truncates, for which PostgreSQL makes new files, and then has every app create its content types and permissions
again. Here rows are deleted, and those two tables keep what migrations put there.
"""

from functools import cache

from django.db import connection, transaction
from django.test import TransactionTestCase

KEPT = {"auth_permission", "django_content_type", "django_migrations"}


@cache
def _tables() -> tuple[str, ...]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(sorted(set(names) - KEPT))


def delete_rows(case: TransactionTestCase) -> None:
    """What `TransactionTestCase` calls at its end. Foreign keys are checked at the commit, so any order will do."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608  our own names


TransactionTestCase._fixture_teardown = delete_rows  # type: ignore[attr-defined]  # not in the stubs
