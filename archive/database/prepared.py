"""Statements for the hot path: compiled once, run on the driver's cursor, at a tenth of the cost of SQLAlchemy Core."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Executable, Insert, event
from sqlalchemy.dialects import registry
from sqlalchemy.pool import SingletonThreadPool

from archive.database.closed_collections import engine_of_reader
from archive.database.engine import are_together, connection_to_read
from archive.database.failures import failure

Row = tuple[Any, ...]


_KEPT = 4
"""Connections of an engine that wait for the next query."""


class _Connections:
    """Connections to SQLite for queries. SQLAlchemy's pool takes as long to give and take one as most queries take.

    They read outside of transactions, so nothing of a query is left on them. They are of the engine's own making: its
    events have set them up, and when it is disposed of, they are closed.
    """

    def __init__(self) -> None:
        self._waiting: deque[Any] = deque()
        self._given_up = False

    def take(self, engine: Engine) -> Any:
        try:
            return self._waiting.pop()
        except IndexError:
            pooled = engine.raw_connection()
            connection = pooled.driver_connection
            pooled.detach()
            return connection

    def give_back(self, connection: Any) -> None:
        if self._given_up or len(self._waiting) >= _KEPT:
            connection.close()
        else:
            self._waiting.append(connection)

    def close(self) -> None:
        self._given_up = True
        while self._waiting:
            self._waiting.pop().close()


_connections: WeakKeyDictionary[Engine, _Connections] = WeakKeyDictionary()
_lock = Lock()


def _connections_of(engine: Engine) -> _Connections | None:
    """Return the kept connections of an engine; None for a server, and for memory, which one connection alone has."""
    if engine.dialect.name != "sqlite" or isinstance(engine.pool, SingletonThreadPool):
        return None
    found = _connections.get(engine)
    if found is None:
        with _lock:
            if (found := _connections.get(engine)) is None:
                found = _connections[engine] = _Connections()
                event.listen(engine, "engine_disposed", _give_up, once=True)
    return found


def _give_up(engine: Engine) -> None:
    with _lock:
        there = _connections.pop(engine, None)
    if there:
        there.close()


class _Compiled(NamedTuple):
    sql: str
    names: Sequence[str] | None
    """The parameters in order, if the driver takes them by position."""
    constants: dict[str, Any]


class Query:
    """A SELECT with named parameters. Values are the driver's, without conversion: a Moment is a number.

    `make` builds the statement from `how`. It is called at the first run, once per kind of database in a process, since
    most commands run few of the queries of an index.
    """

    def __init__(self, engine: Engine, make: Callable[..., Executable], **how: bool) -> None:
        self._engine = engine
        self._make, self._how = make, tuple(how.items())

    @cached_property
    def _compiled(self) -> _Compiled:
        dialect = self._engine.dialect
        return _compiled(f"{dialect.name}.{dialect.driver}", self._make, self._how)

    def rows(self, **values: Any) -> list[Row]:
        """Return all rows, read on a new connection."""
        with self._cursor() as cursor:
            return self._rows(cursor, values)

    def rows_of_each(self, values: Iterable[dict[str, Any]]) -> list[list[Row]]:
        """Return the rows for each of many values, read on one connection."""
        return list(self.one_by_one(values))

    def one_by_one(self, values: Iterable[dict[str, Any]]) -> Iterator[list[Row]]:
        """Yield the rows for each of many values as `rows_of_each` returns them; only those of one are in memory.

        The connection is taken until the last one was read.
        """
        with self._cursor() as cursor:
            for one in values:
                yield self._rows(cursor, one)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        engine = engine_of_reader(self._engine)
        try:
            if (connections := _connections_of(engine)) is not None:
                connection = connections.take(engine)
                try:
                    yield connection.cursor()
                except BaseException:
                    connection.close()
                    raise
                connections.give_back(connection)
            elif are_together(engine):
                with connection_to_read(engine) as shared:
                    yield shared.connection.cursor()
            else:
                pooled = engine.raw_connection()
                try:
                    yield pooled.cursor()
                finally:
                    pooled.close()
        except Exception as error:
            if told := failure(self._engine, error):
                raise told from error
            raise

    def _rows(self, cursor: Any, values: dict[str, Any]) -> list[Row]:
        sql, names, constants = self._compiled
        known = constants | values
        cursor.execute(sql, known if names is None else [known[name] for name in names])
        rows: list[Row] = cursor.fetchall()
        return rows


@cache
def _compiled(dialect: str, make: Callable[..., Executable], how: tuple[tuple[str, bool], ...]) -> _Compiled:
    made = make(**dict(how)).compile(dialect=registry.load(dialect)())  # type: ignore[attr-defined]
    return _Compiled(str(made), made.positiontup, made.params)


class Insertion:
    """An INSERT of many rows. Each is a tuple of the driver's values in the order of `columns`, the table's columns."""

    def __init__(self, engine: Engine, statement: Insert, columns: Sequence[str]) -> None:
        compiled = statement.compile(dialect=engine.dialect, column_keys=list(columns))
        if compiled.positiontup not in (None, list(columns)):
            raise ValueError(f"columns in the order {list(columns)}, the statement's is {compiled.positiontup}")
        self._sql = str(compiled)
        self._columns = columns
        self._positional = compiled.positiontup is not None

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Insert rows, and return how many were new."""
        values: Any = rows if self._positional else [dict(zip(self._columns, row, strict=True)) for row in rows]
        return connection.exec_driver_sql(self._sql, values).rowcount
