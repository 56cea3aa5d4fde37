"""Read the microdata of a page, which describes its articles and threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode

from extractor.html.page import Page
from extractor.html.regions import ancestors
from extractor.metadata.claim import ARTICLES, PAGES, THREADS, Claim, Field

_SPEAKING = ARTICLES | THREADS
_MOST_ITEMS, _MOST_HEADINGS = 1_000, 12
_THE_PAGE = -1
"""Stands for the page itself in place of an item's `mem_id`."""
_ITEM_FIELDS: dict[str, Field] = {
    "headline": "title",
    "datePublished": "published",
    "dateCreated": "published",
    "dateModified": "modified",
    "dateUpdate": "modified",
    "author": "author",
    "creator": "author",
    "inLanguage": "language",
    "articleSection": "section",
    "keywords": "tags",
    "isAccessibleForFree": "free",
}


def microdata(page: Page) -> Iterator[Claim]:
    """Yield microdata claims.

    Of several articles, only the page's own counts: the one with its heading, or the first.
    """
    for node in page.items[:_MOST_ITEMS]:
        if _speaks(node):
            yield Claim("kind", _kind_of(node), "microdata")
    found: list[tuple[Claim, int]] = []
    for node in page.properties[:_MOST_ITEMS]:
        for name in (node.attributes.get("itemprop") or node.attributes.get("property") or "").split():
            field = _ITEM_FIELDS.get(name.removeprefix("schema:"))
            item = _item_of(node) if field else None
            if field and (value := _value_of(node) if item is None or _speaks(item) else ""):
                found.append((Claim(field, value, "microdata"), item.mem_id if item is not None else _THE_PAGE))
    own = _own_item(page, [item for _, item in found if item != _THE_PAGE])
    yield from (claim for claim, item in found if item in (own, _THE_PAGE))


def _own_item(page: Page, items: Sequence[int]) -> int:
    """Return the `mem_id` of the page's own article or thread."""
    if len(set(items)) > 1:
        around = {part.mem_id for heading in page.tagged("h1")[:_MOST_HEADINGS] for part in ancestors(heading)}
        return next(filter(around.__contains__, items), items[0])
    return items[0] if items else _THE_PAGE


def _item_of(node: LexborNode) -> LexborNode | None:
    """Return the item of a property; None if it belongs to the page."""
    item = next((parent for parent in ancestors(node) if "itemscope" in parent.attributes), None)
    return None if item is not None and _kind_of(item) in ("", *PAGES) else item


def _kind_of(item: LexborNode) -> str:
    return (item.attributes.get("itemtype") or "").rstrip("/").rpartition("/")[2]


def _speaks(item: LexborNode) -> bool:
    """Return whether an item is an article or a thread, and not a comment."""
    return _kind_of(item) in _SPEAKING


def _value_of(node: LexborNode) -> str:
    """Return the value of a property by the rules of microdata; for a person, the name."""
    attributes = node.attributes
    for name in ("content", "datetime"):
        if value := attributes.get(name):
            return value
    if "itemscope" in attributes and (named := node.css_first("[itemprop~=name]")) is not None:
        return named.attrs.get("content") or named.text(separator=" ")
    return node.text(separator=" ")
