"""The attached months: captures whose rows the database does not have, hidden from a reader as rows are."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from threading import Lock

from archive.database.closed_collections import TakenDown, closed_collections, closing_collections, hiding, taken_down
from archive.database.engine import Database
from archive.database.marks import Marks
from archive.database.prepared import Query
from archive.index.cdx.query import EARLIEST, LATEST
from archive.index.cdx.row import Row, order_of
from archive.index.months.blocks import WAY_OUT, BlockCache, MonthFile
from archive.index.months.month import Month, MonthObject, MonthSegment, parsed
from archive.index.months.segment_names import select_known
from archive.store import ObjectStore
from archive.store.object_reader import octets_of
from archive.values.digest import sha256
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.values.urlkey import Range
from archive.warc.keys import sha256_of_key

ATTACHED = "month/"
"""How the names of the marks of attached months begin. The month follows; the value is the key of its manifest."""
_LOOK_EVERY = 5.0
"""Seconds after which a process notices what another one has attached or detached."""
_URN, _PAST_URN = "urn:", "urn;"

Place = tuple[str, int, int]


class Months:
    """Any thread may use it. What reads captures raises StoreError: an attached month is never left out silently."""

    def __init__(self, database: Database, store: ObjectStore, *, look_every: float = _LOOK_EVERY) -> None:
        self._store, self._look_every = store, look_every
        self._marks = Marks(database, ATTACHED)
        self._known = Query(database.engine, select_known)
        self._cache, self._lock = BlockCache(), Lock()
        self._files: dict[str, MonthFile] = {}
        self._attached: Mapping[str, str] = {}
        self._looked = float("-inf")

    def __bool__(self) -> bool:
        """Return whether any month is attached."""
        return bool(self._named())

    def attach(self, month: Month, key: str) -> None:
        """Let lookups find the captures of a month. `key` is that of its manifest. It replaces an earlier one."""
        self._marks.set(month.name, key)
        self._look_again()

    def detach(self, name: str) -> bool:
        """Let lookups forget a month. Return False if it was not attached."""
        there = self._marks.get(name) is not None
        self._marks.delete(name)
        self._look_again()
        return there

    def attached(self) -> Mapping[str, str]:
        """Return the keys of the manifests of the attached months, by month."""
        return dict(sorted(self._marks.all().items()))

    def files(self) -> list[MonthFile]:
        """Return the files of the attached months, oldest first. Raises StoreError, ObjectNotFound."""
        return [self._file(key) for key in self._named().values()]

    def covered(self) -> frozenset[str]:
        """Return the keys of the manifests of the segments whose captures are all in attached months.

        The database needs no rows of these. Raises StoreError.
        """
        found, segments = Counter[str](), dict[str, MonthSegment]()
        for one in self.files():
            for name, segment in one.month.segments.items():
                found[name] += segment.captures
                segments[name] = segment
        return frozenset(one.manifest_key for name, one in segments.items() if found[name] >= one.total)

    def forget_blocks(self) -> None:
        """Forget the blocks in memory: the next lookup reads them again."""
        self._cache.clear()

    def segment_key(self, name: str) -> str | None:
        """Return the key of the WARC of a segment that an attached month names."""
        named = (one.month.segments.get(name) for one in self.files())
        return next((each.object_key for each in named if each), None)

    def rows(
        self,
        keys: Range,
        *,
        since: int = EARLIEST,
        until: int = LATEST,
        collection: str | None = None,
        reverse: bool = False,
        place: Place | None = None,
    ) -> Iterator[Row]:
        """Yield what the reader may see in a range of keys and times, both ends included, by key, time and number.

        Rows of the segments that the database has are left out: those are found there.
        """
        files = self._of_time(since, until, place if _is_one(keys) else None, reverse)
        if _is_one(keys):  # months follow each other in time
            parts: Iterable[Row] = chain.from_iterable(
                one.rows(keys, since, until, reverse=reverse, place=place)
                for one in (reversed(files) if reverse else files)
            )
        else:
            streams = [one.rows(keys, since, until, reverse=reverse, place=place) for one in files]
            parts = heapq.merge(*streams, key=order_of, reverse=reverse)
        mine, shown = self._unknown(), self._shown()
        return (row for row in parts if collection in {None, row.collection} and shown(row) and mine(row.segment))

    def count(self, keys: Range, *, since: int, until: int, collection: str | None, unchanged: bool) -> int:
        """Count the rows, with those of not-modified captures if `unchanged`."""
        whole = unchanged and collection is None and not closed_collections() and not taken_down()
        count, mine = 0, self._unknown()
        for one in self._of_time(since, until):
            first, past = one.month.span
            if (
                whole
                and not one.month.damaged
                and since <= first
                and until >= past - 1
                and all(map(mine, one.month.segments))
            ):
                count += one.count(keys)
            else:
                shown = self._shown()
                count += sum(
                    (unchanged or row.kind != "not-modified")
                    and row.damage is None
                    and collection in {None, row.collection}
                    and shown(row)
                    and mine(row.segment)
                    for row in one.rows(keys, since, until)
                )
        return count

    def _of_time(self, since: int, until: int, place: Place | None = None, reverse: bool = False) -> list[MonthFile]:
        if place is not None:
            since, until = (since, min(until, place[1])) if reverse else (max(since, place[1]), until)
        return [one for one in self.files() if one.month.span[0] <= until and since < one.month.span[1]]

    def _unknown(self) -> Callable[[str], bool]:
        """Return a function that says whether the database lacks a segment, as far as this lookup goes."""

        @cache
        def is_unknown(name: str) -> bool:
            with closing_collections(frozenset()), hiding(TakenDown()):
                return not self._known.rows(name=name)

        return is_unknown

    def _shown(self) -> Callable[[Row], bool]:
        """Return a function that says whether the reader may see a row, as `archive.database.closed_collections`."""
        closed, taken = closed_collections(), taken_down()
        if not closed and not taken:
            return lambda _row: True

        def is_shown(row: Row) -> bool:
            if row.collection in closed:
                return False
            return not taken or not self._is_taken(row, taken)

        return is_shown

    def _is_taken(self, row: Row, taken: TakenDown) -> bool:
        if taken.has(row.urlkey) or row.record_id in taken.records:
            return True
        if row.refers_to_record in taken.records and row.urlkey in taken.pages:
            return True
        is_urn = _URN <= row.urlkey < _PAST_URN
        # What is recorded beside single captures that are taken down has no row that says of which one it is.
        return is_urn and (taken.has_page_of(row.urlkey) or taken.has_capture_of(row.urlkey))

    def _named(self) -> Mapping[str, str]:
        if time.monotonic() - self._looked >= self._look_every:
            self._attached = self.attached()
            self._looked = time.monotonic()
        return self._attached

    def _look_again(self) -> None:
        self._looked = float("-inf")

    def _file(self, key: str) -> MonthFile:
        if (found := self._files.get(key)) is None:
            with self._lock:
                if (found := self._files.get(key)) is None:
                    found = self._files[key] = self._opened(key)
        return found

    def _opened(self, key: str) -> MonthFile:
        try:
            return MonthFile(read_month(self._store, key), self._store, self._cache)
        except ObjectNotFound as error:
            raise IntegrityError(f"{error}, a file of an attached month; {WAY_OUT}") from error


def read_month(store: ObjectStore, key: str) -> Month:
    """Read the manifest of a month. Raises StoreError, ObjectNotFound, and IntegrityError if it is damaged."""
    data = octets_of(store, key)
    if sha256_of_key(key) != sha256(data):
        raise IntegrityError(f"{key} is damaged: its SHA-256 is {sha256(data)}")
    return parsed(data, key)


def lost_object(store: ObjectStore, month: Month) -> MonthObject | None:
    """Return the first file of a month that the store lacks, or has in another size. Raises StoreError."""
    return next((one for one in month.objects if store.size(one.key) != one.size), None)


def _is_one(keys: Range) -> bool:
    return keys[1] == f"{keys[0]}!"
