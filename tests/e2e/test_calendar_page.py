"""The calendar page in a browser: connecting, looking, keys, live changes, phone, accessibility."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    Locator,
    Page,
    Route,
    StorageState,
    expect,
)

from tests.e2e.axe import assert_accessible
from tests.product import Product

pytestmark = pytest.mark.e2e

MAILBOX = "noor.haddad@sandbox.example"
ZONE = ZoneInfo("Europe/London")


def log_in(page: Page, email: str) -> None:
    page.goto("/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login" not in url)


def connect(page: Page, mailbox: str) -> None:
    """From the invitation through the provider's pages and back to the calendar."""
    page.goto("/calendar/")
    page.get_by_role("button", name="Start synchronization").click()
    page.get_by_label("Your e-mail address").fill(mailbox)
    page.get_by_role("button", name="Continue with Google").click()
    page.get_by_role("link", name=mailbox).click()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name="Calendar", exact=True)).to_be_attached()


def chip(page: Page, title: str) -> Locator:
    return page.locator("[data-chip]").filter(has_text=title).first


class Google:
    """The provider's side of Noor's mailbox."""

    def __init__(self, url: str) -> None:
        self.url = url

    def add(self, title: str, *, hour: int = 12, **fields: Any) -> str:
        """An event today at that hour; returns its id."""
        start = datetime.now(ZONE).replace(hour=hour, minute=0, second=0, microsecond=0)
        times = {
            "start": {"dateTime": start.isoformat()},
            "end": {"dateTime": (start + timedelta(hours=1)).isoformat()},
        }
        body = {"mailbox": MAILBOX, "event": {"summary": title} | times | fields}
        return str(self._post("events", body)["id"])

    def rename(self, event: str, title: str) -> None:
        self._post("events/patch", {"mailbox": MAILBOX, "id": event, "changes": {"summary": title}})

    def delete(self, event: str) -> None:
        self._post("events/delete", {"mailbox": MAILBOX, "id": event})

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = requests.post(f"{self.url}/control/{path}", json=body, timeout=10)
        answer.raise_for_status()
        return dict(answer.json())


@pytest.fixture(scope="module")
def google(product: Product) -> Google:
    return Google(product.sandbox_url)


@pytest.fixture(scope="module")
def active(browser: Browser, browser_context_args: dict[str, Any]) -> None:
    """Maple's administrator installs and activates the module."""
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    log_in(page, "oliver@maple.example")
    for verb in ("Install", "Activate"):
        page.goto(f"/maintenance/marketplace/calendar/{verb.lower()}/")
        page.get_by_role("button", name=f"{verb} Calendar").click()
        page.wait_for_url(lambda url: not url.endswith("/install/") and not url.endswith("/activate/"))
    context.close()


@pytest.fixture(scope="module")
def noor(active: None, browser: Browser, browser_context_args: dict[str, Any]) -> StorageState:
    """The browser state of Noor, whose mailbox is connected and read."""
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    log_in(page, "noor@maple.example")
    connect(page, MAILBOX)
    expect(page.locator("#sync-pill")).to_contain_text("Synchronised", timeout=30_000)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def contexts(
    noor: StorageState, browser: Browser, browser_context_args: dict[str, Any]
) -> Iterator[list[BrowserContext]]:
    """Closed at the end; made by `open_calendar`."""
    made: list[BrowserContext] = []
    yield made
    for context in made:
        context.close()


