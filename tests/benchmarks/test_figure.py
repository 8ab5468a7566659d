"""What a benchmark says: to programs one object, to people one line."""

import json

from benchmarks.figure import HEADING, Figure


def test_figure_is_one_object_with_exactly_the_agreed_fields() -> None:
    figure = Figure("idle", 4, "SQL", 4.0, "lower", {"http_calls": 1})

    assert json.loads(figure.as_json()) == {
        "name": "idle",
        "value": 4,
        "unit": "SQL",
        "reach": 4.0,
        "better": "lower",
        "detail": {"http_calls": 1},
    }
    assert "\n" not in figure.as_json()


def test_lower_figure_reaches_what_it_does_not_exceed() -> None:
    assert Figure("first_view", 2.0, "s", 2.0, "lower").is_reached
    assert not Figure("first_view", 2.1, "s", 2.0, "lower").is_reached


def test_higher_figure_reaches_what_it_does_not_fall_short_of() -> None:
    assert Figure("initial_sync", 4000, "events/s", 4000.0, "higher").is_reached
    assert not Figure("initial_sync", 3999, "events/s", 4000.0, "higher").is_reached


def test_row_stands_under_its_heading_and_tells_the_verdict() -> None:
    row = Figure("memory", 1.4281, "ratio", 1.2, "lower", {"large_mb": 207}).as_row()

    assert row.split() == ["memory", "1.43", "ratio", "≤", "1.2", "not", "reached", "large_mb", "207"]
    assert row.index("large_mb") == HEADING.index("detail")
