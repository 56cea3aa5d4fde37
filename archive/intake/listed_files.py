"""The lists of video and audio beside pages (`archive.values.media`) name their files by the ids of records.

A later list may name files that an earlier run archived: in another segment, or in another collection.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from archive.index.index import Index
from archive.index.records import captures_at, name_of
from archive.intake.purge_plan import place_of
from archive.retrieval.retrieval import Retrieval
from archive.spool.sealed import find_segment
from archive.store import ObjectStore
from archive.values.capture import MEDIA, Capture
from archive.values.errors import DamagedRecord, IntegrityError, ObjectNotFound, PurgeUnderWay
from archive.values.media import Piece, read
from archive.warc.record import record_at

_Place = tuple[str, int]
_LONGEST = 64 << 20
"""Bytes of a list that is read; a stream of a day has a megabyte."""
_TRIES = 3
"""A segment moves from the spool to the store while it is looked for."""


class ListedFiles:
    """What lists name. Each is read once."""

    def __init__(self, index: Index, store: ObjectStore, spools: Callable[[], Iterable[Path]] = tuple) -> None:
        self._index, self._spools = index, spools
        self._retrieval = Retrieval(index, store)
        self._names = dict[_Place, frozenset[str]]()
        self._same = dict[frozenset[str], frozenset[str]]()
        """Lists of one page often name the same files."""

    def naming(
        self, some: Mapping[_Place, Capture], written: Iterable[Capture] = ()
    ) -> list[tuple[Capture, list[_Place]]]:
        """Return the lists that name some of these captures, each with the places of those. `written` are captures that
        the index may not have yet. This reads all lists of the archive.

        Raises PurgeUnderWay if a list can't be read here, StoreError.
        """
        places = {name_of(one.record_id): place for place, one in some.items() if one.record_id}
        lists = {place_of(one): one for one in (*written, *self._index.captures(MEDIA, match="prefix")) if is_list(one)}
        each = ((one, [places[name] for name in self._named(one) if name in places]) for one in lists.values())
        return [(one, named) for one, named in each if named] if places else []

    def left_by(self, gone: Collection[Capture]) -> list[Capture]:
        """Return the files that lists among these captures name and that are not among them: they stay."""
        pieces = {(piece.url, piece.record) for one in gone if is_list(one) for piece in self._pieces(one)}
        there = captures_at(self._index.database, sorted(pieces)) if pieces else {}
        places = {place_of(one) for one in gone}
        return [one for one in there.values() if place_of(one) not in places]

    def _named(self, one: Capture) -> frozenset[str]:
        if (known := self._names.get(place_of(one))) is None:
            names = frozenset(name_of(piece.record) for piece in self._pieces(one))
            known = self._names[place_of(one)] = self._same.setdefault(names, names)
        return known

    def _pieces(self, one: Capture) -> Iterator[Piece]:
        for medium in read(self._payload(one)):
            for file in medium.files:
                yield from file.pieces

    def _payload(self, one: Capture) -> bytes:
        """Return what a list says; nothing for one that is lost for good."""
        where = one.location
        for _ in range(_TRIES):
            row = self._index.segment(where.segment)
            if row is not None and row.manifest_key is not None:
                lost = suppress(DamagedRecord, IntegrityError, ObjectNotFound)
                with lost, self._retrieval.record(where, one.record_id) as record:
                    return record.read_payload(_LONGEST)
                return b""
            for path in filter(None, (find_segment(spool / "open" / "_", where.segment) for spool in self._spools())):
                with suppress(FileNotFoundError), path.open("rb") as file:
                    file.seek(where.offset)
                    with suppress(DamagedRecord), record_at(file, where.offset) as record:
                        if record.id == one.record_id:
                            return record.read_payload(_LONGEST)
        if one.damaged:
            return b""
        raise PurgeUnderWay(
            f"nothing was deleted: the list of the video and audio of {one.url.removeprefix(MEDIA)} can't be read, and "
            "it may name files that would be deleted: its WARC file is not in the store yet"
        )


def is_list(one: Capture) -> bool:
    """Return whether a capture is a list of media. One that only refers to a list is not read as one."""
    return one.has_payload and one.url.startswith(MEDIA)