@pytest.fixture
def open_calendar(
    noor: StorageState, contexts: list[BrowserContext], browser: Browser, browser_context_args: dict[str, Any]
) -> Any:
    """`open_calendar(color_scheme="dark")` opens Noor's calendar in its own browser; `without` gets no answer."""

    def opened(without: str = "", **options: Any) -> Page:
        context = browser.new_context(**browser_context_args | {"storage_state": noor} | options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        page.set_default_timeout(10_000)
        if without:
            page.route(without, lambda route: route.abort())
        page.goto("/calendar/")
        expect(page.locator("[data-chip]").first).to_be_visible()
        return page

    return opened


def test_newcomer_connects_and_sees_the_meetings_of_this_week(
    active: None, page: Page, google: Google
) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Security" in message.text else None)
    log_in(page, "oliver@maple.example")
    page.goto("/calendar/")
    assert_accessible(page)

    connect(page, "emma.clarke@sandbox.example")

    expect(page.locator(".chip-event--column").first).to_be_visible(timeout=10_000)
    expect(page.locator("#sync-pill")).to_contain_text("Synchronised", timeout=30_000)
    expect(page.locator("[data-import]")).to_be_hidden()
    assert refused == []


def test_change_at_google_appears_by_itself_in_two_browsers(open_calendar: Any, google: Google) -> None:
    pages = [open_calendar(), open_calendar()]
    title = f"Coffee {time.monotonic_ns()}"

    event = google.add(title)

    for page in pages:
        expect(chip(page, title)).to_be_visible(timeout=5_000)

    chip(pages[0], title).click()
    expect(pages[0].get_by_role("heading", name=title)).to_be_focused()
    google.rename(event, f"{title}, later")
    expect(pages[0].get_by_role("heading", name=f"{title}, later")).to_be_visible(timeout=5_000)
    google.delete(event)
    expect(pages[0].get_by_text("This appointment was deleted")).to_be_visible(timeout=5_000)
    expect(chip(pages[1], title)).to_have_count(0)


def test_everything_works_by_keys_alone(open_calendar: Any, google: Google) -> None:
    title = f"Keys {time.monotonic_ns()}"
    google.add(title)
    page = open_calendar()
    expect(chip(page, title)).to_be_visible(timeout=5_000)
    period = page.locator("[data-title]")
    this_week = period.inner_text()

    page.keyboard.press("j")
    expect(period).not_to_have_text(this_week)
    page.keyboard.press("ArrowLeft")
    expect(period).to_have_text(this_week)
    for key, view in (("m", "Month"), ("x", "Work week"), ("d", "Day"), ("a", "Agenda"), ("w", "Week")):
        page.keyboard.press(key)
        expect(page.get_by_role("button", name=view, exact=True)).to_have_attribute("aria-pressed", "true")

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()

    page.keyboard.press("/")
    page.keyboard.type(title)
    expect(page.get_by_role("dialog").get_by_role("button", name=title)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=title)).to_be_focused()
    page.keyboard.press("Escape")
    expect(chip(page, title)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=title)).to_be_focused()


def test_tab_walks_a_day_in_order_of_time(open_calendar: Any) -> None:
    page = open_calendar()
    page.keyboard.press("d")
    expect(page.locator(".chip-event--column").first).to_be_visible()

    starts = page.locator(".chip-event--column .chip-event__time").evaluate_all(
        "times => times.map(time => time.firstChild.textContent)"
    )

    assert starts == sorted(starts)
    assert starts


def test_hidden_calendar_stays_hidden_on_the_next_visit(open_calendar: Any) -> None:
    page = open_calendar()
    expect(chip(page, "Stand-up")).to_be_visible()

    page.get_by_role("checkbox", name=MAILBOX).uncheck()

    expect(chip(page, "Stand-up")).to_have_count(0)
    page.reload()
    expect(page.locator("[data-chip]").first).to_be_visible()
    expect(page.get_by_role("checkbox", name=MAILBOX)).not_to_be_checked()
    expect(chip(page, "Stand-up")).to_have_count(0)


