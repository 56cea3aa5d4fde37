"""Find lines that belong together although each is a block: verses, and addresses, between single line breaks."""

from __future__ import annotations

from collections.abc import Container, Sequence
from itertools import pairwise

from selectolax.lexbor import LexborNode

from extractor.article.block_context import Place
from extractor.article.blocks import Blocks
from extractor.article.rendering import Line

_LONGEST = 100
"""Characters of a verse. Longer lines are paragraphs, as pages without paragraphs separate them."""
_MOST_NODES = 8


def verses(blocks: Blocks, lines: Sequence[Line], places: Sequence[Place], apart: Container[int]) -> dict[int, int]:
    """Return the first block of each group of verses, for all blocks of its lines but the first.

    The blocks of `apart` are in no group.
    """
    found: dict[int, int] = {}
    for (before, place), (line, _) in pairwise(zip(lines, places, strict=True)):
        above, block = before.blocks[0], line.blocks[0]
        if (
            block == above + 1
            and block not in apart
            and blocks.holder[above] == blocks.holder[block]
            and line.table < 0
            and place.pre < 0
            and not place.level
            and max(len(before.text), len(line.text)) <= _LONGEST
            and _breaks_once(blocks.pieces[above][-1], blocks.pieces[block][0], blocks.nodes[blocks.holder[block]])
        ):
            found[block] = found.get(above, above)
    return found


def _breaks_once(last: LexborNode, first: LexborNode, around: LexborNode) -> bool:
    """Return whether exactly one line break, and nothing else, is between two texts of an element."""
    node, end = _child(last, around), _child(first, around)
    if node is None or end is None:
        return False
    if node.mem_id == end.mem_id:  # in one inline element
        return node.is_element_node and _breaks_once(last, first, node)
    breaks = 0
    for _ in range(_MOST_NODES):
        node = node.next
        if node is None or node.mem_id == end.mem_id:
            break
        breaks += node.tag == "br"
    return node is not None and node.mem_id == end.mem_id and breaks == 1


def _child(node: LexborNode, around: LexborNode) -> LexborNode | None:
    """Return the child of an element that a node is, or is in."""
    while (parent := node.parent) is not None:
        if parent.mem_id == around.mem_id:
            return node
        node = parent
    return None
