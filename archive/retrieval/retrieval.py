"""The octets of a record, wherever its segment is: in the spool, or in the store by a ranged read."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from archive.index.damage import judge
from archive.index.segments import Segments
from archive.spool.sealed import find_segment
from archive.store.streams import window
from archive.values.capture import Location
from archive.values.errors import DamagedRecord, IntegrityError, ObjectNotFound, SegmentUnknown
from archive.warc.record import Record, record_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.store import ObjectStore

T = TypeVar("T")

_IN_MEMORY = 1 << 20
_PIECE = 1 << 16
_TRIES = 40
_WAIT = 0.05
"""Seconds between two tries: a segment is renamed, or unlinked, a moment before its row says so."""


class Retrieval:
    def __init__(self, segments: Segments, store: ObjectStore) -> None:
        self._segments = segments
        self._store = store

    def record(self, where: Location, record_id: str = "") -> Record:
        """The record there, which the caller closes; with an id, that record and no other.

        What is damaged or gone is marked in the index. Raises ObjectNotFound, DamagedRecord, StoreError.
        """

        def read() -> Record:
            return self._read(where, lambda file: _record(file, where.offset, record_id))

        try:
            with suppress(DamagedRecord, IntegrityError):  # a store may give other bytes once
                return read()
            return read()
        except (DamagedRecord, IntegrityError, ObjectNotFound) as error:
            judge(self._segments, self._store, where, error)
            raise

    def octets(self, where: Location) -> BinaryIO:
        """Those octets of the segment, which may be several records, as a file that the caller closes.

        Raises ObjectNotFound, DamagedRecord when there are fewer, StoreError.
        """
        return self._read(where, lambda file: _copied(file, where))

    def opened(self, where: Location) -> BinaryIO:
        """The file, or the answer of the store, that those octets are read from as they come. The caller closes it.

        Raises SegmentUnknown, ObjectNotFound, StoreError.
        """
        return self._found(where, lambda file: file)

    def size(self, segment: str) -> int | None:
        """Octets of a segment's file, as it is now; None when the archive has none of that name."""
        if not (resting := self._segments.resting(segment)):
            return None
        path, key = resting
        with suppress(FileNotFoundError):
            if local := path and _local(Path(path), segment):
                return local.stat().st_size
        return self._store.size(key) if key else None

    def _read(self, where: Location, read: Callable[[BinaryIO], T]) -> T:
        """What is read of the octets, which are closed then."""

        def closing(file: BinaryIO) -> T:
            with file:
                return read(file)

        return self._found(where, closing)

    def _found(self, where: Location, use: Callable[[BinaryIO], T]) -> T:
        """What comes of using the first place that has the octets.

        A segment moves while it is read: sealed under another name, then committed to the store, then unlinked from
        the spool. Whoever loses that race tries the next place.
        """
        failure: Exception = SegmentUnknown(where.segment)
        for attempt in range(_TRIES):
            for place in self._places(where):
                try:
                    return use(place())
                except FileNotFoundError:
                    failure = ObjectNotFound(f"of the segment {where.segment}, and its file is not in the spool")
                except (ObjectNotFound, DamagedRecord, IntegrityError) as error:
                    failure = error
            if not isinstance(failure, ObjectNotFound):
                break
            time.sleep(_WAIT if attempt + 1 < _TRIES else 0)
        raise failure

    def _places(self, where: Location) -> Iterator[Callable[[], BinaryIO]]:
        path, key = self._segments.resting(where.segment) or (None, None)
        if local := path and _local(Path(path), where.segment):
            yield partial(_open_local, local, where)
        if key:
            yield partial(self._store.get, key, where.offset, where.length)


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
    """Where the file of a segment is in its spool; `path`, which the index says, if it is nowhere."""
    return path if path.exists() else find_segment(path, segment) or path


def _open_local(path: Path, where: Location) -> BinaryIO:
    return window(path.open("rb"), where.offset, None, str(path))
