"""The rows of the audit trail: each has the SHA-256 of the one before, so that a change of any of them shows.

Rows are only added. Those that are too old are deleted from the beginning, and a row tells which.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from archive.database.columns import microseconds
from archive.database.engine import Database
from archive.database.schema import audit_trail
from archive.database.writers import retried

FIRST = "0" * 64
"""What the first row of all has in the place of a digest before it."""
PRUNED = "trail pruned"
"""The action of the row that tells which rows were deleted: `target` is the last id, `after` its digest in JSON."""
_BATCH = 1000
_LOCK = "trail"
"""Of who adds or deletes rows: each row has the digest of the one before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a caller or a user of the machine did."""

    at: datetime
    who: str
    origin: str
    """The address of the caller, or ``command line``."""
    action: str
    """The method and the route, or the command."""
    target: str
    outcome: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class TrailRow:
    id: int
    entry: Entry
    previous: str
    digest: str

    def has_its_digest(self) -> bool:
        return digest_of(self.id, self.entry, self.previous) == self.digest


@dataclass(frozen=True, slots=True)
class Verified:
    """The result of checking the chain."""

    rows: int
    head: str
    """The digest of the newest row. Who notes it elsewhere can tell later whether the end was cut off."""
    problem: str | None
    """What is wrong, as a sentence; None if nothing is."""


class TrailRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    @retried
    def add(self, entry: Entry) -> TrailRow:
        with self._database.beside(_LOCK) as connection:
            return _add(connection, [entry])[0]

    @retried
    def add_each(self, entries: Sequence[Entry]) -> list[TrailRow]:
        """Add rows in one transaction, and return them."""
        with self._database.beside(_LOCK) as connection:
            return _add(connection, entries)

    def newest(self, *, since: datetime | None = None, before: int | None = None, limit: int) -> list[TrailRow]:
        """Return rows, newest first: not older than `since`, with ids smaller than `before`."""
        query = select(audit_trail).order_by(audit_trail.c.id.desc()).limit(limit)
        if since is not None:
            query = query.where(audit_trail.c.at >= since)
        if before is not None:
            query = query.where(audit_trail.c.id < before)
        with self._database.reading() as connection:
            return [_row(row) for row in connection.execute(query)]

    @retried
    def prune(self, before: datetime, now: datetime) -> int:
        """Delete the rows older than `before`, from the beginning, and note that in a new row. Return their number."""
        with self._database.beside(_LOCK) as connection:
            young = select(audit_trail.c.id).where(audit_trail.c.at >= before).order_by(audit_trail.c.id).limit(1)
            first = connection.execute(young).scalar()
            old = audit_trail.c.id < first if first is not None else audit_trail.c.at < before
            query = select(audit_trail).where(old).order_by(audit_trail.c.id.desc()).limit(1)
            last = connection.execute(query).one_or_none()
            if last is None:
                return 0
            note = Entry(now, "pressmark", "service", PRUNED, str(last.id), "done", None, json.dumps(last.digest))
            _add(connection, [note])
            return connection.execute(delete(audit_trail).where(audit_trail.c.id <= last.id)).rowcount

    def verify(self) -> Verified:
        """Check every row and every link of the chain."""
        rows, head, last = 0, FIRST, 0
        cut: tuple[int, str] | None = None
        pruned: set[tuple[int, str]] = set()
        for row in self._oldest_first():
            if rows == 0 and row.previous != FIRST:
                cut = (row.id - 1, row.previous)
            elif row.previous != head or row.id != last + 1:
                return Verified(
                    rows,
                    head,
                    f"between entry {last} and entry {row.id} of the audit trail, an entry was changed or removed",
                )
            if not row.has_its_digest():
                return Verified(rows, head, f"entry {row.id} of the audit trail was changed after it was written")
            if row.entry.action == PRUNED and row.entry.after:
                pruned.add((int(row.entry.target), json.loads(row.entry.after)))
            rows, head, last = rows + 1, row.digest, row.id
        if cut and cut not in pruned:
            return Verified(
                rows,
                head,
                f"the entries of the audit trail before entry {cut[0] + 1} are missing, although no "
                "entry says that they were deleted",
            )
        return Verified(rows, head, None)

    def _oldest_first(self) -> Iterator[TrailRow]:
        last = 0
        while True:
            query = select(audit_trail).where(audit_trail.c.id > last).order_by(audit_trail.c.id).limit(_BATCH)
            with self._database.reading() as connection:
                found = [_row(row) for row in connection.execute(query)]
            if not found:
                return
            yield from found
            last = found[-1].id


def digest_of(id: int, entry: Entry, previous: str) -> str:
    """Return the digest of a row: SHA-256 over a list in JSON, in ASCII and without spaces."""
    facts = [
        previous,
        id,
        microseconds(entry.at),
        entry.who,
        entry.origin,
        entry.action,
        entry.target,
        entry.outcome,
        entry.before,
        entry.after,
    ]
    return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).hexdigest()


def _add(connection: Connection, entries: Sequence[Entry]) -> list[TrailRow]:
    query = select(audit_trail.c.id, audit_trail.c.digest).order_by(audit_trail.c.id.desc()).limit(1)
    last = connection.execute(query).one_or_none()
    id, previous = (1, FIRST) if last is None else (last.id + 1, last.digest)
    added, rows = list[TrailRow](), list[dict[str, Any]]()
    for entry in entries:
        row = TrailRow(id, entry, previous, digest_of(id, entry, previous))
        facts = {name: getattr(entry, name) for name in Entry.__slots__}
        rows.append({"id": id, "previous": previous, "digest": row.digest, **facts})
        added.append(row)
        id, previous = id + 1, row.digest
    if rows:
        connection.execute(insert(audit_trail), rows)
    return added


def _row(row: Any) -> TrailRow:
    entry = Entry(**{name: getattr(row, name) for name in Entry.__slots__})
    return TrailRow(row.id, entry, row.previous, row.digest)
