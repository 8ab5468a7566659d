"""House rules about the whole repository, so that no reviewer has to remember them."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from devkit.stack import procfile_commands
from devkit.translations import gaps

ROOT = Path(__file__).resolve().parent.parent
CODE = {".py", ".js", ".mjs", ".css", ".html"}
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_README = 600, 80, 150
LOCKS = [*sorted((ROOT / "requirements").glob("*.txt")), ROOT / "package-lock.json"]
# Addresses that providers themselves give to calendars and events.
PROVIDER_DOMAINS = ("calendar.google.com", "google.com", "gserviceaccount.com")
ADDRESS = re.compile(r"[\w.+-]*\w@((?:[a-z0-9-]+\.)+[a-z]{2,})\b", re.IGNORECASE)
SCRIPT = r"<script(?![^>]*\b(?:src|type=.application/json))"
INLINE = re.compile(rf"{SCRIPT}|<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:", re.IGNORECASE)
ELSEWHERE = re.compile(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=.(?:https?:)?//", re.IGNORECASE)
# The scenarios of the specification that the reading of Google's calendars has to survive.
SCENARIOS = {
    *range(1, 17), *range(18, 39), *range(40, 54), 55, 56, *range(58, 69), 82, *range(84, 91), 96, 97, 98,
}  # fmt: skip
SCENARIO_ROW = re.compile(r"^\| S(\d+) \| .+ \| (`.+`) \|$", re.MULTILINE)
SCENARIO_EXCUSE = re.compile(r"^- S(\d+): \S.{20,}$", re.MULTILINE)
SETTING = re.compile(r"""(?:env\.\w+|_endpoint)\(\s*"([A-Z][A-Z0-9_]+)""")


@cache
def project_files() -> tuple[Path, ...]:
    """Everything that is committed, or would be by the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(path for name in listing.split("\0") if name and (path := ROOT / name).is_file())


def texts(*suffixes: str) -> Iterator[tuple[Path, str]]:
    """Each project file with one of the suffixes (all files without any) and its text."""
    for path in project_files():
        if not suffixes or path.suffix in suffixes:
            try:
                yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def test_files_stay_short() -> None:
    long = [str(path) for path, text in texts(*CODE) if text.count("\n") > LONGEST_FILE]

    assert long == []


def test_functions_stay_short() -> None:
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path, text in texts(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]

    assert long == []


def test_readme_is_read_in_five_minutes() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()

    assert len(lines) < LONGEST_README
    assert "make run" in "\n".join(lines[:40])


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_name_no_address_to_download_from(lock: Path) -> None:
    lines = [line for line in lock.read_text().splitlines() if '"url": ' not in line]

    assert not [line for line in lines if "://" in line or "resolved" in line or "--index" in line]


def test_locks_hold_what_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / "dev.txt").read_text(), re.MULTILINE))

    names = {re.split(r"[\[<>=~]", requirement)[0].lower() for requirement in declared}

    assert names - locked == set()


def test_runtime_and_development_locks_agree() -> None:
    base, dev = (_pins(ROOT / "requirements" / name) for name in ("base.txt", "dev.txt"))

    assert base <= dev


def test_each_dependency_has_a_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text().partition("[dependency-groups]")[0].splitlines()
    listed = [index for index, line in enumerate(lines) if re.match(r'    "[\w-]+.*",$', line)]

    assert listed
    assert [lines[index] for index in listed if not lines[index - 1].lstrip().startswith("#")] == []


def test_each_setting_is_documented() -> None:
    names = set(SETTING.findall((ROOT / "carerix_calendar" / "settings.py").read_text()))
    example = (ROOT / ".env.example").read_text()
    pages = (ROOT / "docs" / "operations.md").read_text() + (ROOT / "docs" / "providers.md").read_text()

    assert names
    assert {name for name in names if not re.search(rf"^#? ?{name}=", example, re.MULTILINE)} == set()
    assert {name for name in names if not re.search(rf"\b{name}\b", pages)} == set()


def test_example_names_no_setting_that_does_not_exist() -> None:
    code = "".join(text for path, text in texts(".py") if path.parts[0] != "tests")
    named = re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert [name for name in named if f'"{name}"' not in code] == []


def test_each_scenario_has_a_test_or_a_reason() -> None:
    table = (ROOT / "docs" / "sync.md").read_text().partition("## 7.")[2]
    proven = {int(number) for number, _ in SCENARIO_ROW.findall(table)}
    excused = {int(number) for number in SCENARIO_EXCUSE.findall(table)}

    assert SCENARIOS - proven - excused == set()
    assert proven & excused == set()
    assert proven | excused <= set(range(1, 99))


def test_table_of_scenarios_is_what_the_tests_claim() -> None:
    table = (ROOT / "docs" / "sync.md").read_text().partition("## 7.")[2]
    listed = {
        (int(number), path, name)
        for number, proofs in SCENARIO_ROW.findall(table)
        for path, names in re.findall(r"`([\w/]+\.py)`: ((?:`\w+`(?:, )?)+)", proofs)
        for name in re.findall(r"`(\w+)`", names)
    }

    assert listed == set(_claims())


def test_dutch_is_complete() -> None:
    assert gaps() == []


def test_pages_carry_no_script_or_style_of_their_own() -> None:
    found = [f"{path}: {match[0]}" for path, text in texts(".html") for match in INLINE.finditer(text)]

    assert found == []


def test_pages_load_nothing_from_elsewhere() -> None:
    assert [str(path) for path, text in texts(".html") if ELSEWHERE.search(text)] == []


def test_addresses_belong_to_nobody() -> None:
    found = [
        f"{path}: {match[0]}"
        for path, text in texts()
        if path.name not in {"package-lock.json"}
        for match in ADDRESS.finditer(text)
        if not match[1].lower().endswith((".example", ".test", *PROVIDER_DOMAINS))
    ]

    assert found == []


def test_no_work_is_left_as_a_note() -> None:
    note = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|NotImplemented" + r"Error)\b")

    assert [str(path) for path, text in texts(*CODE) if note.search(text)] == []


def test_containers_start_what_the_procfile_says() -> None:
    procfile = procfile_commands((ROOT / "Procfile").read_text())
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

    for name, command in procfile.items():
        assert services[name]["command"] == ["sh", "-c", f"exec {command}".replace("$", "$$")]
    assert f"exec {procfile['web']}" in (ROOT / "Dockerfile").read_text()


def _claims() -> Iterator[tuple[int, str, str]]:
    """Number, file below tests/ and function of every test whose docstring names a scenario."""
    for path, text in texts(".py"):
        if path.parts[0] == "tests":
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                    for number in re.findall(r"\bS([0-9]{1,2})\b", ast.get_docstring(node) or ""):
                        yield int(number), path.relative_to("tests").as_posix(), node.name


def _pins(lock: Path) -> set[str]:
    return set(re.findall(r"^[\w.-]+==[\w.]+", lock.read_text(), re.MULTILINE))
