"""Find the cells of a table among the blocks of a page."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from extractor.article.blocks import KIND, Blocks
from extractor.article.inner_tables import inner_tables, own_blocks
from extractor.article.table_writing import MarkedCell, MarkedTable
from extractor.html.data_tables import spans_of
from extractor.values.table import Cell, Table, grid_of

_ROW, _CAPTION, _HEAD = KIND["tr"], KIND["caption"], KIND["th"]
_CELLS = frozenset((KIND["td"], _HEAD))
RANKS = {"thead": 0, "tbody": 1, "tfoot": 2}
_RANK = {KIND[tag]: rank for tag, rank in RANKS.items()}
_BOLD = frozenset(("b", "strong"))
_LONGEST_HEAD = 60
_YEAR = re.compile(r"(?:19|20)\d\d\s*年?")


@dataclass(frozen=True, slots=True)
class Held:
    """A cell with its blocks, or of a post with its lines."""

    blocks: Sequence[int]
    head: bool
    rows: int
    columns: int
    inner: tuple[Found, ...] = ()
    """The tables in it, whose blocks are not its own."""

    @property
    def is_filled(self) -> bool:
        """Whether it contains text or a table."""
        return len(self.blocks) > 0 or len(self.inner) > 0


Text = Callable[[Held], str]
"""Return the text of a cell."""
Cells = tuple[tuple[Held, ...], ...]
_EMPTY = Held(range(0), False, 1, 1)
"""What stands in a slot that no cell takes."""


class Row(NamedTuple):
    """A row as the page has it."""

    container: int
    group: int
    """The container of its group of rows."""
    rank: int
    """The place of the group: `RANKS`."""
    cells: list[Held]


@dataclass(frozen=True, slots=True)
class Found:
    """The rows with text of a table, those of its head first and of its foot last, and the blocks of its caption."""

    rows: tuple[tuple[Held, ...], ...]
    caption: tuple[int, ...]
    heads: int
    """The number of its first rows that are its head."""

    @property
    def blocks(self) -> tuple[int, ...]:
        """Return all blocks, in the order in which they are written."""
        return (*self.caption, *(block for row in self.rows for cell in row for block in cell.blocks))

    def marked(self) -> MarkedTable:
        """Return the table to be written, with those in its cells; the parts are its blocks."""
        return MarkedTable([list(map(_marked, row)) for row in self.rows], self.heads, self.caption)

    def with_inner(self) -> Iterator[Found]:
        """Yield this table, then those in its cells, each with those in its own cells."""
        yield self
        for row in self.rows:
            for cell in row:
                for table in cell.inner:
                    yield from table.with_inner()


def _marked(cell: Held) -> MarkedCell:
    return MarkedCell(cell.blocks, cell.head, cell.rows, cell.columns, tuple(table.marked() for table in cell.inner))


def find_tables(blocks: Blocks, table: int) -> list[Found]:
    """Return the cells of the outermost table in a container; several tables if it has several heads, one above the
    other.
    """
    if table not in blocks.tables:
        blocks.tables[table] = _find_tables(blocks, table, inner_tables(blocks, table))
    found: list[Found] = blocks.tables[table]
    return found


def _find_tables(blocks: Blocks, table: int, inner: Mapping[int, Sequence[int]]) -> list[Found]:
    rows: list[Row] = []
    caption: tuple[int, ...] = ()
    number = table + 1
    while number < len(blocks.nodes) and blocks.parent[number] >= table:
        kind, parent = blocks.kind[number], blocks.parent[number]
        if kind == _CAPTION and parent == table:
            caption += tuple(range(blocks.first[number], blocks.end[number]))
        elif kind == _ROW and (parent == table or blocks.parent[parent] == table):
            rows.append(Row(number, parent, _RANK.get(blocks.kind[parent], 1), []))
        elif kind in _CELLS and rows and parent == rows[-1].container:
            within = inner.get(number, ())
            tables = tuple(found for table in within for found in _find_tables(blocks, table, inner))
            own, span = own_blocks(blocks, number, within), spans_of(blocks.nodes[number])
            rows[-1].cells.append(Held(own, kind == _HEAD, *span, tables))
        number += 1
    found: list[Found] = []

    def text(cell: Held) -> str:
        return text_of(blocks, cell.blocks)

    for cells, ranks in arranged(rows, text):
        heads = heads_of(cells, ranks, text, lambda cell: _is_bold(blocks, cell))
        found.append(Found(cells, () if found else caption, heads))
    return found or [Found((), caption, 0)]


def arranged(rows: Sequence[Row], text: Text) -> Iterator[tuple[Cells, list[int]]]:
    """Yield the rows in which a cell with text begins, and their ranks: the head first, the foot last.

    A head below other rows begins another table, so that no value stands under a head that is not its own.
    """
    for part in _parts(rows, text):
        ordered = sorted(part, key=attrgetter("rank"))
        cells, places = _with_text(_within_groups(ordered))
        if cells:
            yield cells, [ordered[place].rank for place in places]


def _parts(rows: Sequence[Row], text: Text) -> list[list[Row]]:
    """Return the rows of each table."""
    parts: list[list[Row]] = [[]]
    for row, after in zip(rows, (*rows[1:], None), strict=True):
        if parts[-1] and _is_another_head(parts[-1], row, after, text):
            parts.append([])
        parts[-1].append(row)
    return parts


def _is_another_head(before: Sequence[Row], row: Row, after: Row | None, text: Text) -> bool:
    """Return whether a row is the head of those below it, under other heads before it.

    It is in a `thead` of its own, or it has the names of columns: only head cells, above cells that are not. If the
    first row is empty, no other table begins.
    """
    if row.rank == 0:
        return before[-1].rank > 0 and any(earlier.rank == 0 for earlier in before)
    names = [cell for cell in row.cells if cell.is_filled]
    if len(names) < 2 or not all(cell.head for cell in row.cells) or before[-1].rank == 0:
        return False
    if after is None or all(cell.head for cell in after.cells) or all(cell.head for cell in before[-1].cells):
        return False
    if any(cell.rows > len(before) - place for place, earlier in enumerate(before) for cell in earlier.cells):
        return False
    said = list(map(text, names))
    first = [text(cell) for cell in before[0].cells if cell.blocks]
    return first not in ([], said) and not any(map(_is_number, said)) and all(cell.head for cell in before[0].cells)


def plain_table(blocks: Blocks, found: Found) -> Table:
    """Return the table with the plain texts of its cells."""
    rows = tuple(
        tuple(Cell(text_of(blocks, cell.blocks), cell.head, cell.rows, cell.columns) for cell in row)
        for row in found.rows
    )
    return Table(rows, text_of(blocks, found.caption), found.heads)


def text_of(blocks: Blocks, numbers: Sequence[int]) -> str:
    """Return blocks in one line."""
    return " ".join(" ".join(blocks.texts[number].split()) for number in numbers)


def _within_groups(rows: Sequence[Row]) -> list[list[Held]]:
    """Return the cells of rows, without spans beyond the end of their group of rows."""
    below = 0
    cells: list[list[Held]] = []
    for place in reversed(range(len(rows))):
        same = place + 1 < len(rows) and rows[place + 1].group == rows[place].group
        below = below + 1 if same else 1
        cells.append([cell if cell.rows <= below else replace(cell, rows=below) for cell in rows[place].cells])
    return cells[::-1]


def _with_text(rows: Sequence[Sequence[Held]]) -> tuple[Cells, list[int]]:
    """Return the rows in which a cell with text begins, and their places.

    Spans count neither the other rows nor the columns in which no cell begins: spans are often wider than the table.
    """
    if all(cell.rows == 1 == cell.columns for row in rows for cell in row):
        places = [place for place, row in enumerate(rows) if any(cell.is_filled for cell in row)]
        return tuple(tuple(rows[place]) for place in places), places
    slots = grid_of([[(cell.rows, cell.columns) for cell in row] for row in rows])
    places = [place for place, row in enumerate(rows) if any(cell.is_filled for cell in row)]
    begun: set[tuple[int, int]] = set()
    found: list[tuple[Held, ...]] = []
    for place in places:
        cells: list[Held] = []
        columns = Counter(slots[place])
        for slot in slots[place]:
            if slot is None:
                cells.append(_EMPTY)
            elif slot not in begun:
                begun.add(slot)
                cell = rows[slot[0]][slot[1]]
                end = slot[0] + cell.rows
                over = bisect_left(places, end) - bisect_left(places, place)
                cells.append(replace(cell, rows=max(over, 1), columns=columns[slot]))
        while cells and cells[-1] is _EMPTY:
            cells.pop()
        found.append(tuple(cells))
    if len(places) < len(rows):  # fewer columns may be left
        return _with_text(found)[0], places
    return tuple(found), places


def heads_of(rows: Cells, ranks: Sequence[int], text: Text, bold: Callable[[Held], bool]) -> int:
    """Return the number of rows of the head: those of `thead`, or else of head cells only, or else a first row of bold
    or of other words than those below it.
    """
    if not rows:
        return 0
    in_head = sum(rank == 0 for rank in ranks)
    if in_head:
        return in_head
    only_heads = 0
    for row in rows:
        if not any(cell.head for cell in row) or not all(cell.head or not cell.is_filled for cell in row):
            break
        only_heads += 1
    if only_heads:
        return only_heads
    if len(rows) < 2 or any(cell.head for row in rows for cell in row):
        return 0
    filled = [cell for cell in rows[0] if cell.is_filled]
    return int((len(filled) > 1 and all(map(bold, filled))) or _names([[text(cell) for cell in row] for row in rows]))


def _names(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row has short words, all different, over columns of numbers."""
    first = rows[0]
    named = [text for text in first[1:] if text and len(text) <= _LONGEST_HEAD]
    if len(first) < 2 or len(named) < len(first) - 1 or len(set(named)) < len(named):
        return False
    if any(_is_number(text) and not _YEAR.fullmatch(text) for text in first):
        return False
    below = [text for row in rows[1:] for text in row[1:] if text]
    return bool(below) and sum(map(_is_number, below)) * 2 >= len(below)


def _is_number(text: str) -> bool:
    digits = sum(character.isdecimal() for character in text)
    return digits * 2 >= len("".join(text.split())) > 0


def _is_bold(blocks: Blocks, cell: Held) -> bool:
    nodes = (node.parent for block in cell.blocks for node in blocks.pieces[block])
    return all(node is not None and _in_bold(node) for node in nodes)


def _in_bold(node: LexborNode) -> bool:
    around: LexborNode | None = node
    while around is not None and around.tag not in ("td", "th"):
        if around.tag in _BOLD:
            return True
        around = around.parent
    return False


def tables_in(blocks: Blocks) -> Iterator[int]:
    """Yield the containers of the tables of data that have text."""
    for number, kind in enumerate(blocks.kind):
        if kind == KIND["table"] and blocks.table[number] == number and blocks.first[number] < blocks.end[number]:
            yield number
