"""Parquet: a table with one row a capture, its text in it, for DuckDB, pandas and their like. Needs pyarrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archive.export.job import Job
from archive.export.rows import COLUMNS, Row, row_of
from archive.export.sink import Sink
from archive.values.errors import Finding, MissingExtra

_ROWS = 2_000
_OCTETS = 4 << 20
"""A row group ends at so many rows, or at so many characters of text: one is held in memory."""


class Parquet:
    name = "parquet"
    suffix = ".parquet"
    media_type = "application/vnd.apache.parquet"
    resumable = False

    def pieces(self, job: Job) -> Iterator[bytes]:
        pyarrow, parquet = _libraries()
        schema, sink = _schema(pyarrow), Sink()
        options = {"compression": "zstd", "write_page_checksum": True, "store_schema": False}
        with parquet.ParquetWriter(pyarrow.PythonFile(sink, mode="w"), schema, **options) as writer:
            for rows in _groups(job):
                writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
                yield from sink.taken()
        yield from sink.taken()

    def verify(self, file: Path) -> Iterator[Finding]:
        pyarrow, parquet = _libraries()
        try:
            table = parquet.ParquetFile(file, page_checksum_verification=True)
            if table.schema_arrow.names != list(COLUMNS):
                yield Finding(file.name, None, "parquet", "it lacks the columns of captures")
            for number in range(table.num_row_groups):
                table.read_row_group(number)
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            yield Finding(file.name, None, "parquet", f"it can't be read: {error}")


def _libraries() -> tuple[Any, Any]:
    """Raises MissingExtra."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("Parquet", "pyarrow", "parquet") from None
    return pyarrow, pyarrow.parquet


def _schema(pyarrow: Any) -> Any:
    kinds = {"string": pyarrow.string(), "integer": pyarrow.int64(), "moment": pyarrow.timestamp("us", tz="UTC")}
    return pyarrow.schema([(name, kinds[kind]) for name, kind in COLUMNS.items()])


def _groups(job: Job) -> Iterator[list[Row]]:
    rows: list[Row] = []
    size = 0
    for item in job.items():
        if item.asked:
            row = {name: _storable(value) for name, value in row_of(item, job.text(item)).items()}
            size += len(row["text"] or "")
            rows.append(row)
        if len(rows) >= _ROWS or size >= _OCTETS:
            yield rows
            rows, size = [], 0
        job.done(item)
    if rows:
        yield rows


def _storable(value: Any) -> Any:
    """Half a surrogate pair, from a page's own JSON, has no UTF-8."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else value
