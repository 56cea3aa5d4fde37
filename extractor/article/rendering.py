"""Blocks as lines of plain text: paragraphs one a line, items of lists with a dash, rows of tables with bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from extractor.article.blocks import KIND, Blocks

_CELLS = frozenset((KIND["td"], KIND["th"]))
_ITEM, _ROW = KIND["li"], KIND["tr"]


class Line(NamedTuple):
    """A line, and the blocks that it was made of: several for a row of a table."""

    text: str
    blocks: tuple[int, ...]


def lines(blocks: Blocks, kept: Iterable[int]) -> Iterator[Line]:
    """The lines of the blocks that are kept, in order."""
    row, cells = -1, list[int]()
    item = -1
    for block in kept:
        current = _row_of(blocks, block)
        if cells and current != row:
            yield _row(blocks, cells)
            cells.clear()
        row = current
        if row >= 0:
            cells.append(block)
            continue
        around = item_of(blocks, block)
        starts = around >= 0 and around != item
        yield Line(f"- {blocks.texts[block]}" if starts else blocks.texts[block], (block,))
        item = around
    if cells:
        yield _row(blocks, cells)


def _row(blocks: Blocks, cells: list[int]) -> Line:
    texts = [blocks.texts[cell] for cell in cells]
    return Line(f"| {' | '.join(texts)} |" if len(cells) > 1 else texts[0], tuple(cells))


def _row_of(blocks: Blocks, block: int) -> int:
    """The row of a table that a block is a cell of; -1 when it is none, or its cell holds more than this block."""
    holder = blocks.holder[block]
    if blocks.kind[holder] not in _CELLS:
        holder = blocks.parent[holder]
        if holder < 0 or blocks.kind[holder] not in _CELLS:
            return -1
    row = blocks.parent[holder]
    is_cell = blocks.end[holder] - blocks.first[holder] == 1 and row >= 0 and blocks.kind[row] == _ROW
    return row if is_cell else -1


def item_of(blocks: Blocks, block: int) -> int:
    """The item of a list that a block stands in, directly or in a part of it; -1 when it is none."""
    holder = blocks.holder[block]
    for _ in range(3):
        if holder < 0:
            break
        if blocks.kind[holder] == _ITEM:
            return holder
        holder = blocks.parent[holder]
    return -1
