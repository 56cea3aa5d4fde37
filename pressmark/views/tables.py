"""The tables of a text, as CSV or JSON. They are read from its Markdown, which has all their cells and spans."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from archive.texts.text_as_markdown import markdown_of
from archive.texts.texts import TextRow
from archive.values.csv_cells import inert
from extractor.article.table_reading import tables_of
from extractor.values.table import Table, table_json


def tables_in(row: TextRow) -> Sequence[Table]:
    """Return the tables of data in a text, in order."""
    return list(tables_of(markdown_of(row) or ""))


def json_of(tables: Sequence[Table]) -> Sequence[Mapping[str, Any]]:
    """Return tables as JSON: caption, rows of the head, rows as a rectangle, and spans."""
    return list(map(table_json, tables))


def csv_of(tables: Sequence[Table]) -> str:
    """Return tables as CSV (RFC 4180), with an empty line between two. A cell stands in each slot that it spans.

    None is a formula.
    """
    return "\r\n".join(map(_csv, tables))


def _csv(table: Table) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([inert(cell) for cell in row] for row in table.grid)
    return written.getvalue()
