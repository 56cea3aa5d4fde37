"""JSON Lines: one object for each row of a table, captures with their texts or posts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from archive.export.job import Job
from archive.export.rows import CAPTURES, Row, Table
from archive.values.errors import Finding


class Jsonl:
    media_type = "application/x-ndjson"
    resumable = True

    def __init__(self, table: Table = CAPTURES) -> None:
        self._table = table
        self.name = "jsonl" if table is CAPTURES else f"jsonl of {table.name}s"
        self.suffix = ".jsonl" if table is CAPTURES else f".{table.name}s.jsonl"

    def pieces(self, job: Job) -> Iterator[bytes]:
        for item in job.items():
            if item.asked:
                yield from map(line, self._table.rows_of(item, job.text(item), item.tags))
            job.done(item)

    def verify(self, file: Path) -> Iterator[Finding]:
        with file.open("rb") as lines:
            yield from self.findings(file.name, lines)

    def findings(self, name: str, lines: Iterable[bytes]) -> Iterator[Finding]:
        for number, text in enumerate(lines, 1):
            if why := self._wrong(text):
                yield Finding(name, None, "line", f"line {number} {why}")

    def _wrong(self, text: bytes) -> str | None:
        try:
            row = json.loads(text)
        except ValueError as error:
            return f"is not valid JSON: {error}"
        if not isinstance(row, dict) or not self._table.has_columns(row):
            return f"lacks the fields of a {self._table.name}"
        return None if text.endswith(b"\n") else "is incomplete: the file is truncated"


def line(row: Row) -> bytes:
    """Return a row as a line. A lone surrogate, which has no UTF-8, is written as an escape."""
    fields = {**row, "captured_at": row["captured_at"].isoformat()}
    try:
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(fields, separators=(",", ":")).encode() + b"\n"
