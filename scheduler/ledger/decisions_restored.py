"""Restore what people decided and said from records of the store: take-downs, holds, reviews, notes on snapshots.

The latest counts.

A database that is an older copy has earlier decisions. Those that it noted and that the store lacks are the latest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, delete, select

from archive.database.engine import Database
from archive.database.schema import marks, snapshot_notes
from archive.database.statements import batches, insert_or_replace
from archive.index.purges.purged_marks import purged_in
from archive.texts.snapshot_notes import note_of_row, write_notes
from archive.warc.ledger import Kind, Record
from scheduler import unsaved
from scheduler.ledger.holds import HOLDS
from scheduler.ledger.ledger_rows import row_of
from scheduler.ledger.review_marks import name_of
from scheduler.ledger.take_downs import TAKE_DOWNS

_AT_ONCE = 500


class Records(Protocol):
    def records(self, kind: Kind) -> Iterator[Record]: ...


@dataclass(frozen=True, slots=True)
class Decisions:
    """How many decisions were restored."""

    take_downs: int = 0
    reviews: int = 0
    """What people said of pages in the review of a run."""
    notes: int = 0
    """The tags and notes of snapshots."""
    holds: int = 0
    """What nobody may delete."""


def restore_decisions(database: Database, ledger: Records) -> Decisions:
    """Restore the decisions of a ledger, and nothing else. Raises DatabaseUnusable."""
    with database.writing() as connection:
        return decisions_in(connection, ledger)


def decisions_in(connection: Connection, ledger: Records) -> Decisions:
    """Restore the decisions of a ledger in an open transaction."""
    return Decisions(
        _restore_lifted(connection, ledger, "takedown", TAKE_DOWNS),
        _restore_reviews(connection, ledger),
        _restore_notes(connection, ledger),
        _restore_lifted(connection, ledger, "hold", HOLDS),
    )


def _restore_lifted(connection: Connection, ledger: Records, kind: Kind, prefix: str) -> int:
    """A take-down or a hold changes once at most: when it is lifted."""
    restored = 0
    for batch in batches(ledger.records(kind), _AT_ONCE):
        values = {prefix + record.key[0]: record.value for record in batch if record.value is not None}
        known = _known(connection, values)
        later = {name: value for name, value in values.items() if name not in known or _is_lifted(value, known[name])}
        restored += _write(connection, later)
    return restored


def _is_lifted(value: Any, known: Any) -> bool:
    """Return whether the ledger says of one that it was lifted, and the database does not know it."""
    return bool(value["lifted_at"]) and not known["lifted_at"]


def _restore_reviews(connection: Connection, ledger: Records) -> int:
    restored = 0
    ours = {name_of(*key) for key in unsaved.keys_of(connection, "review")}
    for batch in batches(ledger.records("review"), _AT_ONCE):
        records = {name: record for record in batch if (name := name_of(*record.key)) not in ours}
        known = _known(connection, records)
        later = {name: record for name, record in records.items() if _is_later(record, known.get(name))}
        restored += _write(connection, {name: each.value for name, each in later.items() if each.value is not None})
        gone = [name for name, record in later.items() if record.value is None]
        connection.execute(delete(marks).where(marks.c.name.in_(gone)))
        restored += len(gone)
    return restored


def _restore_notes(connection: Connection, ledger: Records) -> int:
    restored = 0
    ours = {record for (record,) in unsaved.keys_of(connection, "note")}
    for batch in batches(ledger.records("note"), _AT_ONCE):
        rows = [row_of(snapshot_notes, each.value) for each in batch if each.value and each.key[0] not in ours]
        found = {row["record_id"]: note_of_row(row) for row in rows}
        query = select(snapshot_notes.c.record_id, snapshot_notes.c.noted_at)
        rows_known = connection.execute(query.where(snapshot_notes.c.record_id.in_(list(found))))
        known = {row.record_id: row.noted_at for row in rows_known}
        gone = purged_in(connection, list(found))
        fresh = ((name, one) for name, one in found.items() if name not in gone)
        later = [one for name, one in fresh if name not in known or one.noted_at > known[name]]
        write_notes(connection, later)
        restored += len(later)
    return restored


def _is_later(record: Record, known: Any) -> bool:
    """Return whether a record of the ledger is later than what the database has, if anything."""
    if known is None:
        return record.value is not None
    at = datetime.fromisoformat(known["at"])
    if record.value is None:
        return record.at is not None and record.at > at
    return datetime.fromisoformat(record.value["at"]) > at


def _known(connection: Connection, names: dict[str, Any]) -> dict[str, Any]:
    rows = connection.execute(select(marks).where(marks.c.name.in_(list(names))))
    return {row.name: json.loads(row.value) for row in rows}


def _write(connection: Connection, values: dict[str, Any]) -> int:
    rows = [{"name": name, "value": json.dumps(value, ensure_ascii=False)} for name, value in values.items()]
    if rows:
        connection.execute(insert_or_replace(connection, marks, "name"), rows)
    return len(rows)
