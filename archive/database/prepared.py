"""Statements for the hot path: compiled once, run on the driver's cursor, at a tenth of the cost of SQLAlchemy Core."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Executable, Insert
from sqlalchemy.dialects import registry

from archive.database.closed_collections import engine_of_reader
from archive.database.failures import failure

Row = tuple[Any, ...]


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
        with self._cursor() as cursor:
            return [self._rows(cursor, one) for one in values]

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        try:
            connection = engine_of_reader(self._engine).raw_connection()
            try:
                yield connection.cursor()
            finally:
                connection.close()
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
