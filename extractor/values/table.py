"""A table as rows of cells, and the grid that its spans make (HTML, 4.9.12: forming a table)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_COLUMNS = 1_000
"""Maximum columns of a table, and of a span (HTML)."""
_MOST_SLOTS = 200_000
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


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table; a cell stands in the row where it begins."""

    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    heads: int = 0
    """The number of its first rows that are its head."""

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
    """Return the rectangle of slots that rows of cells make, each with the rows and columns that it spans."""
    height = len(spans)
    taken: list[dict[int, Slot]] = [{} for _ in range(height)]
    left = _MOST_SLOTS
    for number, cells in enumerate(spans):
        column = 0
        for place, (rows, columns) in enumerate(cells):
            while column in taken[number]:
                column += 1
            if column >= MOST_COLUMNS:
                break
            right = min(column + columns, MOST_COLUMNS)
            below = min(number + rows, height)
            if (right - column) * (below - number) > left:  # a hostile table: no spans
                right, below = column + 1, number + 1
            left -= (right - column) * (below - number)
            for row in taken[number:below]:
                row.update((at, (number, place)) for at in range(column, right) if at not in row)
            column = right
    width = max((max(row, default=-1) for row in taken), default=-1) + 1
    if width * height > 2 * _MOST_SLOTS:
        width = max(2 * _MOST_SLOTS // height, 1)
    return [[row.get(column) for column in range(width)] for row in taken]


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
    """Return a table as JSON: its rows as a rectangle, and which cells span more than a slot."""
    return {
        "caption": table.caption or None,
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
