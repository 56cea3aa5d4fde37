"""Decide whether captures can't be read, and mark them. All code that finds damage calls this module.

Only proof counts: bytes that don't match when read twice, or an object missing from a store that has our other objects.
A store that can't be reached, refuses or is another one proves nothing.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from archive.index.unshipped import lost_from_spool
from archive.store.replicated import replicas_of
from archive.store.streams import window
from archive.values.capture import Location
from archive.values.digest import sha256_file
from archive.values.errors import DamagedRecord, IntegrityError, ObjectNotFound, StoreError
from archive.warc.integrity.verify import intact_records
from archive.warc.keys import MANIFESTS

if TYPE_CHECKING:
    from archive.index.segments import SegmentRow, Segments
    from archive.store import ObjectStore

logger = logging.getLogger(__name__)

_IN_MEMORY = 16 << 20


def examine(segments: Segments, store: ObjectStore, name: str) -> None:
    """Read a segment again in all its places, and mark or unmark each of its captures accordingly.

    A capture is readable if one place has its complete record: the spool, the store, or a replica. Nothing is marked if
    one of them does not respond.
    """
    if (row := segments.segment(name)) is None:
        return
    records = segments.damages.records_of(name)  # before the bytes: what is listed at this point is on disk
    found, silent = list[frozenset[int]](), list[Exception]()
    for place in _places(segments, store, row):
        try:
            if (there := _readable(place, row, records)) is not None:
                found.append(there)
        except (StoreError, OSError) as error:
            logger.info("a segment could not be examined", extra={"segment": name, "reason": str(error)})
            silent.append(error)
    good = frozenset[int]().union(*found)
    if found:
        segments.damages.unmark(name, good)
    if silent:
        return
    if found:
        segments.damages.mark(name, records.keys() - good, "damaged", f"its record in {name}.warc.gz is damaged")
    elif row.object_key:
        segments.damages.mark(name, records, "missing", _gone(row))


def examine_unshipped(segments: Segments, store: ObjectStore, spools: Sequence[Path]) -> None:
    """Mark the captures whose files in the spools of a home are gone, and unmark those whose files are back."""
    for name in segments.damages.segments():
        if (row := segments.segment(name)) is not None and not row.object_key:
            examine(segments, store, name)
    mark_lost(segments, spools)


def mark_lost(segments: Segments, spools: Sequence[Path]) -> None:
    """Mark the captures whose files in the spools of a home are gone."""
    for lost in lost_from_spool(segments.database, spools):
        records = segments.damages.records_of(lost.name)
        segments.damages.mark(lost.name, records, "missing", f"its file is missing in the spool: {lost.path}")


def mark_if_unreadable(segments: Segments, store: ObjectStore, where: Location, error: Exception) -> None:
    """Mark a capture, if the error proves that it can't be read. Never raises."""
    try:
        if isinstance(error, ObjectNotFound):
            row = segments.segment(where.segment)
            if row and row.object_key and _is_ours(segments, store, row):
                offsets = segments.damages.records_of(where.segment)
                segments.damages.mark(where.segment, offsets, "missing", _gone(row))
        elif isinstance(error, (DamagedRecord, IntegrityError)):
            segments.damages.mark(where.segment, [where.offset], "damaged", f"{where.segment}.warc.gz, {error}")
    except Exception:  # the reader gets the original error
        logger.exception("a capture could not be marked", extra={"segment": where.segment, "offset": where.offset})


def _places(segments: Segments, store: ObjectStore, row: SegmentRow) -> Iterator[Callable[[], BinaryIO | None]]:
    """Yield what opens a segment in each of its places; None where it is missing."""
    if row.path:
        yield partial(_in_spool, Path(row.path))
    if row.object_key:
        yield partial(_in_store, segments, store, row)
        for replica in replicas_of(store).values():
            yield partial(_in_replica, replica, row.object_key)


def _readable(
    place: Callable[[], BinaryIO | None], row: SegmentRow, records: Mapping[int, str]
) -> frozenset[int] | None:
    """Return the offsets of the captures that can be read in a place; None if it lacks it. Raises StoreError."""
    if (source := place()) is None:
        return None
    with _copied(source) as copy:
        there = intact_records(copy, as_written=sha256_file(copy) == row.sha256)
        return frozenset(offset for offset, record in records.items() if there.get(offset) == record)


def _in_spool(path: Path) -> BinaryIO | None:
    try:
        return window(path.open("rb"), 0, None, str(path))
    except FileNotFoundError:
        return None


def _in_store(segments: Segments, store: ObjectStore, row: SegmentRow) -> BinaryIO | None:
    assert row.object_key
    try:
        return store.get(row.object_key)
    except ObjectNotFound as error:
        if _is_ours(segments, store, row):
            return None
        raise StoreError("the store contains none of the expected files: it may be a different store") from error


def _in_replica(replica: ObjectStore, key: str) -> BinaryIO | None:
    """A replica may lag behind: what it lacks proves nothing, and helps nobody."""
    try:
        return replica.get(key)
    except ObjectNotFound:
        return None


def _copied(source: BinaryIO) -> BinaryIO:
    """Copy the readable part of a file into a seekable file."""
    copy = cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 -- handed to the caller
    with closing(source), suppress(IntegrityError):
        shutil.copyfileobj(source, copy)
    copy.seek(0)
    return copy


def _is_ours(segments: Segments, store: ObjectStore, row: SegmentRow) -> bool:
    """Return whether the store is the one that segments were shipped to, and not an empty or another one."""
    if row.manifest_key and store.size(row.manifest_key) is not None:
        return True
    known = {segment.manifest_key for segment in segments.segments("committed", "releasing", "released")}
    return any(key in known for key in store.keys(MANIFESTS))


def _gone(row: SegmentRow) -> str:
    return f"{row.object_key} is missing in the store"
