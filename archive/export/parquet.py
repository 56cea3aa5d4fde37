"""Parquet: a table of captures with their texts, or of posts, for DuckDB, pandas and similar tools. Needs pyarrow."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from archive.export.job import Job
from archive.export.jsonl import Jsonl
from archive.export.rows import CAPTURES, COLUMNS, Row, Table
from archive.export.sink import Sink
from archive.index.cdx.row import Row as IndexRow
from archive.index.months.rewriting import Moved
from archive.values.errors import Finding, IntegrityError, MissingExtra
from archive.values.timestamps import timestamp14

_ROWS = 2_000
_OCTETS = 4 << 20
"""Limits of a row group in rows and in characters of text: one group is held in memory."""

_OPTIONS = {"compression": "zstd", "write_page_checksum": True, "store_schema": False}
_ROWS_OF_MONTHS = 20_000
_OF_MONTHS = (
    "url", "urlkey", "timestamp", "captured_at", "kind", "status", "mime", "digest", "sha256", "length", "collection",
    "source", "run", "record_id", "segment", "warc_offset", "redirect", "truncated", "reservations",
)  # fmt: skip
"""The columns of the table of a month: those of an export that an index has."""


class Parquet:
    media_type = "application/vnd.apache.parquet"
    resumable = False

    def __init__(self, table: Table = CAPTURES) -> None:
        self._table = table
        self.name = "parquet" if table is CAPTURES else f"parquet of {table.name}s"
        self.suffix = ".parquet" if table is CAPTURES else f".{table.name}s.parquet"

    @property
    def parts(self) -> Jsonl:
        return Jsonl(self._table)

    def pieces(self, job: Job) -> Iterator[bytes]:
        return self._written(_rows_of(job, self._table))

    def joined(self, lines: BinaryIO, _created: datetime) -> Iterator[bytes]:
        return self._written(_rows_in(lines))

    def _written(self, rows_of_items: Iterable[list[Row]]) -> Iterator[bytes]:
        pyarrow, parquet = _libraries()
        schema, sink = _schema_of(pyarrow, self._table.columns), Sink()
        with parquet.ParquetWriter(pyarrow.PythonFile(sink, mode="w"), schema, **_OPTIONS) as writer:
            for rows in _groups(rows_of_items):
                writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
                yield from sink.drain()
        yield from sink.drain()

    def verify(self, file: Path) -> Iterator[Finding]:
        pyarrow, parquet = _libraries()
        try:
            table = parquet.ParquetFile(file, page_checksum_verification=True)
            if not self._table.has_columns(table.schema_arrow.names):
                yield Finding(file.name, None, "parquet", f"it lacks the columns of {self._table.name}s")
            for number in range(table.num_row_groups):
                table.read_row_group(number)
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            yield Finding(file.name, None, "parquet", f"it can't be read: {error}")


class MonthTable:
    """The table of a month's captures, without texts: see `archive.index.months.writing.Table`."""

    def __init__(self, file: BinaryIO) -> None:
        """Write into an open file. Raises MissingExtra."""
        self._pyarrow, parquet = _libraries()
        kinds = {name: COLUMNS[name] for name in _OF_MONTHS}
        self._schema, self._rows = _schema_of(self._pyarrow, kinds), list[Row]()
        self._writer = parquet.ParquetWriter(self._pyarrow.PythonFile(file, mode="w"), self._schema, **_OPTIONS)

    def add(self, row: IndexRow) -> None:
        capture = row.capture
        where = capture.location
        facts: Row = {name: getattr(capture, name, None) for name in _OF_MONTHS}
        facts |= {"timestamp": timestamp14(capture.at), "captured_at": capture.at, "length": capture.payload_length}
        self._rows.append({**facts, "segment": where.segment, "warc_offset": where.offset})
        if len(self._rows) >= _ROWS_OF_MONTHS:
            self._write()

    def close(self) -> None:
        self._write()
        self._writer.close()

    def _write(self) -> None:
        rows = [{name: _storable(value) for name, value in row.items()} for row in self._rows]
        self._rows.clear()
        if rows:
            self._writer.write_table(self._pyarrow.Table.from_pylist(rows, schema=self._schema))


def rewrite_month_table(former: BinaryIO, file: BinaryIO, moved: Mapping[str, Moved]) -> None:
    """Write the table of a month again, with what became of some segments: see `archive.index.months.rewriting`.

    Raises MissingExtra, IntegrityError.
    """
    pyarrow, parquet = _libraries()
    try:
        table = parquet.ParquetFile(former, page_checksum_verification=True)
        with parquet.ParquetWriter(pyarrow.PythonFile(file, mode="w"), table.schema_arrow, **_OPTIONS) as writer:
            for number in range(table.num_row_groups):
                group = table.read_row_group(number)
                if not moved.keys().isdisjoint(group.column("segment").unique().to_pylist()):
                    rows = [row for row in map(partial(_moved, moved), group.to_pylist()) if row is not None]
                    group = pyarrow.Table.from_pylist(rows, schema=table.schema_arrow)
                writer.write_table(group)
    except (pyarrow.ArrowException, ValueError) as error:
        raise IntegrityError(f"the table of a month can't be read: {error}") from error


def _moved(moved: Mapping[str, Moved], row: Row) -> Row | None:
    if (one := moved.get(row["segment"])) is None:
        return row
    place = one.place(row["record_id"], row["warc_offset"])
    return None if place is None else {**row, "segment": place[0], "warc_offset": place[1]}


def _libraries() -> tuple[Any, Any]:
    """Import pyarrow. Raises MissingExtra."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("Parquet", "pyarrow", "parquet") from None
    return pyarrow, pyarrow.parquet


def _schema_of(pyarrow: Any, columns: Mapping[str, str]) -> Any:
    kinds = {
        "string": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "moment": pyarrow.timestamp("us", tz="UTC"),
    }
    return pyarrow.schema([(name, kinds[kind]) for name, kind in columns.items()])


def _rows_of(job: Job, table: Table) -> Iterator[list[Row]]:
    """Yield the rows of each item."""
    for item in job.items():
        yield list(table.rows_of(item, job.text(item), item.tags)) if item.asked else []
        job.done(item)


def _rows_in(lines: Iterable[bytes]) -> Iterator[list[Row]]:
    """Yield the rows of each item from JSON Lines: posts of a page are beside one another."""
    rows = map(json.loads, lines)
    for _, alike in groupby(rows, key=lambda row: (row["record_id"], row["captured_at"])):
        yield [{**row, "captured_at": datetime.fromisoformat(row["captured_at"])} for row in alike]


def _groups(rows_of_items: Iterable[list[Row]]) -> Iterator[list[Row]]:
    rows: list[Row] = []
    size = 0
    for some in rows_of_items:
        rows += ({name: _storable(value) for name, value in row.items()} for row in some)
        size += sum(len(row["text"] or "") for row in some)
        if len(rows) >= _ROWS or size >= _OCTETS:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _storable(value: Any) -> Any:
    """Replace lone surrogates, from a page's own JSON, which have no UTF-8."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else value
