"""A limit on the time that the statements of a reader take: the database itself ends what takes longer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any

from sqlalchemy import Connection

from archive.values.errors import DatabaseRefused, QueryTooLong

_STEPS = 20_000
"""Steps of SQLite's virtual machine between two looks at the clock: about a millisecond."""

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """End the statements that are read in this context after so many seconds together: they raise QueryTooLong."""
    token = _deadline.set(monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


@contextmanager
def default_time_limit(seconds: float) -> Iterator[None]:
    """Set a time limit, unless this context has one."""
    if _deadline.get() is not None:
        yield
        return
    with time_limit(seconds):
        yield


@contextmanager
def limited(connection: Connection) -> Iterator[None]:
    """Apply the limit of this context to a connection. Raises QueryTooLong when its time is over."""
    deadline = _deadline.get()
    if deadline is None:
        yield
        return
    if (left := deadline - monotonic()) <= 0:
        raise QueryTooLong
    try:
        with _ending(connection, left, deadline):
            yield
    except DatabaseRefused as error:  # so it calls a statement that was ended
        if monotonic() < deadline:
            raise
        raise QueryTooLong from error


@contextmanager
def _ending(connection: Connection, seconds: float, deadline: float) -> Iterator[None]:
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000) + 1)}")
        yield
        connection.exec_driver_sql("SET LOCAL statement_timeout TO DEFAULT")  # the next read may share the transaction
        return
    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(lambda: monotonic() > deadline, _STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)
