"""The queries of a database, and their plans."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from archive.database.engine import Database


@contextmanager
def asked(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Return the queries made meanwhile."""
    statements: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        statements.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


@contextmanager
def checked_out(database: Database) -> Iterator[list[Any]]:
    """Return the connections of the pool that are used meanwhile."""
    connections: list[Any] = []

    def note(connection: Any, *_: Any) -> None:
        connections.append(connection)

    event.listen(database.engine, "checkout", note)
    yield connections
    event.remove(database.engine, "checkout", note)


def plan(database: Database, statement: str, parameters: Any) -> str:
    one = parameters[0] if isinstance(parameters, list) else parameters  # of a statement for many rows
    with database.reading() as connection:
        return "; ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", one))
