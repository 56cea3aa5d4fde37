"""The parts of the ledger in a store: listed, read, and deleted when others replaced them."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import cast

from archive.store import ObjectStore
from archive.store.object_reader import copied, opened
from archive.values.digest import sha256_file
from archive.values.errors import IntegrityError, StoreError
from archive.warc.keys import LEDGER, ledger_prefix
from archive.warc.ledger import Head, Part, current, part_of

log = logging.getLogger(__name__)

IN_MEMORY = 8 << 20
"""The bytes of a part that stay in memory; larger ones are in a temporary file."""
_ROWS = "CREATE TABLE rows (kind TEXT, key TEXT, at TEXT, line BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID"
_PUT = """INSERT INTO rows VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at, line = excluded.line
    WHERE excluded.at >= at"""


def parts_of(store: ObjectStore, prefix: str = LEDGER) -> list[Part]:
    """Return the parts in the store, also those that others replace. Raises StoreError."""
    return [part for key in store.keys(prefix) if (part := part_of(key))]


def last_numbers(parts: Iterable[Part]) -> dict[str, int]:
    """Return the number of the last part of each worker."""
    last = dict[str, int]()
    for part in parts:
        last[part.worker] = max(part.last, last.get(part.worker, 0))
    return last


def delete_replaced(copy: ObjectStore, store: ObjectStore) -> int:
    """Delete parts in a copy of a store that others in the copy replace, and that the store no longer has.

    Returns how many. A copy that refuses keeps them, and nobody reads them. Raises StoreError.
    """
    there = parts_of(copy)
    kept = {*current(there), *parts_of(store)} if there else set()
    return sum(delete(copy, part) for part in there if part not in kept)


def delete(store: ObjectStore, part: Part) -> bool:
    try:
        store.delete(part.key)
    except StoreError as error:
        log.info("a replaced part of the ledger stays", extra={"object": part.key, "reason": str(error)})
        return False
    return True


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


def take(store: ObjectStore, part: Part, rows: sqlite3.Connection) -> Head:
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

    with copied(opened(store, part.key)) as copy:
        found = sha256_file(copy)
        if found != part.sha256:
            raise IntegrityError(f"the SHA-256 of {part.key} is {found}")
        copy.seek(0)
        try:
            with ZstdDecompressor().stream_reader(copy) as unpacked:
                yield from io.BufferedReader(cast("io.RawIOBase", unpacked))
        except ZstdError as error:
            raise IntegrityError(f"{part.key} is damaged: {error}") from error


@contextmanager
def temporary_rows() -> Iterator[sqlite3.Connection]:
    """Open a table of records in a temporary file, which can hold more than the memory."""
    with closing(sqlite3.connect("", isolation_level=None)) as rows:
        rows.execute(_ROWS)
        rows.execute("BEGIN")
        yield rows
