"""The lists of video and audio beside pages (`archive.values.media`) name their files by the ids of records.

A later list may name files that an earlier run archived: in another segment, or in another collection.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from archive.index.index import Index
from archive.index.purges.given_up import names_given_up
from archive.index.records import captures_at, name_of
from archive.intake.purge_plan import place_of
from archive.retrieval.retrieval import Retrieval
from archive.spool.sealed import find_segment
from archive.store import ObjectStore
from archive.values.capture import MEDIA, Capture
from archive.values.errors import DamagedRecord, IntegrityError, ObjectNotFound, PurgeUnderWay
from archive.values.media import Piece, is_whole, read
from archive.warc.record import record_at

_Place = tuple[str, int]
_LONGEST = 64 << 20
"""Bytes of a list that is read; a stream of a day has a megabyte."""
_OF_PAGES = ("text/html", "application/xhtml+xml")
_TRIES = 3
"""A segment moves from the spool to the store while it is looked for."""


class ListedFiles:
    """What lists name. Each is read once."""

    def __init__(self, index: Index, store: ObjectStore, spools: Callable[[], Iterable[Path]] = tuple) -> None:
        self._index, self._spools = index, spools
        self._retrieval = Retrieval(index, store)
        self._names = dict[_Place, frozenset[str] | None]()
        self._same = dict[frozenset[str], frozenset[str]]()
        """Lists of one page often name the same files."""

    def naming(
        self, some: Mapping[_Place, Capture], written: Iterable[Capture] = ()
    ) -> list[tuple[Capture, list[_Place]]]:
        """Return the lists that name some of these captures, each with the places of those. `written` are captures that
        the index may not have yet. This reads all lists of the archive. One that is damaged or missing may name any
        file: it may come back from a copy. So may a record that has something else than a list as we write it:
        another version or another tool may have written that. Lists in files that people have given up name nothing.

        Raises PurgeUnderWay if a list can't be read here, StoreError.
        """
        places = {name_of(one.record_id): place for place, one in some.items() if one.record_id}
        lost = names_given_up(self._index.database)
        indexed = (one for one in self._index.captures(MEDIA, match="prefix") if one.location.segment not in lost)
        lists = {place_of(one): one for one in (*written, *indexed) if is_list(one)}
        files = [place for place, one in some.items() if _may_be_file(one)]

        def named(one: Capture) -> list[_Place]:
            names = self._named(one)
            return files if names is None else [places[name] for name in names if name in places]

        each = ((one, named(one)) for one in lists.values())
        return [(one, its) for one, its in each if its] if places else []

    def with_any(self, record_ids: Collection[str]) -> list[Capture]:
        """Return the lists that name one of these records. This reads all lists of the archive.

        Raises PurgeUnderWay if a list can't be read here, StoreError.
        """
        wanted = frozenset(map(name_of, record_ids))
        lists = (one for one in self._index.captures(MEDIA, match="prefix") if is_list(one))
        return [one for one in lists if wanted & (self._named(one) or frozenset())]

    def left_by(self, gone: Collection[Capture]) -> list[Capture]:
        """Return the files that lists among these captures name and that are not among them: they stay."""
        pieces = {
            (piece.url, piece.record) for one in gone if is_list(one) for piece in _pieces(self._payload(one) or b"")
        }
        there = captures_at(self._index.database, sorted(pieces)) if pieces else {}
        places = {place_of(one) for one in gone}
        return [one for one in there.values() if place_of(one) not in places]

    def _named(self, one: Capture) -> frozenset[str] | None:
        """Return the ids that a list names; None for one that can't be read, or that says something else."""
        place = place_of(one)
        if place not in self._names:
            payload = self._payload(one)
            whole = payload is not None and is_whole(payload)
            names = frozenset(name_of(piece.record) for piece in _pieces(payload or b""))
            self._names[place] = self._same.setdefault(names, names) if whole else None
        return self._names[place]

    def _payload(self, one: Capture) -> bytes | None:
        """Return what a list says; None for one that is damaged or missing."""
        where = one.location
        for _ in range(_TRIES):
            row = self._index.segment(where.segment)
            if row is not None and row.manifest_key is not None:
                lost = suppress(DamagedRecord, IntegrityError, ObjectNotFound)
                with lost, self._retrieval.record(where, one.record_id) as record:
                    return record.read_payload(_LONGEST)
                return None
            for path in filter(None, (find_segment(spool / "open" / "_", where.segment) for spool in self._spools())):
                with suppress(FileNotFoundError), path.open("rb") as file:
                    file.seek(where.offset)
                    with suppress(DamagedRecord), record_at(file, where.offset) as record:
                        if record.id == one.record_id:
                            return record.read_payload(_LONGEST)
        if one.damaged:
            return None
        raise PurgeUnderWay(
            f"nothing was deleted: the list of the video and audio of {one.url.removeprefix(MEDIA)} can't be read, and "
            "it may name files that would be deleted: its WARC file is not in the store yet"
        )


def is_list(one: Capture) -> bool:
    """Return whether a capture is a list of media. One that only refers to a list is not read as one."""
    return one.has_payload and one.url.startswith(MEDIA)


def _may_be_file(one: Capture) -> bool:
    """Return whether a list may name a capture: the page of a list is HTML, its files are not."""
    return one.has_payload and one.url.startswith("http") and one.mime not in _OF_PAGES


def _pieces(payload: bytes) -> Iterator[Piece]:
    for medium in read(payload):
        for file in medium.files:
            yield from file.pieces
