"""Reads that follow each other on one connection of a server: to begin and end each alone takes longer than to read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import get_ident
from typing import Any

from sqlalchemy import Connection, Engine


class _Shared:
    """The connections of one context that no read uses now. One thread has them."""

    def __init__(self) -> None:
        self.thread = get_ident()
        self.free: dict[Engine, Connection] = {}

    def close(self) -> None:
        while self.free:
            self.free.popitem()[1].close()


_READING: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""The default of SQLite."""
_shared: ContextVar[_Shared | None] = ContextVar("shared", default=None)


@contextmanager
def reading_together() -> Iterator[None]:
    """Have the reads of this context and thread use one connection of each server.

    They see the database as it is at the first of them, also after a write of their own. A read in another read, and
    those of a file, have connections of their own.
    """
    if _shared.get() is not None:
        yield
        return
    shared = _Shared()
    token = _shared.set(shared)
    try:
        yield
    finally:
        _shared.reset(token)
        shared.close()


@contextmanager
def connection_to_read(engine: Engine) -> Iterator[Connection]:
    """Open a connection that sees the database as it is at one time, or use the one of this context."""
    if not (shared := _shared_here(engine)):
        with _connected(engine) as connection:
            yield connection
        return
    connection = shared.free.pop(engine) if engine in shared.free else _connected(engine)
    try:
        yield connection
    except BaseException:  # its transaction may have failed: the next read gets another
        connection.close()
        raise
    if engine in shared.free or _shared.get() is not shared:  # this was a read in another, or its context is over
        connection.close()
    else:
        shared.free[engine] = connection


def are_together(engine: Engine) -> bool:
    """Return whether reads of this context and thread have one connection of this server."""
    return _shared_here(engine) is not None


def _shared_here(engine: Engine) -> _Shared | None:
    shared = _shared.get()
    return shared if shared and shared.thread == get_ident() and engine.dialect.name != "sqlite" else None


def _connected(engine: Engine) -> Connection:
    options: dict[str, Any] = {} if engine.dialect.name == "sqlite" else _READING
    return engine.connect().execution_options(**options)
