"""Find the next page of a series: by rel=next, by the number after the current one, by the text of a link, or by the
script call that writes the pager.

The current number of a pager is marked, or is not a link, or links to the page itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from extractor.html.lines import in_one_line
from extractor.html.page import Page
from extractor.html.regions import elements, vocabulary, words_of
from extractor.links.scripted import scripted_next
from extractor.values.urls import Resolver

_CONTAINER = vocabulary("pagination paginator pager paging pagenavi pagenav pages pg")
_CURRENT = vocabulary("current active selected on cur thisclass")
_NEXT_WORDS = vocabulary("next nxt older nextpostslink")
_NEXT_SIGNS = frozenset(
    ("›", "»", "→", ">", ">>", "next", "next page", "older posts", "下一页", "下页", "下一頁", "后一页")
)
_NUMBER = re.compile(r"(?<![\w.])\d{1,6}(?![\w.])")
_FURTHEST = 5
_MANY = 40


def next_page(page: Page, resolver: Resolver) -> str | None:
    """Return the absolute URL of the next page, or None."""
    linked = (resolver(candidate.attrs.get("href") or "") for candidate in _candidates(page, resolver))
    url = next((url for url in linked if url and url != page.url), None)
    return url or resolver(scripted_next(page) or "")


def numbers(page: Page, resolver: Resolver) -> tuple[int | None, int | None]:
    """Return the number of a page in its series, from 1, and the number of pages; None without a pager."""
    for pager in _pagers(page):
        if (current := current_number(pager, page, resolver)) is not None:
            return current, max([current, *_linked_numbers(pager)])
    return None, None


def numbered_next(pager: LexborNode, page: Page, resolver: Resolver) -> str | None:
    """Return the absolute URL of the number after the current one in a pager, or None."""
    current = current_number(pager, page, resolver)
    if current is None:
        return None
    following = (link for link in pager.css("a[href]") if in_one_line(link) == str(current + 1))
    return next((url for link in following if (url := resolver(link.attrs["href"] or "")) and url != page.url), None)


def current_number(pager: LexborNode, page: Page, resolver: Resolver) -> int | None:
    """Return the current page number of a pager."""
    if (marked := _marked_number(pager)) is not None:
        return marked
    links = [link for link in pager.css("a[href]")[:_MANY] if _is_number(in_one_line(link))]
    if own := [link for link in links if resolver(link.attrs["href"] or "") == page.url]:
        return int(in_one_line(own[0]))
    unlinked = [number for text in _unlinked(pager) for number in _NUMBER.findall(text)]
    return int(unlinked[0]) if links and len(unlinked) == 1 else None


def _candidates(page: Page, resolver: Resolver) -> Iterator[LexborNode]:
    """Yield links that may lead to the next page, best first."""
    yield from page.tree.css("link[rel~=next i][href],a[rel~=next i][href]")
    pager_of = _Pagers()
    pagers = [(link, pager) for link in page.tree.css("a[href]") if (pager := pager_of(link)) is not None]
    current = next((current_number(pager, page, resolver) for _, pager in pagers[:1]), None)
    yield from (link for link, _ in pagers if current is not None and in_one_line(link) == str(current + 1))
    yield from (link for link, _ in pagers if _called_next(link))


def _pagers(page: Page) -> Iterator[LexborNode]:
    """Yield the pagers of a page, each once."""
    pager_of, seen = _Pagers(), set()
    for link in page.tree.css("a[href]"):
        pager = pager_of(link)
        if pager is not None and pager.mem_id not in seen:
            seen.add(pager.mem_id)
            yield pager


class _Pagers:
    """The elements with the links to the pages of a series: with such names, or with numbers as links.

    Each element is checked once, however many links it has.
    """

    def __init__(self) -> None:
        self._called: dict[int, bool] = {}
        self._numbered: dict[int, bool] = {}

    def __call__(self, link: LexborNode) -> LexborNode | None:
        """Return the pager around a link."""
        parent = link.parent
        for level in range(_FURTHEST):
            if parent is None or parent.tag == "body":
                return None
            key = parent.mem_id
            if key not in self._called:
                self._called[key] = not words_of(parent).isdisjoint(_CONTAINER)
            if level < 2 and key not in self._numbered:
                self._numbered[key] = self._called[key] or _is_numbered(parent)
            if self._called[key] or (level < 2 and self._numbered[key]):
                return parent
            parent = parent.parent
        return None


def _is_numbered(element: LexborNode) -> bool:
    links = element.css("a")[:_MANY]
    numbers = sum(in_one_line(link).isdecimal() for link in links)
    return numbers >= 2 and numbers >= len(links) / 2


def _is_number(said: str) -> bool:
    return said.isascii() and said.isdecimal() and len(said) < 7


def _linked_numbers(pager: LexborNode) -> list[int]:
    return [int(said) for link in pager.css("a") if _is_number(said := in_one_line(link))]


def _unlinked(pager: LexborNode) -> Iterator[str]:
    """Yield the texts of a pager outside links."""
    linked = {node.mem_id for link in pager.css("a") for node in link.traverse(include_text=True)}
    for node in pager.traverse(include_text=True):
        if node.is_text_node and node.mem_id not in linked:
            yield node.text_content or ""


def _marked_number(pager: LexborNode) -> int | None:
    """Return the number that is marked as current, or is a separate element without a link."""
    for node in elements(pager):
        marked = node.attributes.get("aria-current") == "page" or not words_of(node).isdisjoint(_CURRENT)
        plain = node.tag in ("span", "strong", "b", "em") and node.css_first("a") is None
        if (marked or plain) and _is_number(in_one_line(node)):
            return int(in_one_line(node))
    return None


def _called_next(node: LexborNode) -> bool:
    own = words_of(node) | (words_of(node.parent) if node.parent is not None else frozenset())
    label = (node.attributes.get("aria-label") or node.attributes.get("title") or "").strip().lower()
    return not own.isdisjoint(_NEXT_WORDS) or in_one_line(node).lower() in _NEXT_SIGNS or label in _NEXT_SIGNS
