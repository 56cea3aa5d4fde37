"""Read a table of data in a post, with those in its cells: its rows as lines of text, and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from extractor.article.inner_tables import DEEPEST
from extractor.article.markdown import escape
from extractor.article.table_cells import RANKS, Found, Held, Row, arranged, heads_of
from extractor.article.table_writing import Writers, apart, marked_as_html, table_lines
from extractor.html.data_tables import is_data_table, spans_of
from extractor.values.table import Cell, Table, text_rows

ReadCell = Callable[[LexborNode, Collection[int]], tuple[str, str]]
"""Return the text and the Markdown of a cell, without the tables with these `mem_id`."""
_LEAD = re.compile(r"(?:#{1,6}|-|\d+\.|>) ")
_CELLS = ("td", "th")


def read_table(table: LexborNode, read: ReadCell, dropped: Collection[int] = ()) -> tuple[list[str], list[str]]:
    """Return the lines of a table as text and as Markdown. `dropped` are the `mem_id` of elements that are not read."""
    reader = _Reader(read, dropped)
    found = reader.find(table, 1)
    said: list[str] = []
    for part in (inner for outer in found for inner in outer.with_inner()):
        said += [reader.texts[line] for line in part.caption]
        said += (row for row in text_rows(reader.plain(part)) if row.strip("\t"))  # a row of tables alone has no text
    return said, apart([table_lines(part.marked(), reader.writers) for part in found])


@dataclass(slots=True)
class _Reader:
    """Reads cells as lines, whose numbers stand for them in the tables that it finds."""

    read: ReadCell
    dropped: Collection[int]
    texts: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)

    @property
    def writers(self) -> Writers:
        return Writers(
            self.marks.__getitem__,
            lambda line: escape(self.texts[line]),
            lambda line: marked_as_html(self.marks[line]),
        )

    def find(self, table: LexborNode, depth: int) -> list[Found]:
        """Return the cells of a table; several tables if it has several heads, one above the other."""
        captions = [self._held(node, DEEPEST).blocks for node in _children(table) if node.tag == "caption"]
        caption = tuple(line for lines in captions for line in lines)
        rows = [
            Row(row.mem_id, group, rank, [self._held(cell, depth) for cell in _children(row) if cell.tag in _CELLS])
            for row, group, rank in _rows(table)
        ]
        found: list[Found] = []
        for cells, ranks in arranged(rows, self.said_by):
            heads = heads_of(cells, ranks, self.said_by, lambda _: False)
            found.append(Found(cells, () if found else caption, heads))
        return found or [Found((), caption, 0)]

    def said_by(self, cell: Held) -> str:
        return " ".join(self.texts[line] for line in cell.blocks)

    def plain(self, found: Found) -> Table:
        return Table(
            tuple(tuple(Cell(self.said_by(cell), False, cell.rows, cell.columns) for cell in row) for row in found.rows)
        )

    def _held(self, cell: LexborNode, depth: int) -> Held:
        inner = list(self._tables_in(cell)) if depth < DEEPEST else []
        text, marked = self.read(cell, {table.mem_id for table in inner})
        first, said = len(self.texts), list(filter(None, map(str.strip, text.split("\n"))))
        single = len(said) == 1 and "\n" not in marked.strip()
        self.texts.extend(said)
        self.marks.extend([_LEAD.sub("", marked.strip())] if single else map(escape, said))
        lines = range(first, len(self.texts))
        tables = tuple(found for table in inner for found in self.find(table, depth + 1))
        return Held(lines, cell.tag == "th", *spans_of(cell), tables)

    def _tables_in(self, cell: LexborNode) -> Iterator[LexborNode]:
        """Yield the tables of data in a cell, without those inside them; tables for layout are unwrapped."""
        node = cell.first_child
        while node is not None:
            is_table = node.tag == "table" and node.mem_id not in self.dropped and is_data_table(node, nested=True)
            if is_table:
                yield node
            closed = is_table or node.mem_id in self.dropped or node.tag == "template"
            inner = None if closed else node.first_child
            if inner is not None:
                node = inner
                continue
            while node.next is None:
                parent = node.parent
                if parent is None or parent.mem_id == cell.mem_id:
                    return
                node = parent
            node = node.next


def _rows(table: LexborNode) -> Iterator[tuple[LexborNode, int, int]]:
    for node in _children(table):
        if node.tag == "tr":
            yield node, table.mem_id, 1
        elif node.tag in RANKS:
            yield from ((row, node.mem_id, RANKS[node.tag or ""]) for row in _children(node) if row.tag == "tr")


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        yield child
        child = child.next
