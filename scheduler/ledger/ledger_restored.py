"""Restore the ledger from records of the store. Existing rows stay; what only the store has is added.

Decisions of people are the exception: the latest counts. What the database deleted and has not saved yet stays deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Table, exists, insert, literal, select, update

from archive.database.engine import Database
from archive.database.schema import alarms, marks, moment, owed, pages, pauses, preservation_events, runs, slots
from archive.database.statements import batches, insert_missing
from archive.warc.ledger import Record
from scheduler import unsaved
from scheduler.ledger import totals
from scheduler.ledger.decisions_restored import Records, decisions_in
from scheduler.ledger.history import get
from scheduler.ledger.ledger_rows import event_key, row_of, text_of
from scheduler.timetables.timetable_marks import PREFIX

_Deletable = Literal["slot", "pause", "alarm", "timetable"]
LOST = "the run was interrupted, as its machine no longer responds; the run starts again automatically"
"""The reason of a run that was active when its machine was lost."""


@dataclass(frozen=True, slots=True)
class RestoredRows:
    """How many rows were added."""

    runs: int = 0
    slots: int = 0
    pages: int = 0
    pauses: int = 0
    alarms: int = 0
    events: int = 0
    """Events of preservation."""
    reviews: int = 0
    take_downs: int = 0
    notes: int = 0
    """Tags and notes of snapshots."""


def restore_ledger(database: Database, ledger: Records) -> RestoredRows:
    """Add the rows that the ledger has and the database lacks.

    A run that was waiting or active becomes queued: its frontier was lost. Raises ValueError for an invalid record,
    DatabaseUnusable.
    """
    with database.writing() as connection:
        decisions = decisions_in(connection, ledger)
        added = RestoredRows(
            runs=sum(_restore_run(connection, row) for row in _rows(runs, ledger.records("run"))),
            slots=_add(connection, slots, _rows(slots, _still_wanted(connection, "slot", ledger))),
            pages=_add(connection, pages, _rows(pages, ledger.records("page"))),
            pauses=_add(connection, pauses, _rows(pauses, _still_wanted(connection, "pause", ledger))),
            alarms=_add(connection, alarms, _rows(alarms, _still_wanted(connection, "alarm", ledger))),
            events=_restore_events(connection, _rows(preservation_events, ledger.records("event"))),
            reviews=decisions.reviews,
            take_downs=decisions.take_downs,
            notes=decisions.notes,
        )
        for record in _still_wanted(connection, "timetable", ledger):
            if record.value is not None:
                _add(connection, marks, [{"name": PREFIX + record.key[0], "value": record.value}])
        for record in ledger.records("owed"):
            _restore_unfetched(connection, record)
        return added


def _is_there(record: Record) -> bool:
    return record.value is not None


def _still_wanted(connection: Connection, kind: _Deletable, ledger: Records) -> Iterator[Record]:
    """Yield the records of a kind, except those whose row the database changed since, as that row is newer.

    A worker notes a part of the ledger a moment after it has put it, and a person may have resumed a source by then.
    """
    ours = {_as_recorded(kind, key) for key in unsaved.keys_of(connection, kind)}
    return (record for record in ledger.records(kind) if record.key not in ours)


def _as_recorded(kind: _Deletable, key: tuple[str, ...]) -> tuple[str, ...]:
    """Return the key of the record of a change."""
    return (key[0], text_of(moment(int(key[1])))) if kind == "slot" else key


def _rows(table: Table, records: Iterable[Record]) -> Iterator[dict[str, Any]]:
    return (row_of(table, record.value) for record in records if _is_there(record))


def _add(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert the rows whose key is not there, and return their number."""
    key = [column.name for column in table.primary_key]
    return sum(
        connection.execute(insert_missing(connection, table, *key).values(batch)).rowcount
        for batch in batches(rows, _at_once(table))
    )


def _at_once(table: Table) -> int:
    """Return how many rows fit into one statement: databases limit its parameters."""
    return max(1, 10_000 // len(table.c))


def _restore_run(connection: Connection, row: dict[str, Any]) -> int:
    """Insert a run, or end one that the database does not know to be over. Return whether it was inserted."""
    if row["status"] != "over":
        started = row["status"] == "running"
        row |= {"status": "queued", "worker": None, "epoch": None, "seen_at": None}
        row |= {"attempt": row["attempt"] + 1, "reason": LOST} if started else {}
    known = connection.execute(select(runs.c.status).where(runs.c.id == row["id"])).scalar_one_or_none()
    if known is None and _is_taken(connection, row):
        return 0
    if known is None:
        connection.execute(insert(runs).values(row))
    elif known == "queued" and row["status"] == "over":
        connection.execute(update(runs).where(runs.c.id == row["id"]).values(row))
    else:
        return 0
    if row["status"] == "over":
        totals.add(connection, get(connection, row["id"]))
    return int(known is None)


def _is_taken(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Return whether the slot of a run has another run: a clock queued it before the ledger was restored."""
    if row["tick"] is None:
        return False
    same = (runs.c.source == row["source"], runs.c.tick == row["tick"])
    return bool(connection.execute(select(exists(select(literal(1)).where(*same)))).scalar())


def _restore_events(connection: Connection, rows: Iterable[dict[str, Any]]) -> int:
    """Insert the events that are missing, in the order of time; they get new numbers. Return how many."""
    known = {event_key(row._mapping) for row in connection.execute(select(preservation_events))}
    missing = [{name: value for name, value in row.items() if name != "id"} for row in rows]
    missing = sorted((row for row in missing if event_key(row) not in known), key=lambda row: row["at"])
    if missing:
        connection.execute(insert(preservation_events), missing)
    return len(missing)


def _restore_unfetched(connection: Connection, record: Record) -> None:
    there = select(exists(select(literal(1)).where(owed.c.source == record.key[0])))
    rows = [row_of(owed, value) for value in record.value or ()]
    if rows and not connection.execute(there).scalar():
        connection.execute(insert(owed), rows)
