"""A pytest plugin that keeps only what a database or a Redis server can change the outcome of."""

import pytest

TELLING_FIXTURES = {"db", "transactional_db", "django_db_serialized_rollback", "live_server", "redis"}
TELLING_MARKS = ("django_db", "servers")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect every test that asks for neither."""
    kept = [item for item in items if _touches_services(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _touches_services(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    marked = any(item.get_closest_marker(name) for name in TELLING_MARKS)
    return marked or bool(fixtures & TELLING_FIXTURES)
