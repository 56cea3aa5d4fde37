"""JSON Lines: one object a capture, its text in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from archive.export.job import Job
from archive.export.rows import COLUMNS, Row, row_of
from archive.values.errors import Finding


class Jsonl:
    name = "jsonl"
    suffix = ".jsonl"
    media_type = "application/x-ndjson"
    resumable = True

    def pieces(self, job: Job) -> Iterator[bytes]:
        for item in job.items():
            if item.asked:
                yield line(row_of(item, job.text(item)))
            job.done(item)

    def verify(self, file: Path) -> Iterator[Finding]:
        with file.open("rb") as lines:
            for number, text in enumerate(lines, 1):
                if why := _wrong(text):
                    yield Finding(file.name, None, "line", f"line {number} {why}")


def line(row: Row) -> bytes:
    """A row as a line. Half a surrogate pair, which has no UTF-8, is written as an escape."""
    fields = {**row, "captured_at": row["captured_at"].isoformat()}
    try:
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def _wrong(text: bytes) -> str | None:
    try:
        row = json.loads(text)
    except ValueError as error:
        return f"is not valid JSON: {error}"
    if not isinstance(row, dict) or list(row) != list(COLUMNS):
        return "lacks the fields of a capture"
    return None if text.endswith(b"\n") else "is incomplete: the file is truncated"
