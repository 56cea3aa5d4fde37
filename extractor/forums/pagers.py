"""Read the pagers of threads and boards: the number of a page, how many pages there are, and the next one."""

from __future__ import annotations

from extractor.forums.element_text import first, number_in
from extractor.forums.page_addresses import hrefs
from extractor.html.lines import in_one_line
from extractor.html.page import Page
from extractor.links.pagination import next_page, numbered_next
from extractor.values.urls import Resolver

_MOST_PAGERS = 3
_DIGITS = 6
"""A longer number in a pager is not the number of a page."""


def numbers_of(
    page: Page, pager: str, current: tuple[str, ...], last: tuple[str, ...]
) -> tuple[int | None, int | None]:
    """Return the page's number and the number of pages: 1 and 1 without a pager, None for an engine without pagers.

    `pager` is a selector; `current` and `last` are places as in `extractor.forums.element_text`.
    """
    if not pager:
        return None, None
    node = page.tree.css_first(pager)
    if node is None:
        return 1, 1
    number = number_in(first(page.tree, current))
    links = (in_one_line(link) for link in node.css("a"))
    linked = [int(text) for text in links if text.isdecimal() and len(text) <= _DIGITS]
    return number, max([number or 0, number_in(first(page.tree, last)) or 0, *linked]) or None


def next_after(page: Page, resolver: Resolver, *, arrow: str, pager: str) -> str | None:
    """Return the URL of the next page, by the selector of the arrow, else by the number after the current one.

    Without an arrow, it is found as on any page.
    """
    if not arrow:
        return next_page(page, resolver)
    found = hrefs(page.tree.css(arrow)[:3], resolver)
    return next((url for url in found if url != page.url), None) or _numbered(page, resolver, pager)


def _numbered(page: Page, resolver: Resolver, pager: str) -> str | None:
    pagers = page.tree.css(pager)[:_MOST_PAGERS] if pager else ()
    return next(filter(None, (numbered_next(each, page, resolver) for each in pagers)), None)
