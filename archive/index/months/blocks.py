"""Read the sorted lines of a month by ranges of keys: only the blocks that can have them are requested."""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import groupby
from threading import Lock

from archive.index.cdx.row import Row, order_of, timestamp_of
from archive.index.months.lines import row_of_line
from archive.index.months.month import Month
from archive.store import ObjectStore
from archive.store.object_reader import octets_of
from archive.values.digest import sha256
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.values.urlkey import Range

_GZIP = 31
WAY_OUT = "restore it from a copy, or run pressmark months detach and pressmark rebuild"
_HELD = 64
"""Decompressed blocks in memory, of all months of a process: some 10 MB."""


class MonthGone(IntegrityError):
    """The store has a file of a month no more: a purge may have written the month again."""

    def __init__(self, why: str, month: str, key: str) -> None:
        super().__init__(f"{why}, a file of an attached month; {WAY_OUT}")
        self.month, self.key = month, key


class BlockCache:
    """The blocks that were used last. Any thread may use it."""

    def __init__(self, most: int = _HELD) -> None:
        self._most, self._lock = most, Lock()
        self._blocks: OrderedDict[tuple[str, int], list[bytes]] = OrderedDict()

    def get(self, place: tuple[str, int], load: Callable[[], list[bytes]]) -> list[bytes]:
        with self._lock:
            if (found := self._blocks.get(place)) is not None:
                self._blocks.move_to_end(place)
                return found
        loaded = load()
        with self._lock:
            self._blocks[place] = loaded
            while len(self._blocks) > self._most:
                self._blocks.popitem(last=False)
        return loaded

    def clear(self) -> None:
        with self._lock:
            self._blocks.clear()


class MonthFile:
    """The lines of a month. Any thread may read them.

    All methods raise StoreError, and IntegrityError for a file that is not what its manifest says.
    """

    def __init__(self, month: Month, key: str, store: ObjectStore, cache: BlockCache) -> None:
        """`key` is that of its manifest. Raises StoreError, ObjectNotFound, IntegrityError."""
        self.month, self.key = month, key
        self._store, self._cache = store, cache
        self._keys: list[bytes] = []
        """The first key and timestamp of each block."""
        self._ends = array("Q", [0])
        """The offset of each block, and the end of the last one."""
        self._load()

    def rows(
        self, keys: Range, since: int, until: int, *, reverse: bool = False, place: tuple[str, int, int] | None = None
    ) -> Iterator[Row]:
        """Yield the rows in a range of keys and of times, both ends included, by key, time and number.

        `place` is a row's key, time and number: only rows after it, or with `reverse` before it, are yielded.
        """
        low, high = self._bounds(keys, since, until, reverse, place)
        lines = self._lines(low, high, reverse)
        for _, alike in groupby(lines, key=lambda line: line[: line.index(b" ", line.index(b" ") + 1)]):
            rows = [row for line in alike if since <= (row := row_of_line(line)).at <= until]
            if place is not None:
                rows = [row for row in rows if (order_of(row) < place if reverse else order_of(row) > place)]
            rows.sort(key=order_of, reverse=reverse)
            yield from rows

    def lines(self) -> Iterator[bytes]:
        """Yield all lines. None of them stays in memory."""
        for number in range(len(self._keys)):
            yield from self._read(number)

    def count(self, keys: Range) -> int:
        """Count the lines in a range of keys. Only its first and its last block are read."""
        low, high = keys[0].encode(), keys[1].encode()
        first, last = self._numbers(low, high)
        if first > last:
            return 0
        if last - first < 2:
            return sum(self._inside(number, low, high) for number in range(first, last + 1))
        between = sum(self._held(number) for number in range(first + 1, last))
        return self._inside(first, low, high) + between + self._inside(last, low, high)

    def _bounds(
        self, keys: Range, since: int, until: int, reverse: bool, place: tuple[str, int, int] | None
    ) -> tuple[bytes, bytes]:
        """Return the first line that is wanted, and one after the last. No key has a character before "!"."""
        low, high = keys
        first, past = self.month.span
        if place is not None and reverse and (at := min(place[1], past)) >= first:
            high = min(high, f"{place[0]} {timestamp_of(at)}~")
        elif place is not None and reverse:
            high = min(high, f"{place[0]} ")
        elif place is not None:
            low = max(low, f"{place[0]} {timestamp_of(min(max(place[1], first), past))}")
        if keys[1] == keys[0] + "!":  # one key: its lines are sorted by time
            low = max(low, f"{keys[0]} {timestamp_of(min(max(since, first), past))}")
            high = min(high, f"{keys[0]} {timestamp_of(min(max(until, first), past))}~")
        return low.encode(), high.encode()

    def _lines(self, low: bytes, high: bytes, reverse: bool) -> Iterator[bytes]:
        first, last = self._numbers(low, high)
        numbers = range(last, first - 1, -1) if reverse else range(first, last + 1)
        for number in numbers:
            block = self._block(number)
            some = block[bisect_left(block, low) : bisect_left(block, high)]
            yield from reversed(some) if reverse else some

    def _numbers(self, low: bytes, high: bytes) -> tuple[int, int]:
        """Return the first and the last block that can have lines from `low` to before `high`: lines with the key of a
        block may begin in the one before.
        """
        return max(bisect_left(self._keys, low) - 1, 0), bisect_left(self._keys, high) - 1

    def _inside(self, number: int, low: bytes, high: bytes) -> int:
        block = self._block(number)
        return bisect_left(block, high) - bisect_left(block, low)

    def _held(self, number: int) -> int:
        return self._lines_each if number + 1 < len(self._keys) else len(self._block(number))

    @property
    def _lines_each(self) -> int:
        return len(self._block(0))

    def _block(self, number: int) -> list[bytes]:
        return self._cache.get((self.month.lines.key, number), lambda: self._read(number))

    def _read(self, number: int) -> list[bytes]:
        key, start, end = self.month.lines.key, self._ends[number], self._ends[number + 1]
        try:
            with closing(self._store.get(key, start, end - start)) as file:
                packed = file.read()
            lines = zlib.decompress(packed, _GZIP).splitlines()
        except ObjectNotFound as error:
            raise MonthGone(str(error), self.month.name, self.key) from error
        except zlib.error as error:
            raise IntegrityError(f"{key} is damaged from byte {start} on: {error}; {WAY_OUT}") from error
        if not lines or not lines[0].startswith(self._keys[number] + b" "):
            raise IntegrityError(f"{key} has another block at byte {start} than its index says; {WAY_OUT}")
        return lines

    def _load(self) -> None:
        one = self.month.blocks
        data = octets_of(self._store, one.key)
        if sha256(data) != one.sha256:
            raise IntegrityError(f"{one.key} is damaged: its SHA-256 is {sha256(data)}; {WAY_OUT}")
        for line in data.splitlines():
            key, _, offset, length, _ = line.split(b"\t")
            self._keys.append(key)
            self._ends.append(int(offset) + int(length))
