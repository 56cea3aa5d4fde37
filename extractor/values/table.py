"""A table as rows of cells, and the grid that its spans make (HTML, 4.9.12: forming a table)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

MOST_COLUMNS = 1_000
"""Maximum columns that a cell spans (HTML)."""
_MOST_SPANNED = 200_000
"""Rows that the cells of a table span beyond their own; further cells of a hostile table span none."""
_MOST_SLOTS = 400_000
"""Slots of a table beyond which its width is cut, if most of them are empty."""
_LONGEST_REPEATED = 40
"""Letters of a cell up to which its text is repeated in the slots that it spans: names and values."""


Slot = tuple[int, int] | None
"""The row and the place in it of the cell that stands in a slot; None for no cell."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with its text, white space folded."""

    text: str
    head: bool = False
    rows: int = 1
    """The number of rows that it spans; a table has no row for a span below its last one."""
    columns: int = 1


class Within(NamedTuple):
    """The cell that a table is in: the number of its table in the text, its first row and its first column, from 0."""

    table: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table; a cell stands in the row where it begins."""

    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    heads: int = 0
    """The number of its first rows that are its head."""
    within: Within | None = None
    """The cell that it is in, if it is in another table."""

    @property
    def grid(self) -> tuple[tuple[str, ...], ...]:
        """The texts as a rectangle: a cell stands in each of the slots that it spans."""
        return tuple(tuple(map(self.text, row)) for row in self.slots)

    @property
    def slots(self) -> list[list[Slot]]:
        """The rectangle of slots, each with the row and the place of the cell that stands in it."""
        return grid_of([[(cell.rows, cell.columns) for cell in row] for row in self.rows])

    def text(self, slot: Slot) -> str:
        """Return the text in a slot."""
        return self.rows[slot[0]][slot[1]].text if slot is not None else ""


def grid_of(spans: Sequence[Sequence[tuple[int, int]]]) -> list[list[Slot]]:
    """Return the rectangle of slots that rows of cells make, each with the rows and columns that it spans.

    A column in which no cell begins is left out: each of its slots would say what the slot before it says.
    """
    height = len(spans)
    longest = max(map(len, spans), default=0)
    cells = sum(map(len, spans))
    if longest * height <= max(_MOST_SLOTS, 2 * cells) and all(span == (1, 1) for row in spans for span in row):
        return [
            [(number, place) if place < len(row) else None for place in range(longest)]
            for number, row in enumerate(spans)
        ]
    placed = list(_placed(spans))
    begins = sorted({cell.first for cell in placed})
    width = min(len(begins), max(_MOST_SLOTS, 2 * len(placed)) // max(height, 1))
    places = {column: place for place, column in enumerate(begins[:width])}
    grid: list[list[Slot]] = [[None] * width for _ in range(height)]
    for slot, column, end, below in placed:
        first = places.get(column, width)
        if end == column + 1 and below == slot[0] + 1:
            if first < width:
                grid[slot[0]][first] = slot
            continue
        for row in grid[slot[0] : below]:
            for place in range(first, min(bisect_left(begins, end), width)):
                if row[place] is None:
                    row[place] = slot
    return grid


class _Placed(NamedTuple):
    """A cell with its first column and the one after its last, and the row below its last."""

    slot: tuple[int, int]
    first: int
    end: int
    below: int


def _placed(spans: Sequence[Sequence[tuple[int, int]]]) -> Iterator[_Placed]:
    """Yield the cells in the columns where they begin: the first free ones of their rows."""
    left = _MOST_SPANNED
    above: list[_Placed] = []
    for number, cells in enumerate(spans):
        above = sorted((cell for cell in above if cell.below > number), key=attrgetter("first"))
        column = passed = 0
        begun: list[_Placed] = []
        for place, (rows, columns) in enumerate(cells):
            while passed < len(above) and above[passed].first <= column:
                column = max(column, above[passed].end)
                passed += 1
            further = min(rows, len(spans) - number) - 1
            if further > left:
                further = 0
            left -= further
            begun.append(_Placed((number, place), column, column + columns, number + further + 1))
            column += columns
        yield from begun
        above += (cell for cell in begun if cell.below > number + 1)


def text_rows(table: Table) -> Iterator[str]:
    """Yield the rows as lines, with a tab between cells.

    A cell that spans others stands in each of its slots, but only in its first if it is long; one that takes all of its
    row stands once.
    """
    said: set[tuple[int, int]] = set()
    for row in table.slots:
        if row and row[0] is not None and row[0] not in said and len(set(row)) == 1:
            said.add(row[0])
            yield table.text(row[0])
            continue
        texts: list[str] = []
        for slot in row:
            text = table.text(slot)
            texts.append("" if slot in said and len(text) > _LONGEST_REPEATED else text)
            said.update([slot] if slot is not None else ())
        yield "\t".join(texts)


def table_json(table: Table) -> Mapping[str, Any]:
    """Return a table as JSON: its rows as a rectangle, the cells that span more than a slot, and its own cell."""
    return {
        "caption": table.caption or None,
        "in": table.within._asdict() if table.within is not None else None,
        "heads": table.heads,
        "rows": [list(row) for row in table.grid],
        "spans": list(_spans(table)),
    }


def _spans(table: Table) -> Iterator[Mapping[str, int]]:
    seen: set[tuple[int, int]] = set()
    for number, row in enumerate(table.slots):
        for column, slot in enumerate(row):
            if slot is None or slot in seen:
                continue
            seen.add(slot)
            cell = table.rows[slot[0]][slot[1]]
            if cell.rows > 1 or cell.columns > 1:
                yield {"row": number, "column": column, "rows": cell.rows, "columns": cell.columns}
