"""Write a month again after purges: without what they deleted, and with the new places of what stayed beside it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archive.index.cdx.row import Row
from archive.index.months.lines import fields_of, row_of_line
from archive.index.months.month import Month, MonthObject, MonthSegment
from archive.index.months.writing import MonthWriter
from archive.store import ObjectStore
from archive.store.object_reader import copied, octets_of, opened
from archive.values.digest import sha256, sha256_file
from archive.values.errors import DamagedRecord, IntegrityError, ObjectNotFound
from archive.warc.cdxj import SUFFIX

_GZIP = 31
_FILE, _END = b'"filename":"', f'{SUFFIX}"'.encode()


@dataclass(frozen=True, slots=True)
class Moved:
    """What purges made of a segment."""

    segment: str
    """The name that it has now."""
    facts: MonthSegment
    """What a month says of it. `captures` does not count; `total` is what is added to the former one: 0 or less."""
    size: int
    """Bytes of the rewritten WARC."""
    purged: Collection[str]
    """The ids of the records that it does not have any more."""
    by_record: Mapping[str, int]
    """The new offsets of the others, by the ids of their records."""
    offsets: Mapping[int, int]
    """The same by the former offsets, for ids that several records have."""

    def place(self, record_id: str, offset: int) -> tuple[str, int] | None:
        """Return the segment and the offset that a capture has now; None if it was purged.

        One that the former file did not have is behind the end of the new one, as its row in the database is.
        """
        if record_id in self.purged:
            return None
        if (there := self.by_record.get(record_id)) is None:
            there = self.offsets.get(offset, self.size + 1 + offset)
        return self.segment, there


RewriteTable = Callable[[BinaryIO, BinaryIO, Mapping[str, Moved]], None]
"""Writes the table of a month again, from one file into another. Raises IntegrityError if it can't be read."""


def rewrite(
    store: ObjectStore,
    month: Month,
    key: str,
    moved: Mapping[str, Moved],
    directory: Path,
    *,
    rewrite_table: RewriteTable | None,
) -> tuple[Month, str]:
    """Put a month into the store again, with what became of some segments; return it with the key of its manifest.

    `key` is that of the former manifest; the former files stay. Files of this work are in `directory`, which is empty.
    Without `rewrite_table`, the month has no table any more. Repeating it is harmless.
    Raises StoreError, OSError, and IntegrityError if a file of the month is not what its manifest says.
    """
    with closing(MonthWriter(month.name, directory, None)) as writer:
        try:
            gone = _write(store, month, moved, writer)
        except (ValueError, DamagedRecord, ObjectNotFound, zlib.error) as error:
            raise _unfit(month.lines, str(error)) from error
        if month.parquet and rewrite_table:
            with _checked(store, month.parquet) as former:
                rewrite_table(former, writer.table(), moved)
        here = {name: one for name, one in moved.items() if name in month.segments}
        same = {name: one for name, one in month.segments.items() if name not in here}
        facts = {one.segment: _facts(month.segments[name], one) for name, one in here.items()}
        writer.replaces, writer.damaged = (*month.replaces, key), month.damaged - gone
        return writer.stored(store, facts, same)


def _facts(former: MonthSegment, moved: Moved) -> MonthSegment:
    return moved.facts._replace(total=former.total + moved.facts.total)


def _write(store: ObjectStore, month: Month, moved: Mapping[str, Moved], writer: MonthWriter) -> int:
    """Write all lines that stay. Return how many that go were marked as unreadable."""
    names, gone = {json.dumps(name)[1:-1].encode(): one for name, one in moved.items()}, 0
    for line in _lines(store, month):
        start = line.index(_FILE, fields_of(line)) + len(_FILE)
        if (one := names.get(line[start : line.index(_END, start)])) is None:
            writer.add_line(line.decode("ascii"), None)
            continue
        row = row_of_line(line)
        if (place := one.place(row.record_id, row.offset)) is None:
            gone += row.damage is not None
        else:
            writer.add(_at(row, place))
    return gone


def _at(row: Row, place: tuple[str, int]) -> Row:
    segment, offset = place
    return row._replace(segment=segment, offset=offset)


def _lines(store: ObjectStore, month: Month) -> Iterator[bytes]:
    blocks = octets_of(store, month.blocks.key)
    if sha256(blocks) != month.blocks.sha256:
        raise _unfit(month.blocks, f"its SHA-256 is {sha256(blocks)}")
    with _checked(store, month.lines) as file:
        for entry in blocks.splitlines():
            yield from zlib.decompress(file.read(int(entry.split(b"\t")[3])), _GZIP).splitlines()


def _checked(store: ObjectStore, one: MonthObject) -> BinaryIO:
    """Return a copy of a file of a month, whose every byte is as it was written. Raises IntegrityError, StoreError."""
    try:
        copy = copied(opened(store, one.key))
    except ObjectNotFound as error:
        raise _unfit(one, "it is missing") from error
    if (found := sha256_file(copy)) != one.sha256:
        copy.close()
        raise _unfit(one, f"its SHA-256 is {found}")
    copy.seek(0)
    return copy


def _unfit(one: MonthObject, why: str) -> IntegrityError:
    return IntegrityError(
        f"{one.key} can't be written again without what was purged: {why}; restore it from a copy, or, where the "
        "database has rows of it, run pressmark months detach and pressmark months delete; then run pressmark purge"
    )
