"""Make tables of elements that only their roles call tables (ARIA 1.2), as scripts lay out grids.

The cells move into a table at the first row. What stands outside the cells stays where it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Set
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.regions import ancestors, vocabulary

_TABLES = vocabulary("table grid treegrid")
_CELLS = vocabulary("cell gridcell columnheader rowheader")
_AROUND_ROWS = _TABLES | _CELLS
_AROUND_CELLS = _AROUND_ROWS | {"row"}
_SPANS = {"aria-colspan": "colspan", "aria-rowspan": "rowspan"}
_MOST = 200
_HIGHEST = 16
"""Maximum levels between a cell and its row, and between a row and its table."""


def write_tables(tree: LexborHTMLParser) -> bool:
    """Write tables into the tables by role of a page; return whether there are any."""
    rows = _by_holder(tree.css("[role=row]"), _AROUND_ROWS)
    cells = _by_holder(tree.css(_selector(_CELLS)), _AROUND_CELLS)
    found = False
    for node in tree.css(_selector(_TABLES))[:_MOST]:
        if node.tag != "table" and node.css_first("table,tr") is None:
            ours = [(row, cells.get(row.mem_id, [])) for row in rows.get(node.mem_id, [])]
            found = _write_table(tree, ours) or found
    return found


def _selector(roles: Set[str]) -> str:
    return ",".join(f"[role={role}]" for role in sorted(roles))


def _by_holder(nodes: Iterable[LexborNode], roles: Set[str]) -> dict[int, list[LexborNode]]:
    """Return elements, in order, by the `mem_id` of the nearest element around each that has one of the roles."""
    held = defaultdict(list)
    for node in nodes:
        around = islice(ancestors(node), _HIGHEST)
        holder = next((outer for outer in around if outer.attributes.get("role") in roles), None)
        if holder is not None:
            held[holder.mem_id].append(node)
    return held


def _write_table(tree: LexborHTMLParser, rows: list[tuple[LexborNode, list[LexborNode]]]) -> bool:
    if len(rows) < 2 or not all(cells for _, cells in rows):
        return False
    table = tree.create_node("table")
    table.attrs["role"] = "table"
    for _, cells in rows:
        made = tree.create_node("tr")
        for cell in cells:
            made.insert_child(_cell(tree, cell), move=True)
            # A space keeps the words on both sides of the cell apart.
            cell.replace_with(" ")
        table.insert_child(made, move=True)
    rows[0][0].insert_before(table, move=True)
    return True


def _cell(tree: LexborHTMLParser, cell: LexborNode) -> LexborNode:
    """Return a cell with what was in an element."""
    head = (cell.attributes.get("role") or "").endswith("header")
    made = tree.create_node("th" if head else "td")
    for name, span in _SPANS.items():
        if value := cell.attributes.get(name):
            made.attrs[span] = value
    for child in list(cell.iter(include_text=True)):
        made.insert_child(child, move=True)
    return made
