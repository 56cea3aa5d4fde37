"""Which parts of a page bear its article: by what they hold, or by how much of what the page says is in them."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from extractor.article.fields import bearers
from extractor.html.page import Page
from extractor.html.prose import prose

_MOST_WEIGHED = 300
_MOST_OCTETS = 4
"""Of a character in UTF-8: what has few characters need not be weighed."""


class Weighing:
    """How much is weighed is bounded, so that no page can make it long: what comes after that bears all."""

    def __init__(self, page: Page) -> None:
        self.prose = page.running
        """Octets of running text in the page."""
        self._bearers = bearers(page)
        self._left = _MOST_WEIGHED

    def bears(self, node: LexborNode) -> bool:
        """Whether a part holds the page's heading, or what is marked as the article's body."""
        return node.mem_id in self._bearers

    def says_much(self, node: LexborNode, share: float) -> bool:
        """Whether a part has more than that share of the page's prose."""
        self._left -= 1
        if self._left < 0:
            return True
        least = self.prose * share
        return 0 < least < len(node.text()) * _MOST_OCTETS and least < prose(node)
