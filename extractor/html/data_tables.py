"""Tell tables of data from tables for layout, and what in a table of data is not shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from selectolax.lexbor import LexborNode

from extractor.html.hidden_elements import is_not_shown
from extractor.html.regions import vocabulary, words_of
from extractor.values.table import MOST_COLUMNS

_CODE = vocabulary("highlight highlighttable rouge hljs blob diff lineno linenos gutter code codehilite")
"""Class words of tables that set line numbers beside code."""
_SECTIONS = vocabulary("thead tbody tfoot")
_CELLS = vocabulary("td th")
_OF_LAYOUT = vocabulary("form textarea iframe article section nav aside header footer h1 h2 h3")
_MARKS = ("scope", "headers", "abbr", "axis")
_SAMPLE = 60
"""Rows that are looked at."""
_MOST_NODES = 4_000
_LONGEST_ON_AVERAGE, _LONGEST_UNMARKED = 600, 150
_LONGEST = 400
_MOST_ROWS = 65_534
_SPANS = frozenset(("rowspan", "colspan"))
_DIGITS = re.compile(r"\s*\+?([0-9]{1,9})")
_ONLY_NARROW = re.compile(
    r"(?<!\S)(?:(?:sm|md|lg|xl|2xl):hidden|d-(?:sm|md|lg|xl|xxl)-none|hidden-(?:sm|md|lg|desktop)(?:-up)?"
    r"|visible-xs(?:-\w+)?|tablesaw-cell-label|stacktable-label|show-for-small(?:-only)?)(?!\S)"
)
"""Classes of labels in cells that stand for the head on narrow screens: Tailwind, Bootstrap, Tablesaw, Foundation."""


def is_data_table(table: LexborNode, *, nested: bool = False) -> bool:
    """Return whether a table is data, and not layout, which is unwrapped.

    A table with `role=presentation` or `none`, with `datatable=0`, or with line numbers of code is layout. Otherwise it
    is data if it has a caption, a `summary`, a table's role, head cells, or cells that name their heads; unless a table
    without a caption contains another table, a form, a section or a heading of the page, or has very long cells. Tables
    of data in the cells of one with a row of heads are no reason, unless they contain tables, too, or it is `nested`.
    Without such marks, it is data if two rows at least have two cells with text at least, none is long, and it contains
    none of these. It has one row only if it has marks.
    """
    attributes = table.attributes
    role = (attributes.get("role") or "").lower()
    if role in ("presentation", "none") or attributes.get("datatable") == "0" or words_of(table) & _CODE:
        return False
    seen = _Seen(table, nested=nested)
    named = role in ("table", "grid", "treegrid") or bool((attributes.get("summary") or "").strip())
    if seen.caption:
        return seen.cells > 1
    if seen.layout or (seen.tables and not seen.headed):
        return False
    if named or seen.heads:
        return seen.cells > 1 and seen.letters <= seen.cells * _LONGEST_ON_AVERAGE
    return (
        seen.full_rows > 1
        and seen.full_rows * 2 > seen.rows
        and seen.longest <= _LONGEST
        and seen.letters <= seen.cells * _LONGEST_UNMARKED
    )


class _Seen:
    """What the first rows of a table show. Nothing below a table in a table inside it is looked at, so that nested
    tables take no more than linear time."""

    def __init__(self, table: LexborNode, *, nested: bool) -> None:
        self.rows = self.full_rows = self.cells = self.letters = self.longest = 0
        self.heads = self.headed = self.caption = self.layout = self.tables = False
        self._nested = nested
        self._left = _MOST_NODES
        for row in islice(self._rows(table), _SAMPLE):
            self.rows += 1
            filled = heads = cells = 0
            for cell in _children(row, _CELLS):
                self.cells += 1
                cells += 1
                letters = self._letters(cell)
                if self.layout or self._left <= 0:
                    return
                filled += letters > 0
                self.letters += letters
                self.longest = max(self.longest, letters)
                marked = not set(_MARKS).isdisjoint(cell.attributes)
                heads += letters > 0 and (cell.tag == "th" or marked)
                self.heads = self.heads or heads > 0
            self.headed = self.headed or heads == cells > 1
            self.full_rows += filled > 1

    def _rows(self, table: LexborNode) -> Iterator[LexborNode]:
        node = table.first_child
        while node is not None:
            if node.tag == "caption":
                self.caption = self.caption or self._letters(node) > 0
            elif node.tag == "tr":
                yield node
            elif node.tag in _SECTIONS:
                yield from _children(node, frozenset(("tr",)))
            node = node.next

    def _is_data(self, table: LexborNode) -> bool:
        """Return whether a table in a cell is data. Then the table around it may be data, too."""
        self.tables = True
        return not self._nested and is_data_table(table, nested=True)

    def _letters(self, cell: LexborNode) -> int:
        """Return the letters of a cell, and note what only layout has."""
        letters = 0
        node = cell.first_child
        while node is not None and self._left > 0:
            self._left -= 1
            if node.is_text_node:
                letters += len((node.text_content or "").strip())
            elif node.tag in _OF_LAYOUT or (node.tag == "table" and not self._is_data(node)):
                self.layout = True
                return letters
            inner = node.first_child if node.tag not in ("script", "style") else None
            if inner is not None:
                node = inner
                continue
            while node is not None and node.next is None:
                node = node.parent
                if node is None or node.mem_id == cell.mem_id:
                    return letters
            node = node.next if node is not None else None
        return letters


def _children(node: LexborNode, tags: frozenset[str]) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        if child.tag in tags:
            yield child
        child = child.next


def is_not_in_table(tag: str, attributes: dict[str, str | None]) -> bool:
    """Return whether an element in a table of data is not shown: hidden, a key for sorting, or a label for narrow
    screens.
    """
    if is_not_shown(tag, attributes):
        return True
    classes = attributes.get("class") or ""
    return bool(classes) and ("sortkey" in classes.split() or _ONLY_NARROW.search(classes[:_LONGEST]) is not None)


def spans_of(cell: LexborNode) -> tuple[int, int]:
    """Return the rows and columns that a cell spans; `rowspan=0` is to the end of the table."""
    attributes = cell.attributes
    if _SPANS.isdisjoint(attributes):
        return 1, 1
    rows = _number(attributes.get("rowspan"), _MOST_ROWS)
    return rows if rows else _MOST_ROWS, max(_number(attributes.get("colspan"), MOST_COLUMNS), 1)


def _number(written: str | None, most: int) -> int:
    """Return a number as browsers read it: what follows its digits counts for nothing."""
    digits = _DIGITS.match((written or "1")[:_LONGEST])
    return min(int(digits[1]), most) if digits else 1
