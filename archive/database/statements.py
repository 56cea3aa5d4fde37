"""Statements with different syntax in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, String, Table, bindparam, case, func, or_, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

T = TypeVar("T")

_LAST, _SURROGATES, _AFTER_SURROGATES = 0x10FFFF, 0xD800, 0xE000


def clock_of(connection: Connection, now: Callable[[], datetime]) -> datetime:
    """Return the time by the clock that all who use a database share: that of the server, or of this machine, `now`."""
    return shared_clock(connection) if connection.dialect.name == "postgresql" else now()


def shared_clock(connection: Connection) -> datetime:
    """Return the time by the clock of PostgreSQL."""
    at: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return at.astimezone(UTC)


def announce(connection: Connection, channel: str) -> None:
    """Wake the processes that listen to a channel, once this transaction is committed. SQLite has no listeners."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {channel}")


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


class _Begins(FunctionElement[bool]):
    """A column, the beginning, and the least text after all texts that begin so.

    It has no type: for SQLite, `= 1` is added to a Boolean, and then no index is used.
    """

    name = "begins"
    inherit_cache = True


def begins_with(column: ColumnElement[Any], beginning: str) -> ColumnElement[bool]:
    """Return a condition: the text in a column begins with a text, upper and lower case distinguished.

    SQLite finds it in an index of the column, where LIKE compares every row. The column has the collation BINARY, its
    default: the order of code points.
    """
    return _Begins(column, beginning, after(beginning))


def begins_as_given(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the same condition for a prepared query, with the values of `ends_of`."""
    return _Begins(column, bindparam("beginning", type_=String), bindparam("past", type_=String))


def ends_of(beginning: str) -> dict[str, str]:
    """Return the values of a beginning for `begins_as_given`."""
    return {"beginning": beginning, "past": after(beginning)}


def after(beginning: str) -> str:
    """Return the least text, by code points, that is greater than all that begin so.

    Of an empty text, or one of the last code point alone, this is the last code point: names do not begin with it.
    """
    rest = beginning.rstrip(chr(_LAST))
    if not rest:
        return chr(_LAST)
    following = ord(rest[-1]) + 1
    return rest[:-1] + chr(_AFTER_SURROGATES if following == _SURROGATES else following)


@compiles(_Begins)
def _anywhere(element: _Begins, compiler: SQLCompiler, **options: Any) -> str:
    """PostgreSQL orders by the collation of the database, so a range would be another set of names."""
    column, beginning, _ = (compiler.process(one, **options) for one in element.clauses)
    return f"starts_with({column}, {beginning})"


@compiles(_Begins, "sqlite")
def _in_sqlite(element: _Begins, compiler: SQLCompiler, **options: Any) -> str:
    column, beginning, end = (compiler.process(one, **options) for one in element.clauses)
    return f"({column} >= {beginning} AND {column} < {end})"
