"""Tell whether the dates of a page may have the month before the day, by its language."""

from __future__ import annotations

from extractor.html.page import Page

_MONTH_FIRST = ("en", "en-us", "en_us", "en-ph")
"""Languages of pages that may write the month first; other kinds of English have a region."""


def writes_month_first(page: Page) -> bool:
    root = page.tree.root
    language = (root.attrs.get("lang") or root.attrs.get("xml:lang") or "").lower() if root is not None else ""
    return language in _MONTH_FIRST
