"""Access that ends at the provider."""

from contextlib import suppress

import requests
from playwright.sync_api import Page, TimeoutError

PATIENCE_MS = 5_000


def withdraw_access(page: Page, sandbox_url: str, mailbox: str, *, sync_now: str) -> None:
    """The provider takes the grant back, and a run finds out; `page` shows the card, `sync_now` names its button.

    The run is ours, unless the schedule's was first: then the card says so and has that button no more.
    """
    for path in ("grants/revoke", "tokens/expire"):
        control = f"{sandbox_url}/control/{path}"
        requests.post(control, json={"mailbox": mailbox}, timeout=10).raise_for_status()
    with suppress(TimeoutError):
        page.get_by_role("button", name=sync_now).click(timeout=PATIENCE_MS)
