"""When a connection needs its owner: banner, wrong account, ending it and coming back; in Dutch, for Sanne."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.e2e.axe import assert_accessible
from tests.e2e.sign_in import log_in
from tests.e2e.test_sync_settings import activate
from tests.e2e.withdrawal import withdraw_access
from tests.product import Product

pytestmark = pytest.mark.e2e

MAILBOX, OTHER = "sanne.devries@sandbox.example", "leeg@sandbox.example"
TAB = "/profile/calendar-sync/"
SYNCHRONISED = "Gesynchroniseerd ·"


def allow(page: Page, mailbox: str) -> None:
    """On the provider's pages: this account, and yes."""
    page.get_by_role("link", name=mailbox).click()
    page.get_by_role("button", name="Allow").click()


def expect_state(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.locator(".sync__words").first).to_contain_text(words, timeout=40_000)


def choose_to_disconnect(page: Page) -> None:
    page.get_by_text("Meer acties voor").locator("..").click()
    page.get_by_role("link", name="Agenda ontkoppelen").click()


@pytest.fixture(scope="module")
def sanne(product: Product, browser: Browser, browser_context_args: dict[str, Any]) -> StorageState:
    """The browser state of Sanne, whose mailbox is connected and read."""
    context = browser.new_context(**browser_context_args)
    activate(context.new_page())
    context.close()
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    log_in(page, "sanne@linden.example")
    page.goto("/calendar/?step=choose")
    page.get_by_role("button", name="Doorgaan met Google").click()
    allow(page, MAILBOX)
    page.goto(TAB)
    expect_state(page, SYNCHRONISED)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(sanne: StorageState, browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    """Sanne's browser."""
    context = browser.new_context(**browser_context_args | {"storage_state": sanne})
    yield context.new_page()
    context.close()


def put_the_banner_away(page: Page) -> None:
    """In a session of its own, by keys: gone without a reload, and still gone on the next page."""
    log_in(page, "sanne@linden.example")
    page.goto("/activities/")
    page.locator("#calendar-banner").get_by_role("button", name="Voorlopig sluiten").press("Enter")
    expect(page.locator("#calendar-banner")).to_have_count(0)
    page.goto("/profile/")
    expect(page.locator("main")).to_be_visible()
    expect(page.locator("#calendar-banner")).to_have_count(0)


def test_banner_leads_back_even_by_way_of_the_wrong_account(
    page: Page, product: Product, browser: Browser, browser_context_args: dict[str, Any]
) -> None:
    page.goto(TAB)
    withdraw_access(page, product.sandbox_url, MAILBOX, sync_now="Nu synchroniseren")
    expect_state(page, "Koppel je agenda opnieuw")
    banner = page.locator("#calendar-banner")
    expect(banner).to_have_count(0)

    with browser.new_context(**browser_context_args) as elsewhere:
        put_the_banner_away(elsewhere.new_page())
    page.goto("/calendar/")
    expect(banner).to_contain_text(MAILBOX)
    assert_accessible(page, "#calendar-banner")
    above, content = banner.bounding_box(), page.locator("main").bounding_box()
    assert above
    assert content
    assert content["y"] >= above["y"] + above["height"]

    banner.get_by_role("button", name="Agenda opnieuw koppelen").click()
    allow(page, OTHER)
    expect(page.get_by_role("heading", name="Dit is een ander account")).to_be_visible()
    expect(page.get_by_role("button", name="Laten zoals het is")).to_be_focused()
    assert_accessible(page)
    page.get_by_role("button", name="Opnieuw aanmelden").click()
    allow(page, MAILBOX)
    page.wait_for_url("**/calendar/")

    expect(banner).to_have_count(0)
    page.goto(TAB)
    expect_state(page, SYNCHRONISED)


def test_ending_and_keeping_can_be_undone_and_come_back_to_life(page: Page) -> None:
    page.goto(TAB)
    choose_to_disconnect(page)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("link", name="Gekoppeld blijven")).to_be_focused()
    assert_accessible(page, "dialog")
    # By keys alone: back to the question, down to the second answer, and on to the button.
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_label("Bewaren zoals ze nu zijn")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    kept = re.compile(r"Ontkoppeld vandaag; [\d.]+ afspraken bewaard")
    expect_state(page, kept)
    page.get_by_role("button", name="Ongedaan maken").click()
    expect_state(page, SYNCHRONISED)

    choose_to_disconnect(page)
    dialog.get_by_label("Bewaren zoals ze nu zijn").check()
    dialog.get_by_role("button", name="Agenda ontkoppelen").click()
    expect_state(page, kept)
    assert_accessible(page)
    page.goto("/calendar/")
    expect(
        page.locator("[data-calendars]").get_by_text("Ontkoppeld; een bewaarde kopie").first
    ).to_be_attached()
    page.goto(TAB)
    page.get_by_text("Meer acties voor").locator("..").click()
    page.get_by_role("link", name="Kopieën verwijderen").click()
    expect(page.get_by_role("dialog").get_by_role("link", name="Kopieën bewaren")).to_be_focused()
    assert_accessible(page, "dialog")
    page.keyboard.press("Enter")

    page.get_by_role("button", name="Agenda opnieuw koppelen").click()
    allow(page, MAILBOX)
    page.wait_for_url("**/calendar/")
    page.goto(TAB)
    expect_state(page, SYNCHRONISED)


def test_refused_sign_in_is_explained_with_the_id_to_trust(page: Page) -> None:
    page.goto(TAB)
    page.get_by_role("button", name="Nog een agenda van Google koppelen").click()
    page.wait_for_url(lambda url: "state=" in url)
    state = re.search(r"state=([^&]+)", page.url)
    assert state

    page.goto(f"/calendar/connect/google/callback/?state={state[1]}&error=admin_policy_enforced")

    expect(page.get_by_text("sandbox-client")).to_be_visible()
    expect(page.get_by_role("button", name="Id kopiëren")).to_be_visible()
    assert_accessible(page)


def test_one_mailbox_is_replaced_by_another_and_back(page: Page) -> None:
    page.goto(TAB)
    for old, new in ((MAILBOX, OTHER), (OTHER, MAILBOX)):
        page.get_by_text("Meer acties voor").locator("..").click()
        page.get_by_role("button", name="Agenda opnieuw koppelen").click()
        allow(page, new)

        page.get_by_role("button", name=f"{old} vervangen door {new}").click()

        expect(page.get_by_text(f"{old} is vervangen door {new}.")).to_be_visible()
        expect(page.get_by_role("heading", name=new)).to_be_visible()
        expect(page.get_by_role("heading", name=old)).to_have_count(0)
        expect_state(page, SYNCHRONISED)
