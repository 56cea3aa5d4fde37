"""Decide which elements contain the article, by their content or their fraction of the page's text."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.article.fields import heading_ancestors
from extractor.html.page import Page
from extractor.html.prose import prose

_MOST_WEIGHED = 300
_MOST_OCTETS = 4
"""Maximum bytes of a character in UTF-8: short elements need not be weighed."""


class ArticleScores:
    """Weighs elements, up to a limit on cost: beyond it, every element counts as containing the article."""

    def __init__(self, page: Page) -> None:
        self.prose = page.running
        """Bytes of running text in the page."""
        self._bearers = heading_ancestors(page)
        self._left = _MOST_WEIGHED

    def bears(self, node: LexborNode) -> bool:
        """Return whether an element contains the page's heading, or the element marked as the article's body."""
        return node.mem_id in self._bearers

    def has_share(self, node: LexborNode, share: float) -> bool:
        """Return whether an element has more than that fraction of the page's prose."""
        self._left -= 1
        if self._left < 0:
            return True
        least = self.prose * share
        return 0 < least < len(node.text()) * _MOST_OCTETS and least < prose(node)
