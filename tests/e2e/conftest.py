"""Journeys: one running product for all of them, and a page in an installed browser."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from devkit.browser import installed_browser
from tests.product import Product, running_product

PATIENCE_MS = 10_000


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with its demo data, shared by all journeys: each uses people of its own."""
    with running_product(tmp_path_factory.mktemp("product") / "var") as running:
        yield running


@pytest.fixture(scope="session")
def base_url(product: Product) -> str:
    """Lets journeys write `page.goto("/login/")`."""
    return product.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The browser that is there; as root it must do without its own sandbox."""
    quiet = [
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
    ]
    args = [*quiet, "--no-sandbox"] if os.geteuid() == 0 else quiet
    headed = {"headless": False} if os.environ.get("E2E_HEADED") else {}
    return browser_type_launch_args | {"executable_path": installed_browser(), "args": args} | headed


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], base_url: str) -> dict[str, Any]:
    """A Dutch desk in English: the zone of most users, the language of the tests."""
    desk = {"locale": "en-GB", "timezone_id": "Europe/Amsterdam", "viewport": {"width": 1280, "height": 900}}
    return browser_context_args | desk | {"base_url": base_url}


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page that fails its test when a script on it fails."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(PATIENCE_MS)

    yield page

    assert not errors, f"scripts failed on {page.url}: {errors}"


@pytest.fixture
def log_in(page: Page) -> Callable[[str, str], None]:
    """Log somebody in on this page: `log_in("alice@linden.example", "password")`."""

    def enter(email: str, password: str) -> None:
        page.goto("/login/")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(lambda url: "/login" not in url)

    return enter
