"""Read the bytes of a record from its segment: in the spool, in the store by a range request, or on another machine."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from archive.index.damage import mark_if_unreadable
from archive.index.purges.given_up import given_up
from archive.index.segments import Segments
from archive.index.unshipped import holder_of_segment
from archive.spool.sealed import find_segment
from archive.store.replicated import replicas_of
from archive.store.streams import window
from archive.values.capture import Location
from archive.values.errors import (
    DamagedRecord,
    IntegrityError,
    ObjectNotFound,
    SegmentUnknown,
    StoreError,
)
from archive.warc.record import Record, record_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.retrieval.elsewhere import Elsewhere
    from archive.store import ObjectStore

T = TypeVar("T")

_IN_MEMORY = 1 << 20
_PIECE = 1 << 16
_TRIES = 40
_WAIT = 0.05
"""Seconds between two attempts: a segment is renamed, or removed, shortly before its row is updated."""


class Retrieval:
    def __init__(self, segments: Segments, store: ObjectStore, elsewhere: Elsewhere | None = None) -> None:
        """Set up. `elsewhere` are the spools of other machines; None without a shared database."""
        self._segments = segments
        self._store = store
        self._elsewhere = elsewhere

    def record(self, where: Location, record_id: str = "") -> Record:
        """Return the record there, which the caller closes. With an id, it must be that record; a purge may have moved
        it meanwhile.

        Damaged and missing records are marked in the index. Raises ObjectNotFound, DamagedRecord, StoreError.
        """

        def read() -> Record:
            return self._read(where, lambda file: _record(file, where.offset, record_id))

        try:
            with suppress(DamagedRecord, IntegrityError):  # a store may return wrong bytes once
                return read()
            return read()
        except (DamagedRecord, IntegrityError, ObjectNotFound, SegmentUnknown) as error:
            if (there := self._segments.place_now(where, record_id)) is not None:
                return self.record(there, record_id)
            if isinstance(error, SegmentUnknown):
                raise
            mark_if_unreadable(self._segments, self._store, where, error)
            raise

    def octets(self, where: Location, record_id: str = "") -> BinaryIO:
        """Return a range of the segment, possibly several records, as a file that the caller closes.

        With the id of its main record, it is found after a purge, too. Raises SegmentUnknown if it was purged,
        ObjectNotFound, DamagedRecord if the segment is shorter, StoreError.
        """
        try:
            return self._read(where, lambda file: _copied(file, where))
        except (ObjectNotFound, SegmentUnknown):
            if (there := self._segments.place_now(where, record_id)) is None:
                raise
            return self.octets(there, record_id)

    def opened(self, where: Location) -> BinaryIO:
        """Open the file or the store's response with this range, without reading it. The caller closes it.

        Raises SegmentUnknown, ObjectNotFound, StoreError.
        """
        return self._found(where, lambda file: file)

    def size(self, segment: str) -> int | None:
        """Return the current size of a segment's file in bytes; None if the archive has no such segment."""
        if not (resting := self._segments.resting(segment)):
            return None
        path, key = resting
        with suppress(FileNotFoundError):
            if local := path and _local(Path(path), segment):
                return local.stat().st_size
        if key:
            return self._store.size(key)
        with suppress(FileNotFoundError, ObjectNotFound):
            return self._elsewhere.size(segment) if self._elsewhere else None
        return None

    def _read(self, where: Location, read: Callable[[BinaryIO], T]) -> T:
        """Read from the range, close it, and return the result."""

        def closing(file: BinaryIO) -> T:
            with file:
                return read(file)

        return self._found(where, closing)

    def _found(self, where: Location, use: Callable[[BinaryIO], T]) -> T:
        """Return the result of `use` for the first place that has the range.

        A segment can move while it is read: sealed under another name, then committed to the store, then removed from
        the spool. A reader that loses this race tries the next place. Replicas and other machines come last: they never
        prove that a range is lost or damaged.
        """
        failure: Exception | None = None
        for attempt in range(_TRIES):
            silent: StoreError | None = None
            for place in self._places(where):
                try:
                    return use(place())
                except FileNotFoundError:
                    failure = self._not_here(where.segment)
                except (ObjectNotFound, DamagedRecord, IntegrityError) as error:
                    failure = error
                except StoreError as error:
                    silent = silent or error
            for other in self._others(where):
                try:
                    return use(other())
                except (FileNotFoundError, ObjectNotFound, DamagedRecord, IntegrityError):
                    continue  # a replica may lag behind, and anything may answer at the address of a machine
                except StoreError as error:
                    silent = silent or error
            if silent is not None:
                raise silent
            if not isinstance(failure, ObjectNotFound):
                break
            time.sleep(_WAIT if attempt + 1 < _TRIES else 0)
        raise failure or self._nowhere(where.segment)

    def _nowhere(self, segment: str) -> SegmentUnknown | ObjectNotFound:
        """Return why a segment has no place."""
        lost = next((one for one in given_up(self._segments.database) if one.segment == segment), None)
        return ObjectNotFound(f"of the segment {segment}: {lost.sentence}") if lost else SegmentUnknown(segment)

    def _not_here(self, segment: str) -> ObjectNotFound:
        """Return why a segment that is not in the store can't be read from a spool."""
        if (holder := holder_of_segment(self._segments.database, segment)) is not None:
            return ObjectNotFound(f"of the segment {segment}: it is in the spool of {holder}, and not in the store yet")
        return ObjectNotFound(f"of the segment {segment}, and its file is not in the spool")

    def _places(self, where: Location) -> Iterator[Callable[[], BinaryIO]]:
        path, key = self._segments.resting(where.segment) or (None, None)
        if local := path and _local(Path(path), where.segment):
            yield partial(_open_local, local, where)
        if key:
            yield partial(self._store.get, key, where.offset, where.length)

    def _others(self, where: Location) -> Iterator[Callable[[], BinaryIO]]:
        replicas = replicas_of(self._store).values()
        _, key = (self._segments.resting(where.segment) if replicas or self._elsewhere else None) or (None, None)
        if self._elsewhere and not key:
            yield partial(self._elsewhere.get, where)
        if key:
            yield from (partial(replica.get, key, where.offset, where.length) for replica in replicas)


def _record(file: BinaryIO, offset: int, record_id: str) -> Record:
    record = record_at(file, offset)
    if record_id and record.id != record_id:
        record.close()
        raise DamagedRecord(f"offset {offset}", f"the record here is {record.id}, not {record_id}")
    return record


def _copied(file: BinaryIO, where: Location) -> BinaryIO:
    copy = cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 -- handed to the caller
    try:
        left = where.length
        while left and (piece := file.read(min(left, _PIECE))):
            left -= copy.write(piece)
        if left:
            why = f"found {where.length - left} bytes instead of {where.length}"
            raise DamagedRecord(f"{where.segment}, offset {where.offset}", why)
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return copy


def _local(path: Path, segment: str) -> Path:
    """Return the path of a segment's file in its spool; `path`, from the index, if it is not found."""
    return path if path.exists() else find_segment(path, segment) or path


def _open_local(path: Path, where: Location) -> BinaryIO:
    return window(path.open("rb"), where.offset, None, str(path))
