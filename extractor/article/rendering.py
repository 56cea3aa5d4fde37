"""Render blocks as lines of plain text: a paragraph per line, list items with a dash, table rows with bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from extractor.article.blocks import KIND, Blocks

_CELLS = frozenset((KIND["td"], KIND["th"]))
_ITEM, _ROW = KIND["li"], KIND["tr"]


class Line(NamedTuple):
    """A line and its blocks: several for a table row."""

    text: str
    blocks: tuple[int, ...]


def lines(blocks: Blocks, kept: Iterable[int]) -> Iterator[Line]:
    """Yield the lines of the kept blocks, in order."""
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
    """Return the table row of a block that is a whole cell; otherwise -1."""
    holder = blocks.holder[block]
    if blocks.kind[holder] not in _CELLS:
        holder = blocks.parent[holder]
        if holder < 0 or blocks.kind[holder] not in _CELLS:
            return -1
    row = blocks.parent[holder]
    is_cell = blocks.end[holder] - blocks.first[holder] == 1 and row >= 0 and blocks.kind[row] == _ROW
    return row if is_cell else -1


def item_of(blocks: Blocks, block: int) -> int:
    """Return the list item that contains a block, directly or not; -1 if there is none."""
    holder = blocks.holder[block]
    for _ in range(3):
        if holder < 0:
            break
        if blocks.kind[holder] == _ITEM:
            return holder
        holder = blocks.parent[holder]
    return -1
