"""Put the cells of printed lines into the columns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_MOST_COLUMNS = 50
_OFF_COLUMN = 12.0
"""Points by which the left edges of neighbouring cells of a column may differ."""


def table_of(lines: Sequence[Sequence[tuple[float, str]]]) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a table with all their cells; none if two cells of a row would be in one column."""
    edges = sorted(left for row in lines for left, _ in row)
    columns = [edges[0]]
    for one, other in pairwise(edges):
        if other - one > _OFF_COLUMN:
            columns.append(other)
    widest = max(map(len, lines))
    if not widest == len(columns) <= _MOST_COLUMNS:
        return ()
    rows: list[tuple[str, ...]] = []
    for row in lines:
        cells = [""] * len(columns)
        for left, text in row:
            place = max(number for number, edge in enumerate(columns) if edge <= left)
            if cells[place]:
                return ()
            cells[place] = text
        rows.append(tuple(cells))
    return tuple(rows)
