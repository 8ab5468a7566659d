"""The first page anybody sees."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import assert_accessible

pytestmark = pytest.mark.e2e


def test_login_page_is_accessible(page: Page) -> None:
    page.goto("/login/")

    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert_accessible(page)


def test_stranger_is_sent_to_login(page: Page) -> None:
    page.goto("/activities/")

    expect(page).to_have_url(re.compile("/login/"))
