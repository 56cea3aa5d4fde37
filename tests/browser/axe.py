"""Check pages with axe-core."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> dict[str, list[str]]:
    """Return the rules that a page violates, and where."""
    # All rules are checked; of those that pass, which nobody reads, only one node each is reported instead of hundreds.
    options = {"runOnly": {"type": "tag", "values": TAGS}, "iframes": False, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return {one["id"]: [str(node["html"])[:200] for node in one["nodes"]] for one in found}
