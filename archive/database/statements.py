"""Statements with different syntax in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, case, func, or_, select
from sqlalchemy.dialects import sqlite

T = TypeVar("T")


def clock_of(connection: Connection, now: Callable[[], datetime]) -> datetime:
    """Return the time by the clock that all who use a database share: that of the server, or of this machine, `now`."""
    return shared_clock(connection) if connection.dialect.name == "postgresql" else now()


def shared_clock(connection: Connection) -> datetime:
    """Return the time by the clock of PostgreSQL."""
    at: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return at.astimezone(UTC)


def insert_missing(connection: Connection | Engine, table: Table, *key: str) -> Any:
    """Return an INSERT that skips rows whose `key` columns exist; its `rowcount` counts the new ones."""
    statement = _insert(connection, table).on_conflict_do_nothing(index_elements=[table.c[name] for name in key])
    return statement.execution_options(preserve_rowcount=True)  # otherwise it is -1 with PostgreSQL


def insert_or_replace(connection: Connection, table: Table, *key: str) -> Any:
    """Return an INSERT that replaces a row with the same `key` columns."""
    statement = _insert(connection, table)
    rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in key}
    return statement.on_conflict_do_update(index_elements=[table.c[name] for name in key], set_=rest)


def insert_or_add(connection: Connection, table: Table, *columns: str, latest: str | None = None) -> Any:
    """Return an INSERT that adds to `columns` of an existing row with the same primary key.

    The column `latest`, such as a time, gets the greater value.
    """
    statement = _insert(connection, table)
    changed: dict[str, Any] = {name: table.c[name] + statement.excluded[name] for name in columns}
    if latest is not None:
        new, old = statement.excluded[latest], table.c[latest]
        changed[latest] = case((new > old, new), else_=old)
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed)


def insert_or_fill(connection: Connection, table: Table, key: str, *columns: str) -> Any:
    """Return an INSERT that, of an existing row with the same `key`, sets those of `columns` that are NULL."""
    statement = _insert(connection, table)
    filled = {name: func.coalesce(table.c[name], statement.excluded[name]) for name in columns}
    lacks = or_(*(table.c[name].is_(None) for name in columns))
    return statement.on_conflict_do_update(index_elements=[table.c[key]], set_=filled, where=lacks)


def _insert(connection: Connection | Engine, table: Table) -> Any:
    """Return an INSERT of the dialect; most homes never import that of PostgreSQL."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    return sqlite.insert(table)


def batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the values in lists of at most `size`, for statements with a limit."""
    rest = iter(values)
    while batch := list(islice(rest, size)):
        yield batch
