"""Write months from the rows of the database: sorted lines in compressed blocks, the index of the blocks, a table."""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from sqlalchemy import Select, func, select, tuple_

from archive.database.columns import day, day_number
from archive.database.engine import Database
from archive.database.schema import captures, segments
from archive.index.cdx.row import Row
from archive.index.months.lines import line_of_row
from archive.index.months.month import Month, MonthObject, MonthSegment, month_of
from archive.index.row_counts import had_captures
from archive.index.rows import driven, select_captures
from archive.store import ObjectStore
from archive.values.digest import Sha256, sha256
from archive.warc.keys import MONTHS

BLOCK = 100
"""Lines of a block. All captures of a URL in ten months take 2.7 ms of CPU; with 300 lines, as in exports, 6.3 ms."""
_LEVEL = 6
_GZIP = 31
_PAGE = 2000
_PIECE = 1 << 20
STORED = (segments.c.manifest_key.is_not(None), segments.c.object_key.is_not(None), segments.c.state != "given-up")
"""Segments whose captures may go into months: the store has them."""


class Table(Protocol):
    """A table of the same captures, beside the lines. It writes into the file that it was opened with."""

    def add(self, row: Row) -> None: ...

    def close(self) -> None:
        """Write what is left. Repeating it is harmless."""


OpenTable = Callable[[BinaryIO], Table]


class MonthWriter:
    """The files of one month in a directory. Rows are added by key, time and number."""

    def __init__(self, name: str, directory: Path, open_table: OpenTable | None) -> None:
        self.name = name
        self.replaces: tuple[str, ...] = ()
        """The keys of the manifests that this month comes instead of."""
        self._segments, self.damaged, self.captures = Counter[str](), 0, 0
        self._alike: list[str] = []
        self._second, self._lines = "", list[str]()
        self._blocks = list[bytes]()
        self._offset = 0
        self._file = (directory / f"{name}.gz").open("w+b")
        self._directory = directory
        self._table_file: BinaryIO | None = None
        self._table = open_table(self.table()) if open_table else None

    def table(self) -> BinaryIO:
        """Return the file of the table, which the caller writes; it is put with the lines."""
        self._table_file = self._table_file or (self._directory / f"{self.name}.parquet").open("w+b")
        return self._table_file

    def add(self, row: Row) -> None:
        self.add_line(line_of_row(row), row.segment)
        self.damaged += row.damage is not None
        if self._table:
            self._table.add(row)

    def add_line(self, line: str, segment: str | None) -> None:
        """Add a line that is made already. None as its segment: the caller knows how many lines that has."""
        second = line[: line.index(" ", line.index(" ") + 1)]
        if second != self._second:
            self._release()
            self._second = second
        self._alike.append(line)
        self.captures += 1
        if segment is not None:
            self._segments[segment] += 1

    def stored(
        self, store: ObjectStore, facts: Mapping[str, MonthSegment], same: Mapping[str, MonthSegment] | None = None
    ) -> tuple[Month, str]:
        """Put the files into the store, the manifest last; return it with its key. Repeating it is harmless.

        `facts` are those of the segments whose lines were counted; `same` are the other segments.
        """
        self._release()
        self._block(1)
        if self._table:
            self._table.close()
        segments_ = {name: facts[name]._replace(captures=count) for name, count in self._segments.items()}
        month = Month(
            self.name,
            self.captures,
            self.damaged,
            _put(store, self._key("cdx-{}.gz"), self._file),
            _put(store, self._key("cluster-{}.idx"), BytesIO(b"".join(self._blocks))),
            _put(store, self._key("captures-{}.parquet"), self._table_file) if self._table_file else None,
            {**(same or {}), **segments_},
            self.replaces,
        )
        data = month.octets()
        key = self._key("month-{}.json").format(sha256(data))
        store.put(key, BytesIO(data), sha256(data))
        return month, key

    def close(self) -> None:
        self._file.close()
        if self._table:
            self._table.close()
        if self._table_file:
            self._table_file.close()

    def _key(self, form: str) -> str:
        return f"{MONTHS}{self.name}/{form}"

    def _release(self) -> None:
        """Sort the lines of one second by their bytes, and write full blocks."""
        self._lines += sorted(self._alike)
        self._alike.clear()
        self._block(BLOCK)

    def _block(self, least: int) -> None:
        while len(self._lines) >= least:
            some, self._lines = self._lines[:BLOCK], self._lines[BLOCK:]
            octets = _packed("".join(f"{line}\n" for line in some).encode("ascii"))
            key = " ".join(some[0].split(" ", 2)[:2])
            self._blocks.append(
                f"{key}\t{self.name}\t{self._offset}\t{len(octets)}\t{len(self._blocks) + 1}\n".encode("ascii")
            )
            self._offset += self._file.write(octets)


