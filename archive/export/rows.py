"""Flat rows for tables (JSON Lines and Parquet): one for each capture, with its text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.export.judged import JUDGED
from archive.export.plan import Item
from archive.texts.texts import TextRow
from archive.values.reservations import read, refusals, written
from archive.values.timestamps import timestamp14
from extractor.values.verdict import of_status

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """The kind of rows of an export."""

    name: str
    """Of one row: ``capture``."""
    columns: Mapping[str, str]
    """Name → string, integer, number or moment, in their order."""
    rows_of: Callable[[Item, TextRow | None, Sequence[str]], Iterator[Row]]
    """The rows of a capture, its text and its tags."""
    later: frozenset[str] = frozenset()
    """Columns that files of earlier versions lack."""

    def has_columns(self, names: Iterable[str]) -> bool:
        """Return whether a file with these columns is one of this version, or of an earlier one."""
        given = list(names)
        return given == [name for name in self.columns if name in given or name not in self.later]


COLUMNS: dict[str, str] = {
    "url": "string",
    "urlkey": "string",
    "timestamp": "string",
    "captured_at": "moment",
    "kind": "string",
    "status": "integer",
    "mime": "string",
    "digest": "string",
    "sha256": "string",
    "length": "integer",
    "collection": "string",
    "source": "string",
    "run": "string",
    "record_id": "string",
    "segment": "string",
    "warc_offset": "integer",
    "original_record_id": "string",
    "redirect": "string",
    "truncated": "string",
    "verdict": "string",
    "text_state": "string",
    "title": "string",
    "author": "string",
    "date": "string",
    "language": "string",
    "text": "string",
    "reservations": "string",
    "tags": "string",
} | JUDGED
"""Name → kind, in their order. All but the first five may be missing. No name is a reserved word of SQL."""


def row_of(item: Item, text: TextRow | None, tags: Sequence[str]) -> Row:
    """Return the row of an item; `captured_at` is in UTC."""
    capture = item.capture
    by_status = of_status(capture.status or 0)
    return {
        "url": capture.url,
        "urlkey": capture.urlkey,
        "timestamp": timestamp14(capture.at),
        "captured_at": capture.at,
        "kind": capture.kind,
        "status": capture.status,
        "mime": item.mime,
        "digest": capture.digest,
        "sha256": capture.sha256,
        "length": capture.payload_length,
        "collection": capture.collection,
        "source": capture.source,
        "run": capture.run,
        "record_id": capture.record_id,
        "segment": capture.location.segment,
        "warc_offset": capture.location.offset,
        "original_record_id": item.original,
        "redirect": capture.redirect,
        "truncated": capture.truncated,
        "verdict": (text and text.verdict) or (by_status.kind if by_status else None),
        "text_state": text.state if text else None,
        "title": text.title if text else None,
        "author": text.author if text else None,
        "date": text.date if text else None,
        "language": text.language if text else None,
        "text": text.text if text else None,
        "reservations": said_of(item, text),
        "tags": ", ".join(tags) or None,
        **{name: item.judged.get(name) for name in JUDGED},
    }


def said_of(item: Item, text: TextRow | None) -> str | None:
    """Return what the site says of the use of a page, in lines; None if it says nothing."""
    capture = item.capture
    return written((*refusals(capture.status), *read(capture.reservations), *(text.reservations if text else ())))


def _rows_of(item: Item, text: TextRow | None, tags: Sequence[str]) -> Iterator[Row]:
    yield row_of(item, text, tags)


CAPTURES = Table("capture", COLUMNS, _rows_of, frozenset(("tags", *JUDGED)))
