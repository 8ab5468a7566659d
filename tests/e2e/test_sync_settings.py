"""Calendar sync settings in a browser: connected for real, by mouse and by keys, on a desk and on a phone."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route, StorageState, expect

from tests.e2e.axe import assert_accessible
from tests.e2e.withdrawal import withdraw_access
from tests.product import Product

pytestmark = pytest.mark.e2e

MAILBOX = "emma.clarke@sandbox.example"
TAB = "/profile/calendar-sync/"


def log_in(page: Page, email: str) -> None:
    page.goto("/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login" not in url)


def activate(page: Page) -> None:
    """Linden's administrator takes the steps that are still to be taken."""
    log_in(page, "iris@linden.example")
    for verb in ("Install", "Activate"):
        page.goto("/maintenance/marketplace/calendar/")
        link = page.get_by_role("link", name=f"{verb} Calendar").first
        if link.is_visible():
            link.click()
            page.get_by_role("dialog").get_by_role("button", name=f"{verb} Calendar").click()
            page.wait_for_url(lambda url: "login" in url or "marketplace" in url)
            page.wait_for_load_state()


@pytest.fixture(scope="module")
def emma(product: Product, browser: Browser, browser_context_args: dict[str, Any]) -> StorageState:
    """The browser state of Emma, whose mailbox is connected and read."""
    for role in ("iris", "emma"):
        context = browser.new_context(**browser_context_args)
        page = context.new_page()
        if role == "iris":
            activate(page)
            context.close()
    log_in(page, "emma@linden.example")
    page.goto("/calendar/?step=choose")
    page.get_by_role("button", name="Continue with Google").click()
    page.get_by_role("link", name=MAILBOX).click()
    page.get_by_role("button", name="Allow").click()
    page.goto(TAB)
    expect(page.locator(".sync__words")).to_contain_text("Synchronised ·", timeout=40_000)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def tab(emma: StorageState, browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    """Emma's settings tab."""
    context = browser.new_context(**browser_context_args | {"storage_state": emma})
    page = context.new_page()
    page.goto(TAB)
    yield page
    context.close()


def test_card_shows_the_connection_and_is_accessible(tab: Page) -> None:
    expect(tab.get_by_role("heading", name=MAILBOX)).to_be_visible()
    expect(tab.get_by_text(re.compile(r"^[\d,]+ events$")).first).to_be_visible()
    tab.get_by_text("Show as a table").click()
    tab.get_by_text("Details for support").click()

    assert_accessible(tab)


def test_tab_fits_a_phone_in_the_dark(
    emma: StorageState, browser: Browser, browser_context_args: dict[str, Any]
) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True}
    context = browser.new_context(**browser_context_args | phone | {"storage_state": emma})
    page = context.new_page()
    page.goto(TAB)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    words = "Je afspraken worden geïmporteerd · 340 van 1.204"
    page.locator(".pill__words").evaluate("(pill, words) => (pill.textContent = words)", words)
    brand, pill = page.locator(".brand").bounding_box(), page.locator("#sync-pill").bounding_box()
    assert brand
    assert pill
    assert pill["x"] >= brand["x"] + brand["width"]
    assert_accessible(page)
    context.close()


def test_pause_says_so_and_undo_goes_on(tab: Page) -> None:
    tab.get_by_text("More actions for").locator("..").click()
    tab.get_by_role("button", name="Pause synchronisation").click()
    expect(tab.locator(".sync__words")).to_have_text("Stopped by you today")

    tab.get_by_role("button", name="Undo").click()

    # No reload: the card follows the worker by itself.
    expect(tab.locator(".sync__words")).to_contain_text("Synchronised ·", timeout=40_000)


def test_news_during_an_answer_on_its_way_is_asked_for_once_more(tab: Page) -> None:
    """Two tabs: what the first one is being told was true before the second one paused."""
    old_answers: list[tuple[Route, APIResponse]] = []

    def hold_the_first(route: Route) -> None:
        if route.request.resource_type == "fetch" and not old_answers:
            old_answers.append((route, route.fetch()))
        else:
            route.continue_()

    tab.goto("about:blank")
    tab.route(f"**{TAB}", hold_the_first)
    tab.goto(TAB)
    tab.wait_for_timeout(1_500)
    second = tab.context.new_page()
    second.goto(TAB)
    second.get_by_text("More actions for").locator("..").click()
    second.get_by_role("button", name="Pause synchronisation").click()
    expect(second.locator(".sync__words")).to_have_text("Stopped by you today")
    tab.wait_for_timeout(500)
    route, answer = old_answers[0]
    route.fulfill(status=200, content_type="text/html", body=answer.text())
    tab.wait_for_timeout(1_000)

    expect(tab.locator(".sync__words")).to_have_text("Stopped by you today", timeout=4_000)

    second.get_by_role("button", name="Undo").click()
    expect(second.locator(".sync__words")).to_contain_text("Synchronised ·", timeout=40_000)


def test_disconnecting_asks_first_with_the_safe_choice_focused(tab: Page) -> None:
    menu = tab.get_by_text("More actions for").locator("..")
    menu.focus()
    tab.keyboard.press("Enter")
    tab.get_by_role("link", name="Disconnect calendar").press("Enter")
    dialog = tab.get_by_role("dialog")

    expect(dialog.get_by_role("link", name="Stay connected")).to_be_focused()
    assert_accessible(tab, "dialog")
    tab.keyboard.press("Enter")

    expect(dialog).to_have_count(0)
    expect(tab.get_by_role("heading", name=MAILBOX)).to_be_visible()


def test_withdrawn_access_asks_to_reconnect_and_reconnecting_keeps_the_card(
    tab: Page, product: Product
) -> None:
    calendars = tab.locator("[name=selected]").evaluate_all("boxes => boxes.map(box => box.value)")
    withdraw_access(tab, product.sandbox_url, MAILBOX, sync_now="Sync now")
    expect(tab.locator(".sync__words")).to_have_text("Please reconnect your calendar", timeout=20_000)

    tab.get_by_role("button", name="Reconnect calendar").first.click()
    tab.get_by_role("link", name=MAILBOX).click()
    tab.get_by_role("button", name="Allow").click()
    tab.wait_for_url("**/calendar/")
    tab.goto(TAB)

    expect(tab.locator(".sync__words")).to_contain_text("Synchronised ·", timeout=40_000)
    assert tab.locator("[name=selected]").evaluate_all("boxes => boxes.map(box => box.value)") == calendars