def write_months(
    database: Database,
    store: ObjectStore,
    names: Collection[str],
    directory: Path,
    *,
    open_table: OpenTable | None,
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[tuple[Month, str]]:
    """Write months into the store in one pass over the rows; yield each with the key of its manifest.

    Files of this work are in `directory`, which is empty. `progress` gets the number of captures that were read.
    Raises StoreError, DatabaseUnusable, OSError.
    """
    with ExitStack() as opened:
        writers = {name: MonthWriter(name, directory, open_table) for name in sorted(names)}
        for writer in writers.values():
            opened.callback(writer.close)
        read = 0
        for rows in _pages(database):
            for row in rows:
                if (writer_ := writers.get(month_of(row.at))) is not None:
                    writer_.add(row)
            read += len(rows)
            progress(read)
        facts = _facts(database)
        for writer in writers.values():
            if writer.captures:
                yield writer.stored(store, facts)


def months_in_rows(database: Database) -> dict[str, int]:
    """Return how many captures of segments in the store each month has in rows."""
    number = day_number(captures.c.at).label("day")
    query = select(number, func.count()).join(segments, captures.c.segment_id == segments.c.id)
    found = Counter[str]()
    with database.reading() as connection:
        for each, count in connection.execute(query.where(*STORED).group_by(number)):
            found[f"{day(each):%Y-%m}"] += int(count)
    return dict(sorted(found.items()))


def _pages(database: Database) -> Iterator[list[Row]]:
    order = [captures.c.urlkey, captures.c.at, captures.c.id]
    query: Select[Any] = select_captures().where(*STORED).order_by(*order).limit(_PAGE)
    here, page = tuple_(*order), query
    while True:
        with database.reading() as connection:
            rows = connection.execute(page).all()
        yield [Row._make(driven(row)) for row in rows]
        if len(rows) < _PAGE:
            return
        page = query.where(here > (rows[-1].urlkey, rows[-1].at, rows[-1].id))


def _facts(database: Database) -> dict[str, MonthSegment]:
    """Return the segments with the captures that they have, or had, in rows now: after these were read, some may have
    been added. A segment with more captures than are in months is not covered by them.
    """
    columns = (segments.c.name, segments.c.collection, segments.c.object_key, segments.c.manifest_key)
    query = select(*columns, func.count(captures.c.id).label("total")).outerjoin(captures)
    with database.reading() as connection:
        rows = connection.execute(query.where(*STORED).group_by(segments.c.id, *columns)).all()
        had = had_captures(connection)
    return {
        row.name: MonthSegment(
            row.collection, row.object_key, row.manifest_key, 0, max(int(row.total), had.get(row.name, 0))
        )
        for row in rows
    }


def _put(store: ObjectStore, form: str, file: BinaryIO) -> MonthObject:
    file.seek(0)
    whole, size = hashlib.sha256(), 0
    while piece := file.read(_PIECE):
        whole.update(piece)
        size += len(piece)
    digest = Sha256(whole.hexdigest())
    file.seek(0)
    key = form.format(digest)
    store.put(key, file, digest)
    return MonthObject(key, digest, size)


def _packed(data: bytes) -> bytes:
    """Return the data as one gzip member. The same data give the same bytes."""
    gzip = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return gzip.compress(data) + gzip.flush()
