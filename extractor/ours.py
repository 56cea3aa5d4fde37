"""Which parts of a page are the article's own, and which the site's, the readers' or other articles'."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from selectolax.lexbor import LexborNode

from extractor.page import Page
from extractor.regions import FRAME, ancestors, is_apparatus, is_comments, vocabulary, words_of

_OF_THE_SITE = vocabulary("header nav footer aside")
_NEVER_OURS = vocabulary(
    "footer nav navbar menu submenu related recommended recommendation breadcrumb breadcrumbs popup"
)
_MOST_HEADINGS = 12


class Ours:
    """Told by the page's heading: whatever holds it is no menu and no side bar, though its classes may speak of one."""

    def __init__(self, page: Page) -> None:
        self._page = page

    @cached_property
    def _around_heading(self) -> frozenset[int]:
        """The `mem_id` of all elements around the heading of the article; none when there is no such heading."""
        for heading in self._page.tagged("h1")[:_MOST_HEADINGS]:
            around = list(ancestors(heading))
            tags = [part.tag for part in around]
            if _OF_THE_SITE.isdisjoint(tags) or "article" in tags or "main" in tags:
                return frozenset(part.mem_id for part in around)
        return frozenset()

    def stands_aside(self, node: LexborNode) -> bool:
        """Whether a part is no part of the article. A form may be around all of it."""
        return any(is_comments(part) or (part.tag != "form" and is_apparatus(part)) for part in self._around(node))

    def belongs_elsewhere(self, node: LexborNode) -> bool:
        """Whether a part is the readers', the site's or another article's; a box at the side may be its own."""
        return any(is_comments(part) or _is_elsewhere(part) for part in self._around(node))

    def _around(self, node: LexborNode) -> Iterator[LexborNode]:
        """A node and what is around it, up to where the heading is, too."""
        if node.is_element_node:
            yield node
        for part in ancestors(node):
            if part.mem_id in self._around_heading:
                return
            yield part


def _is_elsewhere(part: LexborNode) -> bool:
    if part.tag in FRAME:
        return False
    return part.tag in ("nav", "footer") or not words_of(part).isdisjoint(_NEVER_OURS)
