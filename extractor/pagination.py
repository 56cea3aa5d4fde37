"""Where a page of a series goes on: by rel=next, by the number after the current one, by what a link is called, and by
the call of a script that writes the pager.
"""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from extractor.lines import in_one_line
from extractor.page import Page
from extractor.regions import elements, vocabulary, words_of
from extractor.scripted import scripted_next
from extractor.urls import Resolver

_CONTAINER = vocabulary("pagination paginator pager paging pagenavi pagenav pages pg")
_CURRENT = vocabulary("current active selected on cur thisclass")
_NEXT_WORDS = vocabulary("next nxt older nextpostslink")
_NEXT_SIGNS = frozenset(
    ("›", "»", "→", ">", ">>", "next", "next page", "older posts", "下一页", "下页", "下一頁", "后一页")
)
_FURTHEST = 5
_MANY = 40


def next_page(page: Page, resolver: Resolver) -> str | None:
    """The absolute URL of the page that follows, or None."""
    linked = (resolver(candidate.attrs.get("href") or "") for candidate in _candidates(page))
    url = next((url for url in linked if url and url != page.url), None)
    return url or resolver(scripted_next(page) or "")


def _candidates(page: Page) -> Iterator[LexborNode]:
    """Links that may lead on, the surest first."""
    yield from page.tree.css("link[rel~=next i][href],a[rel~=next i][href]")
    pager_of = _Pagers()
    pagers = [(link, pager) for link in page.tree.css("a[href]") if (pager := pager_of(link)) is not None]
    following = next(filter(None, (_following_number(pager) for _, pager in pagers[:1])), None)
    yield from (link for link, _ in pagers if in_one_line(link) == following)
    yield from (link for link, _ in pagers if _called_next(link))


class _Pagers:
    """The elements that hold the links to the pages of a series: so called, or with numbers for links.

    Each element is looked at once, however many links stand in it.
    """

    def __init__(self) -> None:
        self._called: dict[int, bool] = {}
        self._numbered: dict[int, bool] = {}

    def __call__(self, link: LexborNode) -> LexborNode | None:
        """The pager that a link stands in."""
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


def _following_number(pager: LexborNode) -> str | None:
    """The number after the one of the page that we are on: that one is marked as current, or is no link."""
    for node in elements(pager):
        marked = node.attributes.get("aria-current") == "page" or not words_of(node).isdisjoint(_CURRENT)
        plain = node.tag in ("span", "strong", "b", "em") and node.css_first("a") is None
        if (marked or plain) and in_one_line(node).isdecimal() and len(in_one_line(node)) < 7:
            return str(int(in_one_line(node)) + 1)
    return None


def _called_next(node: LexborNode) -> bool:
    own = words_of(node) | (words_of(node.parent) if node.parent is not None else frozenset())
    label = (node.attributes.get("aria-label") or node.attributes.get("title") or "").strip().lower()
    return not own.isdisjoint(_NEXT_WORDS) or in_one_line(node).lower() in _NEXT_SIGNS or label in _NEXT_SIGNS
