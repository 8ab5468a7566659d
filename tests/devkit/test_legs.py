"""The closing lines of `make test`."""

from collections import Counter

import pytest

from devkit.test import COUNT, SUMMARY, Outcome, run_legs

GREEN = Outcome(True, True, "3 passed, 1 skipped", Counter(passed=3, skipped=1))
MISSING = Outcome(False, True, "No browser")


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("======= 12 passed, 2 skipped, 30 deselected in 4.50s ========", {"passed": "12", "skipped": "2"}),
        ("1 failed, 2 errors in 0.10s", {"failed": "1", "errors": "2"}),
        ("==== 5 passed in 75.02s (0:01:15) ====", {"passed": "5"}),
    ],
)
def test_closing_line_of_pytest_is_understood(line: str, counts: dict[str, str]) -> None:
    closing = SUMMARY.match(line)

    assert closing
    assert {name: number for number, name in COUNT.findall(closing[1])} == counts


def test_totals_are_the_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    green = run_legs({"sqlite": lambda: GREEN, "browser": lambda: GREEN})

    assert green
    assert capsys.readouterr().out.splitlines()[-1] == "6 passed, 0 failed, 2 skipped"


def test_missing_leg_is_said_but_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("REQUIRE_SERVICES", raising=False)

    assert run_legs({"sqlite": lambda: GREEN, "browser": lambda: MISSING})
    assert "not run" in capsys.readouterr().out


def test_missing_leg_fails_where_all_are_required(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REQUIRE_SERVICES", "1")

    assert not run_legs({"sqlite": lambda: GREEN, "browser": lambda: MISSING})
    assert "these legs could not run: browser" in capsys.readouterr().err


def test_red_leg_is_red_and_the_others_still_run(capsys: pytest.CaptureFixture[str]) -> None:
    red = Outcome(True, False, "1 failed", Counter(failed=1))

    assert not run_legs({"sqlite": lambda: red, "browser": lambda: GREEN})
    assert capsys.readouterr().out.splitlines()[-1] == "3 passed, 1 failed, 1 skipped"
