"""Check pages with axe-core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page, rules: Sequence[str] = ()) -> dict[str, list[str]]:
    """Return the rules that a page violates, and where: of all rules, or of these."""
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": TAGS}
    # All rules are checked; of those that pass, which nobody reads, only one node each is reported instead of hundreds.
    options = {"runOnly": only, "iframes": False, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return {one["id"]: [str(node["html"])[:200] for node in one["nodes"]] for one in found}


def broken_in(
    page: Page, name: str, language: str, themes: Sequence[Theme] = THEMES
) -> dict[str, dict[str, list[str]]]:
    """Return the rules that a page violates in any of these themes; it is in the requested language."""
    assert page.locator("html").get_attribute("lang") == language, name
    broken = {}
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        if found := violations(page):
            broken[f"{name}, {theme}"] = found
    return broken
