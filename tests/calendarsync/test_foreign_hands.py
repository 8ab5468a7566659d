"""Every address of the product, walked by those it does not belong to: nothing is told, changed or broken."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from activities.models import Activity, Record
from calendarsync.models import Account, Calendar, Event, SkippedItem
from marketplace.models import Installation, Tenant, User, UserAddress
from marketplace.tenancy import every_tenant
from tests.activities.making import make_activity, make_record
from tests.calendarsync.conftest import activate_calendar
from tests.calendarsync.rows import make_account, make_calendar, make_event, make_skipped

MARK = "Vertrouwelijk"
ADDRESS = "alice.secret@mail.example"
WORDS = {
    "provider": ["google"],
    "action": ["sync-now", "pause", "restart", "disconnect"],
    "key": ["calendar"],
    "name": ["install", "activate", "deactivate", "uninstall", "scheduler"],
    "address": [ADDRESS],
    "app_label": ["marketplace"],
    "url": ["x"],
    "content_type_id": ["1"],
}
# Finds all that carries the mark without being the mark, which a page may repeat.
QUERY = {"q": MARK[1:-1], "from": "2026-11-01", "to": "2026-12-31"}
# Ends the session of whoever walks; or one of the admin's many pages beside a list and its rows.
SKIPPED = re.compile(r"/logout/$|^/admin/.*/(?:add|delete|history|x)/$|^/admin/(?:autocomplete|r|jsi18n)/")


def routes(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    """Every route as a template such as /api/v1/events/<int:pk>/."""
    for entry in resolver.url_patterns:
        own = (
            str(entry.pattern) if isinstance(entry.pattern, RoutePattern) else _from_regex(str(entry.pattern))
        )
        if isinstance(entry, URLPattern):
            yield prefix + own
        else:
            yield from routes(entry, prefix + own)


def _from_regex(pattern: str) -> str:
    """The router's regular expressions, which only know one kind of group."""
    named = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern)
    return re.sub(r"\\Z|[\^$?]", "", named).replace("\\.", ".")


def filled(route: str, ids: set[int]) -> Iterator[str]:
    """The route with each id of Alice's, and with each word that may stand there."""
    found = re.search(r"<(?:\w+:)?(\w+)>", route)
    if found is None:
        yield route
        return
    values = WORDS.get(found[1]) or [str(pk) for pk in sorted(ids)]
    for value in values:
        yield from filled(route.replace(found[0], value), ids)


@pytest.fixture
def hers(calendar_active: Tenant, alice: User) -> set[int]:
    """Ids of all that Alice has; every text says that it is hers."""
    calendar = make_calendar(make_account(alice, ADDRESS), f"{MARK} calendar")
    rows: list[Any] = [
        calendar.account,
        calendar,
        make_event(calendar, f"{MARK} event", description=MARK, location=MARK),
        make_event(calendar, f"{MARK} private event", description=MARK, location=MARK, visibility="private"),
        make_skipped(calendar, f"{MARK} item"),
        make_activity(alice, f"{MARK} activity"),
        make_record(calendar_active, f"{MARK} record"),
        alice,
    ]
    with every_tenant():
        rows.append(UserAddress.objects.create(tenant=calendar_active, user=alice, address=ADDRESS))
    return {row.pk for row in rows}


def walk(user: User | None, ids: set[int], method: str, under: str = "/") -> dict[str, tuple[int, str]]:
    """Status and text of every address that begins with `under`, asked by `user` or by a visitor."""
    browser = Client(raise_request_exception=False)
    answers: dict[str, tuple[int, str]] = {}
    paths = (path for route in routes(get_resolver()) for path in filled(route, ids))
    for path in paths:
        if not path.startswith(under) or SKIPPED.search(path) or path in answers:
            continue
        if user is not None and "_auth_user_id" not in browser.session:
            browser.force_login(user, "marketplace.sign_in.TenantBackend")
        answer = getattr(browser, method)(path, QUERY)
        answers[path] = (answer.status_code, _text_of(answer))
    return answers


