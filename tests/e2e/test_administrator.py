"""The way of a new customer: an operator adds it, its administrator takes every step of the Marketplace."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.axe import assert_accessible
from tests.e2e.sign_in import log_in

pytestmark = pytest.mark.e2e

PASSWORD = "autumn-river-42"
MODULE = "/maintenance/marketplace/calendar/"
OpenPage = Callable[[], Page]


@pytest.fixture
def open_page(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[OpenPage]:
    """Each call is another person's browser."""
    contexts: list[BrowserContext] = []

    def opened() -> Page:
        contexts.append(browser.new_context(**browser_context_args))
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def oak(open_page: OpenPage) -> None:
    """Oak & Partners with Wren, its administrator, and Lou, made in the Django admin."""
    page = open_page()
    page.goto("/admin/")
    page.get_by_label("E-mail address").fill("admin@carerix.example")
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name="Log in").click()
    page.goto("/admin/marketplace/tenant/add/")
    page.get_by_label("Name").fill("Oak & Partners")
    page.get_by_label("Slug").fill("oak")
    page.get_by_role("button", name="Save", exact=True).click()
    for name, role in (("Wren Aster", "Administrator"), ("Lou Finch", "Recruiter")):
        add_person(page, name, role)


def add_person(page: Page, name: str, role: str) -> None:
    page.goto("/admin/marketplace/user/add/")
    page.locator("[name=email]").fill(f"{name.split()[0].lower()}@oak.example")
    page.locator("[name=name]").fill(name)
    page.locator("[name=tenant]").select_option("Oak & Partners")
    page.locator("[name=role]").select_option(role)
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password2]").fill(PASSWORD)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/user/\d+/change/"))


def menu(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Main menu").get_by_role("link")


def confirm(page: Page, link: str) -> None:
    """Follow a link to its dialog, which has the safe choice focused, and say yes."""
    page.get_by_role("link", name=link).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("link", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name=re.compile(link)).click()
    expect(dialog).to_have_count(0)


def step_back(page: Page, name: str) -> None:
    page.get_by_text("More for Calendar").locator("..").click()
    confirm(page, name)


def test_administrator_takes_every_step_and_colleagues_follow(oak: None, open_page: OpenPage) -> None:
    wren, lou = open_page(), open_page()
    log_in(wren, "wren@oak.example", PASSWORD)
    log_in(lou, "lou@oak.example", PASSWORD)
    lou.goto("/activities/?q=intake")
    expect(menu(lou)).to_have_text(["Calendar 1.0", "Activities"])

    # Two steps, and the second ends every session.
    menu(wren).filter(has_text="Maintenance").click()
    confirm(wren, "Install Calendar")
    expect(wren.get_by_text("Installed", exact=True)).to_be_visible()
    confirm(wren, "Activate Calendar")
    expect(wren.get_by_text("Calendar 2.0 was activated for your organisation.")).to_be_visible()
    log_in(wren, "wren@oak.example", PASSWORD)
    expect(menu(wren)).to_have_text(["Calendar", "Activities", "Maintenance"])
    lou.reload()
    expect(lou.get_by_text("Calendar 2.0 was activated for your organisation.")).to_be_visible()
    log_in(lou, "lou@oak.example", PASSWORD)
    expect(lou).to_have_url(re.compile(r"/activities/\?q=intake$"))
    expect(menu(lou)).to_have_text(["Calendar", "Activities"])

    # Options: one is free, the other asks for an explicit yes to its price.
    wren.goto(MODULE)
    wren.get_by_role("button", name=re.compile("Turn on.*Show both")).click()
    expect(menu(wren)).to_have_text(["Calendar", "Calendar 1.0", "Activities", "Maintenance"])
    wren.get_by_role("link", name=re.compile("Turn on.*Scheduler")).click()
    dialog = wren.get_by_role("dialog")
    dialog.get_by_role("button", name="Turn option on").click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("checkbox").check()
    assert_accessible(wren, "dialog")
    dialog.get_by_role("button", name="Turn option on").click()
    expect(wren.get_by_role("region", name="Costs").get_by_text("Wren Aster")).to_be_visible()

    # The way back, and what the log tells of it all.
    step_back(wren, "Deactivate")
    expect(wren.get_by_text("Calendar 2.0 was deactivated for your organisation.")).to_be_visible()
    log_in(wren, "wren@oak.example", PASSWORD)
    wren.goto(MODULE)
    step_back(wren, "Uninstall")
    expect(wren.get_by_text("Not installed", exact=True)).to_be_visible()
    wren.goto("/maintenance/audit/")
    options = ["Option changed"] * 3
    expect(wren.locator(".audit__what")).to_have_text(
        ["Module uninstalled", "Module deactivated", *options, "Module activated", "Module installed"]
    )
