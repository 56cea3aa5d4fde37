"""The marks of records, segments and objects that were purged: none of them may come back."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import ColumnElement, Connection, delete, func, select

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.database.schema import marks
from archive.database.statements import batches, begins_with, insert_missing
from archive.index.objects import purged_keys

RECORD, SEGMENT, LEFT, BEGUN, BY, LEAVING, LIST, HOLDING = (
    f"purged/{what}/" for what in ("record", "segment", "left", "begun", "by", "leaving", "list", "holding")
)
"""The beginnings of the names of marks: of records and segments that were purged, of what is still to be deleted in a
place, of rewritten objects that have no manifest yet, of who purged for a take-down and when, of records that are
about to be purged, of lists of video and audio that name purged files, and of months that hold up a deletion, with why.
`archive.index.objects.PURGED` is that of objects.
"""
_BATCH = 500


def purged_among(database: Database, record_ids: Iterable[str]) -> dict[str, str]:
    """Return which of these records were purged, and by which take-down."""
    return _marked(database, RECORD, record_ids)


def purged_in(connection: Connection, record_ids: Collection[str]) -> set[str]:
    """Return which of these records were purged, as an open transaction sees it."""
    found = set[str]()
    for batch in batches(record_ids, _BATCH):
        query = select(marks.c.name).where(marks.c.name.in_([RECORD + record for record in batch]))
        found |= {name.removeprefix(RECORD) for name in connection.execute(query).scalars()}
    return found


@contextmanager
def leaving(database: Database, record_ids: Collection[str]) -> Iterator[None]:
    """Mark records that are about to be purged: recorders store their payloads again, instead of referring to them.

    What an interrupted purge left marked is marked no more: the caller has ended it. One that lost its lock leaves the
    marks of the next purge. While a rewritten segment may come, or is in the store and not in the index, the marks
    stay: `forget_leaving` removes them.
    """
    whose = secrets.token_hex(8)
    _unmark(database)
    for batch in batches(record_ids, _BATCH):
        with database.writing() as connection:
            rows = [{"name": LEAVING + record, "value": whose} for record in batch]
            connection.execute(insert_missing(connection, marks, "name"), rows)
    try:
        yield
    finally:
        if not has_begun(database):
            _unmark(database, marks.c.value == whose)


def forget_leaving(database: Database) -> None:
    """Remove all marks of records that are about to be purged, if no purge is interrupted. The caller has its lock."""
    if not has_begun(database):
        _unmark(database)


def has_begun(database: Database) -> bool:
    """Return whether a purge has begun to put a rewritten segment that the index does not have yet."""
    with database.reading() as connection:
        query = select(marks.c.name).where(begins_with(marks.c.name, BEGUN)).limit(1)
        return connection.execute(query).first() is not None


def _unmark(database: Database, *which: ColumnElement[bool]) -> None:
    with database.writing() as connection:
        connection.execute(delete(marks).where(begins_with(marks.c.name, LEAVING), *which))


def purged_records(database: Database) -> frozenset[str]:
    """Return the ids of all purged records."""
    query = select(marks.c.name).where(begins_with(marks.c.name, RECORD))
    with database.reading() as connection:
        return frozenset(name.removeprefix(RECORD) for name in connection.execute(query).scalars())


def purged_counts(database: Database) -> dict[str, int]:
    """Return how many records each take-down has purged, by its id."""
    query = select(marks.c.value, func.count()).where(begins_with(marks.c.name, RECORD))
    with database.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query.group_by(marks.c.value))}


def purged_by(database: Database) -> dict[str, str]:
    """Return by whom and when each take-down has purged, by its id."""
    query = select(marks).where(begins_with(marks.c.name, BY))
    with database.reading() as connection:
        return {row.name.removeprefix(BY): row.value for row in connection.execute(query)}


def note_holding(database: Database, months: Mapping[str, str]) -> None:
    """Note which months hold up the deletion of what was purged, and why: exactly these."""
    noted = Marks(database, HOLDING)
    for name in noted.all().keys() - months.keys():
        noted.delete(name)
    if months:
        noted.set_all(months)


def is_purged(database: Database, segment: str) -> bool:
    """Return whether a purge has rewritten a segment: its former file may not be shipped again."""
    return bool(_marked(database, SEGMENT, [segment]))


def unpurged(database: Database, keys: Sequence[str]) -> list[str]:
    """Return those of some keys of objects that no purge has replaced, in their order."""
    gone = set[str]()
    for batch in batches(keys, _BATCH):
        with database.reading() as connection:
            gone |= purged_keys(connection, batch)
    return [key for key in keys if key not in gone]


def _marked(database: Database, kind: str, names: Iterable[str]) -> dict[str, str]:
    found = dict[str, str]()
    for batch in batches(names, _BATCH):
        with database.reading() as connection:
            query = select(marks).where(marks.c.name.in_([kind + name for name in batch]))
            found |= {row.name.removeprefix(kind): row.value for row in connection.execute(query)}
    return found
