"""The attached months: captures whose rows the database does not have, hidden from a reader as rows are."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from threading import Lock
from typing import Any

from archive.database.closed_collections import closed_collections, taken_down
from archive.database.engine import Database
from archive.database.marks import Marks
from archive.index.cdx.query import EARLIEST, LATEST
from archive.index.cdx.row import Row, order_of
from archive.index.months.blocks import BlockCache, MonthFile, MonthGone
from archive.index.months.month import Month, MonthSegment
from archive.index.months.own_segments import OwnSegments
from archive.index.months.segment_names import SegmentNames
from archive.index.months.stored import newer_month, read_month
from archive.store import ObjectStore
from archive.values.errors import ObjectNotFound, StoreError
from archive.values.urlkey import Range
from archive.warc.keys import MONTHS

ATTACHED = "month/"
"""How the names of the marks of attached months begin. The month follows; the value is the key of its manifest."""
_LOOK_EVERY = 5.0
"""Seconds after which a process notices what another one has attached or detached."""
_LIST_EVERY = 60.0
"""Seconds after which it notices that a purge of another database has written a month again."""
EVERY_KEY: Range = ("", "\x7f")
"""The range of all keys: they are ASCII."""

Place = tuple[str, int, int]


class Months:
    """Any thread may use it. What reads captures raises StoreError: an attached month is never left out silently."""

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        *,
        look_every: float = _LOOK_EVERY,
        list_every: float = _LIST_EVERY,
    ) -> None:
        self.store, self._look_every, self._list_every = store, look_every, list_every
        self._marks = Marks(database, ATTACHED)
        self._names = SegmentNames(database)
        self._cache, self._lock = BlockCache(), Lock()
        self._files: dict[str, MonthFile] = {}
        self._attached: Mapping[str, str] = {}
        self._looked, self._listed = float("-inf"), time.monotonic()

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
        return [self._file(name, key) for name, key in self._named().items()]

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

    def own(self) -> OwnSegments:
        """Return what decides, in one lookup, which segments the database answers for."""
        return OwnSegments(self._names)

    def rows(
        self,
        keys: Range,
        *,
        since: int = EARLIEST,
        until: int = LATEST,
        collection: str | None = None,
        reverse: bool = False,
        place: Place | None = None,
        own: OwnSegments | None = None,
    ) -> Iterator[Row]:
        """Yield what the reader may see in a range of keys and times, both ends included, by key, time and number.

        Rows of the segments that the database has are left out: those are found there. `own` is of the whole lookup.
        """
        files = self._of_time(since, until, place if _is_one(keys) else None, reverse)
        if _is_one(keys):  # months follow each other in time
            parts: Iterable[Row] = chain.from_iterable(
                self._rows_of(one, keys, since, until, reverse=reverse, place=place)
                for one in (reversed(files) if reverse else files)
            )
        else:
            streams = [self._rows_of(one, keys, since, until, reverse=reverse, place=place) for one in files]
            parts = heapq.merge(*streams, key=order_of, reverse=reverse)
        mine, shown = (own or self.own()).is_elsewhere, self._shown()
        return (row for row in parts if collection in {None, row.collection} and shown(row) and mine(row.segment))

    def _rows_of(
        self, file: MonthFile, keys: Range, since: int, until: int, *, reverse: bool, place: Place | None
    ) -> Iterator[Row]:
        """Yield rows of a month. If a purge replaces its files meanwhile, the new ones have what follows."""
        while True:
            try:
                for row in file.rows(keys, since, until, reverse=reverse, place=place):
                    yield row
                    place = order_of(row)
                return
            except MonthGone as gone:
                file = self._newer(gone)

    def count(self, keys: Range, own: OwnSegments, **wanted: Any) -> int:
        """Count the rows. `since`, `until`, `collection` are as in `rows`; `unchanged` counts not-modified ones, too.

        The caller counts those of the database afterwards, and again if `own` does not hold any more.
        """
        while True:
            try:
                return self._count(keys, own.is_elsewhere, **wanted)
            except MonthGone as gone:
                self._newer(gone)

    def _count(
        self,
        keys: Range,
        mine: Callable[[str], bool],
        *,
        since: int,
        until: int,
        collection: str | None,
        unchanged: bool,
    ) -> int:
        whole = unchanged and collection is None and not closed_collections() and not taken_down()
        count = 0
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

    def _shown(self) -> Callable[[Row], bool]:
        """Return a function that says whether the reader may see a row, as `archive.database.closed_collections`."""
        closed, taken = closed_collections(), taken_down()
        if not closed and not taken:
            return lambda _row: True

        def is_shown(row: Row) -> bool:
            if row.collection in closed:
                return False
            return not (taken and taken.hides(row.urlkey, row.record_id, row.refers_to_record))

        return is_shown

    def _named(self) -> Mapping[str, str]:
        now = time.monotonic()
        if now - self._looked >= self._look_every:
            self._use(self.attached())
            self._names.forget()
            self._looked = now
        if self._attached and now - self._listed >= self._list_every:
            self._listed = now
            with suppress(StoreError):  # then the next lookup of the month says so
                self.find_newer()
        return self._attached

    def _use(self, attached: Mapping[str, str]) -> None:
        """Take these months. What is held of others may have lines that a purge deleted."""
        self._attached = attached
        if gone := self._files.keys() - set(attached.values()):
            self._files = {key: one for key, one in self._files.items() if key not in gone}
            self._cache.clear()

    def _look_again(self) -> None:
        self._looked = float("-inf")

    def find_newer(self) -> None:
        """Use what purges, also of other databases, have written instead of attached months. Raises StoreError."""
        if attached := self.attached():
            there = set(self.store.keys(MONTHS))
            for name, key in attached.items():
                if key not in there:
                    self._follow(name, key)

    def _follow(self, name: str, key: str) -> str | None:
        """Use the month that a purge has written instead of an attached one; return its key, or None without one."""
        new = self._marks.get(name)
        if new == key and (new := newer_month(self.store, name, key)) is not None:
            self._marks.replace(name, key, new)
        if new is not None:
            self._use({**self._attached, name: new})
        return new

    def _newer(self, gone: MonthGone) -> MonthFile:
        """Return the month that came instead of one whose files are gone. Raises MonthGone if there is none."""
        if (new := self._follow(gone.month, gone.key)) is None:
            raise gone
        return self._file(gone.month, new)

    def _file(self, name: str, key: str) -> MonthFile:
        if (found := self._files.get(key)) is not None:
            return found
        try:
            with self._lock:
                if (found := self._files.get(key)) is None:
                    found = self._files[key] = MonthFile(read_month(self.store, key), key, self.store, self._cache)
                return found
        except ObjectNotFound as error:
            return self._newer(MonthGone(str(error), name, key))


def _is_one(keys: Range) -> bool:
    return keys[1] == f"{keys[0]}!"
