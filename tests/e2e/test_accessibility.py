"""axe on every page that has no journey of its own, by day and by night."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.axe import assert_accessible
from tests.e2e.sign_in import log_in
from tests.product import Product

pytestmark = pytest.mark.e2e

VISITOR = ("/login/?reason=activated", "/nowhere/")
MEMBER = (
    "/activities/?kind=appointment",
    "/activities/?q=zzzz&since=nonsense",
    "/calendar-1/?view=month",
    "/calendar-1/?view=week",
    "/profile/",
    "/profile/addresses/",
    "/maintenance/marketplace/",
    "/maintenance/marketplace/calendar/",
    "/maintenance/marketplace/calendar/uninstall/",
    "/maintenance/marketplace/calendar/options/scheduler/",
    "/maintenance/audit/",
    "/api/docs/",
    "/nowhere/",
)


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    """What the visitor's device prefers."""
    return str(request.param)


@pytest.fixture
def page(browser: Browser, browser_context_args: dict[str, Any], scheme: str) -> Any:
    """A page in that scheme."""
    context = browser.new_context(
        **browser_context_args | {"color_scheme": scheme, "reduced_motion": "reduce"}
    )
    yield context.new_page()
    context.close()


def test_every_page_is_accessible(page: Page, product: Product) -> None:
    _assert_all_accessible(page, VISITOR)
    log_in(page, "oliver@maple.example")
    _assert_all_accessible(page, MEMBER)
    page.goto("/activities/")
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert_accessible(page)
    _assert_all_accessible(page, [product.sandbox_url])


def _assert_all_accessible(page: Page, addresses: Any) -> None:
    for address in addresses:
        page.goto(address)
        assert_accessible(page)
