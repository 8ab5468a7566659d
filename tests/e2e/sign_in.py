"""Logging in through the page, as everybody does."""

from playwright.sync_api import Page


def log_in(page: Page, email: str, password: str = "demo") -> None:
    """Fill in the login page, opening it first unless it is already shown, and wait until it is left."""
    if "/login/" not in page.url:
        page.goto("/login/")
    page.locator("[name=username]").fill(email)
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
