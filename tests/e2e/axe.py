"""Accessibility by axe-core, run inside the page as the browser shows it (works under the page's own CSP)."""

from typing import Any

from playwright.sync_api import Page

from devkit.layout import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RUN = "selector => axe.run(selector, { resultTypes: ['violations'] })"
GRAVE = {"serious", "critical"}


def assert_accessible(page: Page, within: str = "body") -> None:
    """Fail with rule, help and place of every serious or critical violation inside the selector."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate(RUN, within)
    grave = [violation for violation in result["violations"] if violation["impact"] in GRAVE]

    assert not grave, "\n".join(_described(violation) for violation in grave)


def _described(violation: dict[str, Any]) -> str:
    places = "".join(f"\n    {node['html'][:160]}" for node in violation["nodes"][:5])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}{places}"
