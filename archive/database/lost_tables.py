"""Create dropped tables again, and clear tables that lost rows: the store fills them again."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from sqlalchemy import Connection, Table, delete, exists, inspect, select

from archive.database.schema import (
    bands,
    captures,
    damaged,
    items,
    marks,
    metadata,
    segments,
    sketches,
    texts,
    worded,
    wordings,
)
from archive.database.statements import begins_with, insert_or_replace

log = logging.getLogger(__name__)

_REBUILT: tuple[Table, ...] = (segments, captures, damaged, texts, wordings, worded, sketches, bands, items)
"""The tables that the store can fill, each before those that refer to it. They are only useful together."""
_WORDS = "words"
"""The index of words is not part of the metadata, but is created with it."""
_CLEAR_WORDS = {"sqlite": "INSERT INTO words (words) VALUES ('delete-all')", "postgresql": "TRUNCATE words"}
TABLES = frozenset(metadata.tables) | {_WORDS}
ID = "database:id"
"""The mark with the id of a database; a process that misses it reopens the database."""
_LOST = "database:lost"
GIVEN_UP = "given-up:"
"""How the names of marks begin that say up to which row of `segments` a store has been given up."""


def tables_in(connection: Connection) -> set[str]:
    """Return the names of the tables in a database."""
    return set(inspect(connection).get_table_names())


def has_newest_columns(connection: Connection) -> bool:
    """Return whether the existing tables have the columns of the newest revision."""
    seen, there = inspect(connection), tables_in(connection)
    return all(
        {column.name for column in table.c} == {column["name"] for column in seen.get_columns(table.name)}
        for table in metadata.sorted_tables
        if table.name in there
    )


def restore_tables(connection: Connection) -> None:
    """Create the missing tables. If the store can fill one of them, empty all tables that it can fill."""
    missing = TABLES - tables_in(connection)
    log.error("tables of the database were missing; they are created again", extra={"tables": sorted(missing)})
    rebuilt = {table.name for table in _REBUILT} | {_WORDS}
    for table in metadata.sorted_tables:
        if table.name in missing - rebuilt:
            table.create(connection)
    if missing & rebuilt:
        metadata.drop_all(connection, tables=_REBUILT)
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_WORDS}")
        metadata.create_all(connection, tables=_REBUILT)
        _forget_given_up(connection)
        _have_others_reopen(connection)


def note_lost_rows(connection: Connection, tables: Iterable[str]) -> None:
    """Note that all rows of these tables were deleted: the next worker clears all tables that the store can fill."""
    connection.execute(insert_or_replace(connection, marks, "name").values(name=_LOST, value=", ".join(tables)))


def lost_rows(connection: Connection) -> str | None:
    """Return the names of the tables that lost their rows; None if none is known."""
    noted: str | None = connection.execute(select(marks.c.value).where(marks.c.name == _LOST)).scalar()
    if noted:
        return noted
    filled = {table.name for table in (segments, captures, texts) if _has_rows(connection, table)}
    if captures.name in filled:
        return None if segments.name in filled else segments.name
    return captures.name if texts.name in filled else None


def _has_rows(connection: Connection, table: Table) -> bool:
    return bool(connection.execute(select(exists(select(1).select_from(table)))).scalar())


def clear_rebuilt(connection: Connection) -> None:
    """Delete all rows that the store can restore, the note about lost rows, and marks with numbers of these rows."""
    for table in reversed(_REBUILT):
        connection.execute(delete(table))
    connection.exec_driver_sql(_CLEAR_WORDS[connection.dialect.name])
    connection.execute(delete(marks).where(marks.c.name == _LOST))
    _forget_given_up(connection)
    _have_others_reopen(connection)


def _forget_given_up(connection: Connection) -> None:
    """The rows that are restored have other numbers."""
    connection.execute(delete(marks).where(begins_with(marks.c.name, GIVEN_UP)))


def _have_others_reopen(connection: Connection) -> None:
    """Make processes on other machines reopen the database: they may remember ids of deleted rows."""
    if connection.dialect.name == "postgresql":
        connection.execute(delete(marks).where(marks.c.name == ID))
