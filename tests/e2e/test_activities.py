"""The list of activities in a browser: narrowing, exporting, on a phone."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.e2e.sign_in import log_in

pytestmark = pytest.mark.e2e

PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True, "is_mobile": True}
OUTSIDE = """cells => cells.filter(cell => cell.offsetParent && cell.getBoundingClientRect().right > innerWidth)
                           .map(cell => cell.textContent)"""


@pytest.fixture
def daan(page: Page) -> StorageState:
    """The browser state of Daan, who reads Dutch."""
    log_in(page, "daan@linden.example")
    return page.context.storage_state()


@pytest.fixture
def phone(daan: StorageState, browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    """Daan's phone."""
    context = browser.new_context(**browser_context_args | PHONE | {"storage_state": daan})
    yield context.new_page()
    context.close()


def test_list_is_narrowed_exported_and_widened_again(daan: StorageState, page: Page) -> None:
    page.goto("/activities/")
    page.get_by_label("Zoeken").fill("interview")
    page.get_by_label("Periode").select_option("Deze maand")
    page.get_by_role("button", name="Zoeken").click()

    chips = page.get_by_label("Filters die aan staan").get_by_role("listitem")
    expect(chips).to_have_count(3)
    expect(page.locator("tbody tr").first).to_contain_text(re.compile("interview", re.IGNORECASE))
    with page.expect_download() as download:
        page.get_by_role("link", name="Exporteren als CSV").click()
    rows = download.value.path().read_text(encoding="utf-8-sig").strip().splitlines()
    assert len(rows) == page.locator("tbody tr").count() + 1

    page.get_by_role("link", name="Onderwerp").click()
    assert parse_qs(urlsplit(page.url).query)["sort"] == ["subject"]
    page.get_by_role("link", name="Alles wissen").click()
    expect(chips).to_have_count(0)
    expect(page.get_by_role("link", name="Volgende")).to_be_visible()


def test_nothing_found_offers_the_way_back(daan: StorageState, page: Page) -> None:
    page.goto("/activities/?q=zzzz&kind=call")

    expect(page.get_by_role("heading", name="Niets gevonden")).to_be_visible()
    page.get_by_role("link", name="Alles tonen").click()

    expect(page.locator("tbody tr").first).to_be_visible()


def test_phone_shows_every_cell_within_its_width(phone: Page) -> None:
    phone.goto("/activities/")

    expect(phone.locator("tbody tr").first).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    assert phone.locator("tbody td").evaluate_all(OUTSIDE) == []
    phone.locator("tbody a").first.click()
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
