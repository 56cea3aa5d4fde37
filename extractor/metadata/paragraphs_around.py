"""Count the paragraphs before and after an element: what names author and day stands before or after the whole text."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from selectolax.lexbor import LexborNode

from extractor.html.hidden_elements import NEVER_TEXT
from extractor.html.lines import in_one_line
from extractor.html.regions import ancestors

LEAST_PROSE = 2
"""Minimum number of paragraphs: a teaser has one."""
_PROSE = 100
"""Minimum characters of a paragraph."""
_MOST_BESIDE = 200


def prose_around(node: LexborNode) -> tuple[int, int]:
    """Count the paragraphs before and after a node in the innermost element with paragraphs beside it."""
    for part in ancestors(node):
        before, after = (sum(map(_is_prose, beside)) for beside in _beside(part))
        if before or after:
            return before, after
    return 0, 0


def _beside(node: LexborNode) -> Iterator[list[LexborNode]]:
    """Yield the elements before a node in its parent, and those after it."""
    for step in (attrgetter("prev"), attrgetter("next")):
        found: list[LexborNode] = []
        other = step(node)
        while other is not None and len(found) < _MOST_BESIDE:
            if other.is_element_node:
                found.append(other)
            other = step(other)
        yield found


def _is_prose(node: LexborNode) -> bool:
    return node.tag not in NEVER_TEXT and len(in_one_line(node)) >= _PROSE