def _text_of(answer: Any) -> str:
    if isinstance(answer, StreamingHttpResponse):
        return "" if answer.is_async else b"".join(answer).decode()
    return str(answer.content.decode(errors="replace"))


def snapshot() -> list[Any]:
    """All of Alice's rows as they stand."""
    with every_tenant():
        tables = (Account, Calendar, Event, SkippedItem, Activity, Record, UserAddress)
        kept = [list(table.objects.filter(tenant__slug="linden").order_by("pk").values()) for table in tables]
        return [*kept, list(Installation.objects.filter(tenant__slug="linden").values("state", "options"))]


def told(answers: dict[str, tuple[int, str]]) -> list[str]:
    return [path for path, (_, text) in answers.items() if MARK in text or ADDRESS in text]


def broken(answers: dict[str, tuple[int, str]]) -> list[str]:
    return [
        f"{path} {status}" for path, (status, _) in answers.items() if status >= 500 and path != "/ready/"
    ]


@pytest.mark.slow
def test_walk_finds_what_is_alices_when_she_walks_herself(hers: set[int], alice: User):
    """Otherwise the other walks would prove nothing."""
    answers = walk(alice, hers, "get")

    found = told(answers)
    assert broken(answers) == []
    for page in ("/activities/", "/api/v1/calendar/", "/api/v1/events/search/", "/api/v1/accounts/"):
        assert page in found
    assert len(answers) > 100


@pytest.mark.slow
@pytest.mark.parametrize("method", ["get", "post"])
def test_charlie_learns_and_changes_nothing(hers: set[int], charlie: User, method: str):
    """S85, S86: nothing of another tenant, private or not."""
    activate_calendar(charlie.tenant)  # type: ignore[arg-type]
    before = snapshot()

    answers = walk(charlie, hers, method)

    assert told(answers) == []
    assert broken(answers) == []
    assert snapshot() == before


@pytest.mark.slow
@pytest.mark.parametrize("method", ["get", "post"])
def test_visitor_learns_and_changes_nothing(hers: set[int], method: str):
    before = snapshot()

    answers = walk(None, hers, method)

    assert told(answers) == []
    assert broken(answers) == []
    assert snapshot() == before
    shown = {path for path, (status, _) in answers.items() if status == 200}
    assert shown <= {"/login/", "/health/", "/ready/", "/admin/login/"}


@pytest.mark.slow
@pytest.mark.parametrize("under", ["/admin/", "/maintenance/", "/api/v1/modules/", "/api/v1/audit/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_recruiter_opens_nothing_of_administrators_and_operators(
    hers: set[int], bob: User, under: str, method: str
):
    before = snapshot()

    answers = walk(bob, hers, method, under)

    assert broken(answers) == []
    assert snapshot() == before
    shown = {path for path, (status, _) in answers.items() if status == 200}
    assert answers
    assert shown <= {"/admin/login/", "/api/v1/modules/"}


@pytest.mark.slow
@pytest.mark.parametrize("who", ["bob", "ada"])
def test_colleague_reads_shared_records_but_nothing_of_her_mailbox(
    hers: set[int], who: str, request: pytest.FixtureRequest
):
    """S86: a colleague and the administrator, at every address there is."""
    shared = re.compile(r"^/(?:api/v1/)?(?:activities|calendar-1|records)/")

    answers = walk(request.getfixturevalue(who), hers, "get")

    assert broken(answers) == []
    assert [path for path in told(answers) if not shared.match(path)] == []


@pytest.mark.slow
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_unusual_methods_break_and_change_nothing(hers: set[int], charlie: User, method: str):
    activate_calendar(charlie.tenant)  # type: ignore[arg-type]
    before = snapshot()

    answers = walk(charlie, hers, method, "/api/")

    assert told(answers) == []
    assert broken(answers) == []
    assert snapshot() == before
