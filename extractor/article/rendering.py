"""Render blocks as lines of plain text: a paragraph per line, items with their marker, rows of tables with tabs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from extractor.article.blocks import KIND, Blocks
from extractor.article.footnotes import Notes, find_notes, without_stop
from extractor.article.list_markers import ListMarkers
from extractor.article.table_cells import find_tables, plain_table
from extractor.values.table import text_rows

_ITEMS = frozenset((KIND["li"], KIND["dd"]))


class Line(NamedTuple):
    """A line and its blocks: several for a table, which has a line for each row and for its caption."""

    text: str
    blocks: tuple[int, ...]
    table: int = -1
    """The container of the table of data; -1 for any other line."""


def lines(blocks: Blocks, kept: Iterable[int]) -> Iterator[Line]:
    """Yield the lines of the kept blocks, in order. Of a table of data, all blocks are kept or none."""
    numbers = list(kept)
    notes, markers = find_notes(blocks, numbers), ListMarkers(blocks)
    item = table = -1
    for block in numbers:
        before, table = table, blocks.table[blocks.holder[block]]
        if table >= 0:
            if table != before:
                yield _table(blocks, table)
            item = -1
            continue
        around = item_of(blocks, block)
        starts = around >= 0 and around != item
        said = with_labels(blocks, block, notes) if notes.said else blocks.texts[block]
        if not said:
            continue
        if block in notes.notes:
            said = f"[{notes.notes[block]}] {without_stop(said)}"
        elif starts:
            said = markers.shown(around, said) + said
        yield Line(said, (block,))
        item = around


def with_labels(blocks: Blocks, block: int, notes: Notes) -> str:
    """Return the text of a block, its references as labels in brackets."""
    nodes = blocks.pieces[block]
    if not any(node.mem_id in notes.said for node in nodes):
        return blocks.texts[block]
    labels = {node.mem_id: f"[{label}]" for node in nodes if (label := notes.said.get(node.mem_id))}
    left_out = notes.said
    parts = (labels.get(node.mem_id, "") if node.mem_id in left_out else node.text_content or "" for node in nodes)
    return " ".join("".join(parts).split())


def _table(blocks: Blocks, number: int) -> Line:
    said: list[str] = []
    parts = [inner for found in find_tables(blocks, number) for inner in found.with_inner()]
    for found in parts:
        table = plain_table(blocks, found)
        said += [table.caption] if table.caption else []
        said += (row for row in text_rows(table) if row.strip("\t"))  # a row of tables alone has no text
    return Line("\n".join(said), tuple(block for found in parts for block in found.blocks), number)


def item_of(blocks: Blocks, block: int) -> int:
    """Return the item of a list, or the definition of a term, that contains a block, directly or not; -1 if there is
    none.
    """
    holder = blocks.holder[block]
    for _ in range(3):
        if holder < 0:
            break
        if blocks.kind[holder] in _ITEMS:
            return holder
        holder = blocks.parent[holder]
    return -1
