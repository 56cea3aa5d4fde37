"""Find the tables of data in the cells of tables of data: each is a table of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extractor.article.blocks import KIND, Blocks
from extractor.html.data_tables import is_data_table

_TABLE, _CAPTION = KIND["table"], KIND["caption"]
_CELLS = frozenset((KIND["td"], KIND["th"]))
_HIGHEST = 64
"""Maximum containers between a table and its cell."""
DEEPEST = 4
"""Maximum tables in each other. What is deeper stays text of its cell, so that nested tables take linear time."""


def inner_tables(blocks: Blocks, outermost: int) -> Mapping[int, Sequence[int]]:
    """Return the tables inside the table in a container, in order, by the cell that each is in."""
    found: dict[int, list[int]] = {}
    depths = {outermost: 1}
    number = outermost + 1
    while number < len(blocks.nodes) and blocks.table[number] == outermost:
        if blocks.kind[number] == _TABLE and blocks.first[number] < blocks.end[number]:
            table, cell = _around(blocks, number, depths)
            if cell >= 0 and depths[table] < DEEPEST and is_data_table(blocks.nodes[number], nested=True):
                found.setdefault(cell, []).append(number)
                depths[number] = depths[table] + 1
        number += 1
    return found


def _around(blocks: Blocks, number: int, tables: Mapping[int, int]) -> tuple[int, int]:
    """Return the nearest of these tables around a container, and its cell; -1 if it is in a caption, or too far."""
    cell = -1
    for _ in range(_HIGHEST):
        number = blocks.parent[number]
        if number in tables:
            return number, cell
        if blocks.kind[number] == _CAPTION:
            break
        cell = number if blocks.kind[number] in _CELLS else cell
    return -1, -1


def own_blocks(blocks: Blocks, cell: int, inner: Sequence[int]) -> Sequence[int]:
    """Return the blocks of a cell that are not in the tables inside it."""
    own: list[int] = []
    start = blocks.first[cell]
    for table in inner:
        own += range(start, blocks.first[table])
        start = blocks.end[table]
    rest = range(start, blocks.end[cell])
    return (*own, *rest) if inner else rest
