"""The ledger in the store, written and read: see `archive.warc.ledger`."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import BinaryIO, cast

from archive.store import ObjectStore
from archive.store.confirm import confirm
from archive.store.object_reader import opened
from archive.values.digest import Sha256, sha256_file
from archive.values.errors import Finding, IntegrityError, ObjectNotFound, StoreError
from archive.warc.exchange_records import software
from archive.warc.keys import LEDGER, ledger_prefix
from archive.warc.ledger import Head, Kind, Part, Record, current, part_of, within

log = logging.getLogger(__name__)

ROLLED_UP = 16
"""Parts of a level that become one part of the next."""
_LEVEL = 10
_IN_MEMORY = 8 << 20
_MICROSECOND = timedelta(microseconds=1)
_ROWS = "CREATE TABLE rows (kind TEXT, key TEXT, at TEXT, line BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID"
_PUT = """INSERT INTO rows VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at, line = excluded.line
    WHERE excluded.at >= at"""


@dataclass(frozen=True, slots=True)
class _End:
    """The end of a chain."""

    number: int
    sha256: Sha256 | None
    at: datetime | None


class Ledger:
    """The parts that one worker writes. The caller holds its spool, so that nobody else writes them."""

    def __init__(
        self,
        store: ObjectStore,
        worker: str,
        *,
        now: Callable[[], datetime],
        deleted: Callable[[Sequence[str]], None] = lambda keys: None,
    ) -> None:
        """`deleted` gets the keys of parts that were deleted because a part of a higher level replaced them."""
        self._store, self._worker, self._now, self._deleted = store, worker, now, deleted
        self._known: _End | None = None

    def append(self, records: Iterable[Record]) -> Part:
        """Put records as the next part. Raises StoreError; then the store may have it or not."""
        end = self._known or self._found()
        self._known = None  # after an error, the store says whether it has the part
        at = self._now() if end.at is None else max(self._now(), end.at + _MICROSECOND)
        number = end.number + 1
        head = Head(self._worker, 0, number, number, at, end.sha256, None, software())
        part = self._put(head, (record.line(at) for record in records))
        self._known = _End(number, part.sha256, at)
        return part

    def roll_up(self) -> int:
        """Replace parts by fewer ones until no level has many; return how many were replaced. Raises StoreError.

        Replaced parts are deleted, unless the store refuses that: then they stay, and nobody reads them.
        """
        replaced = 0
        while some := self._many(parts_of(self._store, ledger_prefix(self._worker))):
            with _rows() as rows:
                heads = [_take(self._store, part, rows) for part in some]
                first, last = heads[0], heads[-1]
                head = Head(
                    self._worker,
                    first.level + 1,
                    first.first,
                    last.last,
                    last.at,
                    first.previous,
                    last.end or some[-1].sha256,
                    software(),
                )
                self._put(head, (line for (line,) in rows.execute("SELECT line FROM rows ORDER BY kind, key")))
            self._deleted([part.key for part in some if self._delete(part)])
            replaced += len(some)
        return replaced

    def _many(self, parts: list[Part]) -> list[Part]:
        """Return the oldest parts of a level that has many, in order."""
        live = current(parts)
        for level in sorted({part.level for part in live}):
            same = [part for part in live if part.level == level][:ROLLED_UP]
            whole = all(one.last + 1 == two.first for one, two in pairwise(same))
            if len(same) == ROLLED_UP and whole:
                return same
        return []

    def _delete(self, part: Part) -> bool:
        try:
            self._store.delete(part.key)
        except StoreError as error:
            log.info("a replaced part of the ledger stays", extra={"object": part.key, "reason": str(error)})
            return False
        return True

    def _found(self) -> _End:
        """Return the end of the chain in the store."""
        live = current(parts_of(self._store, ledger_prefix(self._worker)))
        if not live:
            return _End(0, None, None)
        part = max(live, key=lambda one: one.last)
        head = head_of(self._store, part)
        return _End(part.last, head.end or part.sha256, head.at)

    def _put(self, head: Head, lines: Iterable[bytes]) -> Part:
        from zstandard import ZstdCompressor

        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
            with ZstdCompressor(level=_LEVEL).stream_writer(cast("BinaryIO", file), closefd=False) as packed:
                packed.write(head.line())
                for line in lines:
                    packed.write(line)
            file.seek(0)
            digest = sha256_file(cast("BinaryIO", file))
            file.seek(0)
            part = Part(head.worker, head.first, head.last, head.level, digest)
            stored = self._store.put(part.key, cast("BinaryIO", file), digest, replace=True)
        confirm(self._store, part.key, stored, "get")
        return part


def parts_of(store: ObjectStore, prefix: str = LEDGER) -> list[Part]:
    """Return the parts in the store, also those that others replace. Raises StoreError."""
    return [part for key in store.keys(prefix) if (part := part_of(key))]


def is_replaced(store: ObjectStore, key: str) -> bool:
    """Return whether a key is that of a part which the store lacks because a part of a higher level replaced it.

    Raises StoreError.
    """
    part = part_of(key)
    if part is None:
        return False
    there = parts_of(store, ledger_prefix(part.worker))
    return part not in current([*there, part])


def head_of(store: ObjectStore, part: Part) -> Head:
    """Return the head of a part. Raises IntegrityError, ObjectNotFound, StoreError."""
    with closing(_lines(store, part)) as lines:
        return Head.parse(next(lines, b""), part.key)


class LedgerRead:
    """The latest records of all parts. `findings` says which parts are damaged or missing."""

    def __init__(self, rows: sqlite3.Connection, findings: tuple[Finding, ...], parts: int) -> None:
        self._rows = rows
        self.findings = findings
        self.parts = parts

    def records(self, kind: Kind) -> Iterator[Record]:
        """Yield the records of a kind, in the order of their keys. Those of deleted rows have the value None."""
        for (line,) in self._rows.execute("SELECT line FROM rows WHERE kind = ? ORDER BY key", (kind,)):
            fields = json.loads(line)
            yield Record(kind, tuple(fields["key"]), fields["value"])


@contextmanager
def read_ledger(store: ObjectStore) -> Iterator[LedgerRead]:
    """Read the ledgers of all workers. For a damaged part, those that it replaces are read, if the store has them.

    Raises StoreError.
    """
    parts = parts_of(store)
    with _rows() as rows:
        findings = [*broken_parts(store), *_take_all(store, parts, current(parts), rows)]
        yield LedgerRead(rows, tuple(dict.fromkeys(findings)), len(parts))


def _take_all(store: ObjectStore, parts: list[Part], some: list[Part], rows: sqlite3.Connection) -> Iterator[Finding]:
    for part in some:
        try:
            _take(store, part, rows)
        except (IntegrityError, ObjectNotFound) as error:
            yield _damaged(part, error)
            yield from _take_all(store, parts, current(within(parts, part)), rows)


def broken_parts(store: ObjectStore, ends: Iterable[tuple[str, int, str]] = ()) -> list[Finding]:
    """Check the digest of each part, and the chain of each worker.

    `ends` are workers with the number and the SHA-256 of the last part that the store must have. Raises StoreError.
    """
    parts = parts_of(store)
    found = list[Finding]()
    heads = dict[Part, Head]()
    for part in parts:
        try:
            heads[part] = head_of(store, part)
        except (IntegrityError, ObjectNotFound) as error:
            found.append(_damaged(part, error))
    live = current(parts)
    for worker in sorted({part.worker for part in live} | {worker for worker, _, _ in ends}):
        chain = [part for part in live if part.worker == worker]
        last = max(((number, sha) for name, number, sha in ends if name == worker), default=None)
        found += _broken_links(worker, chain, heads, last)
    return found


def _broken_links(
    worker: str, chain: list[Part], heads: dict[Part, Head], known: tuple[int, str] | None
) -> Iterator[Finding]:
    number, digest = 0, None
    for part in chain:
        if part.first > number + 1:
            yield _missing(worker, number + 1, part.first - 1)
            digest = None
        elif part.first <= number:
            yield Finding(
                part.key, None, "chain", f"the ledger of {worker} has another part {part.first}: it was copied"
            )
        elif (head := heads.get(part)) and number and digest and head.previous != digest:
            sentence = f"the part before it has the SHA-256 {digest}, not {head.previous}"
            yield Finding(part.key, None, "chain", sentence)
        number = max(number, part.last)
        digest = (heads[part].end or part.sha256) if part in heads else None
    if known and known[0] > number:
        yield _missing(worker, number + 1, known[0])


def _missing(worker: str, first: int, last: int) -> Finding:
    which = f"part {first} is" if first == last else f"parts {first} to {last} are"
    return Finding(ledger_prefix(worker), None, "missing", f"{which} missing in the ledger of the worker {worker}")


def _damaged(part: Part, error: Exception) -> Finding:
    return Finding(part.key, None, "missing" if isinstance(error, ObjectNotFound) else "ledger", str(error))


def _take(store: ObjectStore, part: Part, rows: sqlite3.Connection) -> Head:
    """Add the records of a part whose digest is right. Raises IntegrityError, ObjectNotFound, StoreError."""
    with closing(_lines(store, part)) as lines:
        head = Head.parse(next(lines, b""), part.key)
        rows.executemany(_PUT, (_row(line, part) for line in lines))
    return head


def _row(line: bytes, part: Part) -> tuple[str, str, str, bytes]:
    try:
        fields = json.loads(line)
        return fields["kind"], json.dumps(fields["key"]), fields["at"], line
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(f"{part.key} has a line that is not a record: {error}") from error


def _lines(store: ObjectStore, part: Part) -> Generator[bytes, None, None]:
    """Yield the lines of a part whose digest is right."""
    from zstandard import ZstdDecompressor, ZstdError

    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        with closing(opened(store, part.key)) as file:
            while block := file.read(1 << 20):
                copy.write(block)
        copy.seek(0)
        found = sha256_file(cast("BinaryIO", copy))
        if found != part.sha256:
            raise IntegrityError(f"the SHA-256 of {part.key} is {found}")
        copy.seek(0)
        try:
            with ZstdDecompressor().stream_reader(cast("BinaryIO", copy)) as unpacked:
                yield from io.BufferedReader(cast("io.RawIOBase", unpacked))
        except ZstdError as error:
            raise IntegrityError(f"{part.key} is damaged: {error}") from error


@contextmanager
def _rows() -> Iterator[sqlite3.Connection]:
    """Open a table of records in a temporary file, which can hold more than the memory."""
    with closing(sqlite3.connect("", isolation_level=None)) as rows:
        rows.execute(_ROWS)
        rows.execute("BEGIN")
        yield rows
