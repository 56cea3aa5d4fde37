"""Read a table of data in a post: its rows as lines of text, and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape as escape_html

from selectolax.lexbor import LexborNode

from extractor.article.markdown import escape
from extractor.article.table_cells import RANKS, Held, Row, arranged, heads_of
from extractor.article.table_writing import MarkedCell, MarkedTable, Writers, apart, table_lines
from extractor.html.data_tables import spans_of
from extractor.values.table import Cell, Table, text_rows

ReadCell = Callable[[LexborNode], tuple[str, str]]
"""Return the text and the Markdown of a cell."""
_LEAD = re.compile(r"(?:#{1,6}|-|\d+\.|>) ")


def read_table(table: LexborNode, read: ReadCell) -> tuple[list[str], list[str]]:
    """Return the lines of a table as text and as Markdown."""
    texts: list[str] = []
    marks: list[str] = []

    def held(cell: LexborNode) -> Held:
        text, marked = read(cell)
        first, said = len(texts), list(filter(None, map(str.strip, text.split("\n"))))
        single = len(said) == 1 and "\n" not in marked.strip()
        texts.extend(said)
        marks.extend([_LEAD.sub("", marked.strip())] if single else map(escape, said))
        return Held(range(first, len(texts)), cell.tag == "th", *spans_of(cell))

    captions = [held(node).blocks for node in _children(table) if node.tag == "caption"]
    caption = [part for parts in captions for part in parts]
    writers = Writers(marks.__getitem__, lambda part: escape(texts[part]), lambda part: escape_html(texts[part], False))
    rows = [
        Row(row.mem_id, group, rank, [held(cell) for cell in _children(row) if cell.tag in ("td", "th")])
        for row, group, rank in _rows(table)
    ]

    def said_by(cell: Held) -> str:
        return " ".join(texts[part] for part in cell.blocks)

    said = [texts[part] for part in caption]
    marked: list[list[str]] = []
    for cells, ranks in arranged(rows, said_by):
        heads = heads_of(cells, ranks, said_by, lambda _: False)
        plain = (tuple(Cell(said_by(cell), False, cell.rows, cell.columns) for cell in row) for row in cells)
        shown = [[MarkedCell(cell.blocks, cell.head, cell.rows, cell.columns) for cell in row] for row in cells]
        said += text_rows(Table(tuple(plain)))
        marked.append(table_lines(MarkedTable(shown, heads, () if marked else caption), writers))
    return said, apart(marked or [table_lines(MarkedTable((), 0, caption), writers)])


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
