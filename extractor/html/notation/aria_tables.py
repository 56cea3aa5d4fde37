"""Make tables of elements that only their roles call tables (ARIA 1.2), as scripts lay out grids."""

from __future__ import annotations

import re
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

_SIGN = re.compile(rb"role=[\"']?(?:columnheader|rowheader|cell|gridcell)\b")
_TABLES = ":is([role=table],[role=grid],[role=treegrid])"
_CELLS = ":is([role=cell],[role=gridcell],[role=columnheader],[role=rowheader])"
_SPANS = {"aria-colspan": "colspan", "aria-rowspan": "rowspan"}
_MOST, _MOST_ROWS = 200, 20_000


def write_tables(tree: LexborHTMLParser, html: bytes) -> bool:
    """Replace the tables by role of a page in UTF-8 by tables; return whether there are any."""
    if _SIGN.search(html) is None:
        return False
    found = False
    for node in tree.css(_TABLES)[:_MOST]:
        rows = node.css("[role=row]")[:_MOST_ROWS]
        if node.tag != "table" and node.css_first("table,tr") is None:
            found = _write_table(tree, node, rows) or found
    return found


def _write_table(tree: LexborHTMLParser, node: LexborNode, rows: list[LexborNode]) -> bool:
    cells = [row.css(_CELLS) for row in rows]
    if len(rows) < 2 or not all(cells):
        return False
    table = tree.create_node("table")
    table.attrs["role"] = "table"
    for row in cells:
        made = tree.create_node("tr")
        for cell in row:
            made.insert_child(_cell(tree, cell), move=True)
        table.insert_child(made, move=True)
    node.insert_before(table, move=True)
    node.decompose()
    return True


def _cell(tree: LexborHTMLParser, cell: LexborNode) -> LexborNode:
    """Return a cell with what was in an element."""
    head = (cell.attributes.get("role") or "").endswith("header")
    made = tree.create_node("th" if head else "td")
    for name, span in _SPANS.items():
        if value := cell.attributes.get(name):
            made.attrs[span] = value
    for child in list(islice(cell.iter(include_text=True), _MOST_ROWS)):
        made.insert_child(child, move=True)
    return made
