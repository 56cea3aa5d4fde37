"""Decide for each table of data whether it belongs to the text: as a whole, since a cell that is left out would put the
next ones under other heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from extractor.article.blocks import KIND, Blocks
from extractor.article.table_cells import tables_in

_LEAST = 0.5
"""Fraction of the letters of a table from which on it belongs to the text."""
_LONG = 60
"""Letters of a table from which on one that is repeated is not a coincidence."""


def with_whole_tables(blocks: Blocks, kept: Sequence[int], before: AbstractSet[int]) -> tuple[int, ...]:
    """Return the kept blocks, with all blocks of a table or none.

    `before` are those that were kept before the repeated texts were removed: a table that is repeated stays once.
    """
    found = set(kept)
    had: set[tuple[str, ...]] = set()
    for table in tables_in(blocks):
        numbers = range(blocks.first[table], blocks.end[table])
        letters = sum(len(blocks.texts[number]) for number in numbers)
        stays = sum(len(blocks.texts[number]) for number in numbers if number in before) >= letters * _LEAST
        said = tuple(blocks.texts[number] for number in numbers)
        if stays and said not in had:
            found.update(numbers, _captions(blocks, table))
        else:
            found.difference_update(numbers)
        if stays and letters >= _LONG:
            had.add(said)
    return tuple(sorted(found))


def _captions(blocks: Blocks, table: int) -> list[int]:
    """Return the blocks of the caption that a figure has for the table in it."""
    figure = blocks.parent[table]
    while figure >= 0 and blocks.kind[figure] == KIND["div"] and blocks.first[figure] == blocks.first[table]:
        figure = blocks.parent[figure]
    if figure < 0 or blocks.kind[figure] != KIND["figure"]:
        return []
    within = range(blocks.first[figure], blocks.end[figure])
    return [number for number in within if blocks.kind[blocks.holder[number]] == KIND["figcaption"]]