def test_phone_shows_the_agenda_first(open_calendar: Any) -> None:
    page = open_calendar(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)

    expect(page.get_by_role("button", name="Agenda", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    small = page.locator(".cal-bar button:visible").evaluate_all(
        "buttons => buttons.filter(b => b.getBoundingClientRect().height < 40).map(b => b.textContent)"
    )
    assert (wide, small) == (0, [])
    page.locator("[data-chip]").first.click()
    expect(page.locator("#details-title")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_is_accessible(open_calendar: Any, scheme: str) -> None:
    page = open_calendar(color_scheme=scheme, reduced_motion="reduce")

    for key in "dwma":
        page.keyboard.press(key)
        expect(page.locator("[data-chip]:visible").first).to_be_visible()
        assert_accessible(page)
    page.locator("[data-chip]:visible").first.click()
    expect(page.locator("#details-title")).to_be_visible()
    assert_accessible(page)


def test_lost_stream_is_said_quietly_and_caught_up(open_calendar: Any, google: Google) -> None:
    title = f"Missed {time.monotonic_ns()}"
    page = open_calendar(without="**/calendar/stream/")
    expect(page.get_by_text("Reconnecting…")).to_be_visible(timeout=8_000)

    google.add(title)
    page.unroute("**/calendar/stream/")

    expect(chip(page, title)).to_be_visible(timeout=10_000)
    expect(page.get_by_text("Reconnecting…")).to_be_hidden()


def test_failed_reading_offers_another_try(open_calendar: Any) -> None:
    page = open_calendar()
    page.route("**/api/v1/calendar/**", lambda route: route.fulfill(status=503))

    for _month in range(2):
        page.get_by_role("button", name="Next", exact=True).click()
        page.keyboard.press("m")
    expect(page.get_by_text("Your appointments could not be loaded.")).to_be_visible()
    page.unroute("**/api/v1/calendar/**")
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_text("Your appointments could not be loaded.")).to_be_hidden()
    expect(page.locator("[data-chip]:visible").first).to_be_visible()


def hold_first_answer(page: Page, address: str) -> list[tuple[Route, APIResponse]]:
    """The next answer from there is made at once, but reaches the page only when the test fulfils it."""
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    page.route(address, hold)
    return held


def test_news_during_an_answer_on_its_way_is_not_lost(open_calendar: Any, google: Google) -> None:
    """S90: the answer was made before the change, the message about the change came before the answer."""
    page = open_calendar()
    first, second = f"First {time.monotonic_ns()}", f"Second {time.monotonic_ns()}"
    held = hold_first_answer(page, "**/api/v1/calendar/?**")
    google.add(first)
    until(page, lambda: bool(held))
    google.add(second, hour=14)
    page.wait_for_timeout(2_500)  # the message about the second arrives while the first answer is on its way
    [(route, answer)] = held
    route.fulfill(response=answer)

    expect(chip(page, second)).to_be_visible(timeout=5_000)


def test_older_answer_about_an_event_never_replaces_a_newer_one(open_calendar: Any, google: Google) -> None:
    title = f"Older {time.monotonic_ns()}"
    page = open_calendar()
    event = google.add(title)
    chip(page, title).click()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    held = hold_first_answer(page, "**/calendar/events/**")
    google.rename(event, f"{title}, once")
    until(page, lambda: bool(held))
    google.rename(event, f"{title}, twice")
    expect(page.get_by_role("heading", name=f"{title}, twice")).to_be_visible(timeout=5_000)
    [(route, answer)] = held
    route.fulfill(response=answer)
    page.wait_for_timeout(500)

    expect(page.get_by_role("heading", name=f"{title}, twice")).to_be_visible()


def test_failed_reading_is_repeated_without_a_click(open_calendar: Any, google: Google) -> None:
    """S90: nobody repeats the message about the change."""
    title = f"Repeated {time.monotonic_ns()}"
    page = open_calendar()
    page.clock.install()
    page.route("**/api/v1/calendar/?**", lambda route: route.fulfill(status=503))
    google.add(title)
    expect(page.get_by_text("Your appointments could not be loaded.")).to_be_visible(timeout=5_000)
    page.unroute("**/api/v1/calendar/?**")

    page.clock.fast_forward(15_000)

    expect(chip(page, title)).to_be_visible(timeout=5_000)
    expect(page.get_by_text("Your appointments could not be loaded.")).to_be_hidden()


def until(page: Page, happened: Callable[[], bool]) -> None:
    """Let the page work until something has happened."""
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)
