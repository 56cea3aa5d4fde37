"""Copy a WARC without some of its exchanges."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import BinaryIO

from archive.values.capture import Capture
from archive.warc.record import Record, read

_PIECE = 1 << 20


def copy_without(file: BinaryIO, gone: Collection[Capture], into: BinaryIO) -> dict[int, int]:
    """Copy the records of a WARC but those of some captures; return the new offset of each, by the old one.

    The copied records stay as they are, byte for byte.
    """
    places = [(record.offset, record.length) for record in _left(read(file), gone)]
    moved = dict[int, int]()
    for offset, length in places:
        moved[offset] = into.tell()
        file.seek(offset)
        left = length
        while left and (piece := file.read(min(left, _PIECE))):
            left -= into.write(piece)
    return moved


def _left(records: Iterable[Record], gone: Collection[Capture]) -> Iterator[Record]:
    """Yield the records that belong to none of some captures.

    A request or metadata belongs to a capture by its place, or by its WARC-Concurrent-To or WARC-Refers-To. A request
    that names no record belongs to the response of its URL and second: other tools write it first.
    """
    ids = {one.record_id for one in gone}
    starts = sorted((one.location.offset, one.span) for one in gone)  # exchanges do not overlap
    asked: set[tuple[str | None, datetime | None]] = {(one.url, one.at.replace(microsecond=0)) for one in gone}
    for record in records:
        with closing(record):
            named = record.header("warc-concurrent-to")
            about = record.header("warc-refers-to") if record.type == "metadata" else None
            is_theirs = not ids.isdisjoint({record.id, named, about}) or _is_within(record.offset, starts)
            is_request = record.type == "request" and named is None and _second(record) in asked
            if not is_theirs and not is_request:
                yield record


def _is_within(offset: int, spans: Sequence[tuple[int, int]]) -> bool:
    before = bisect_right(spans, offset, key=lambda span: span[0])
    return before > 0 and offset < sum(spans[before - 1])


def _second(record: Record) -> tuple[str | None, datetime | None]:
    return record.url, record.at.replace(microsecond=0) if record.at else None
