"""Let purges, and what reads or copies whole segments, wait for each other.

Two locks, each held by a file beside SQLite's, or by PostgreSQL. They end with the process that holds them, also when
it is killed.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from archive.database.database_name import file_of
from archive.database.engine import Database
from archive.values.errors import DatabaseUnusable, PurgeUnderWay

_PURGES, _SEGMENTS = 5_079_771_120_250, 5_079_771_120_251
"""Arbitrary numbers of locks of PostgreSQL, beside those in `archive.database.postgresql`."""
_SUFFIXES = {_PURGES: "purge", _SEGMENTS: "segments"}
_WAIT = 0.05
PATIENCE = 600.0
"""Seconds that what reads segments waits for a purge; a purge changes one segment at a time."""
PURGE_PATIENCE = 60.0
"""Seconds that a purge waits for what reads segments: a rebuild may take hours."""


class Lock:
    """A lock that this process holds, as far as it knows."""

    def __init__(self, is_held: Callable[[], bool]) -> None:
        self._is_held = is_held

    def check(self) -> None:
        """Raise PurgeUnderWay if the lock was lost: PostgreSQL ends it with its connection, and another process may
        have it by now.
        """
        if not self._is_held():
            raise PurgeUnderWay(
                "the purge has stopped: the database ended the connection that keeps other purges away; pressmark "
                "serve ends what was begun within an hour, and so does pressmark purge without an id"
            )


_held: ContextVar[Lock | None] = ContextVar("held", default=None)
"""The lock of segments that this context holds: what it calls must not wait for it."""


@contextmanager
def purging(database: Database) -> Iterator[Lock]:
    """Hold the lock of purges: one process purges at a time. Raises PurgeUnderWay at once."""
    with _locked(database, _PURGES, shared=False, seconds=0.0) as lock:
        yield lock


@contextmanager
def changing_segments(database: Database) -> Iterator[Lock]:
    """Hold the lock of segments alone, for a step of a purge. Raises PurgeUnderWay if others do not end in time."""
    with _holding(database, shared=False, seconds=PURGE_PATIENCE) as lock:
        yield lock


@contextmanager
def beside_purges(database: Database) -> Iterator[None]:
    """Hold off purges while segments of the store are read, copied or indexed. Others may do so, too.

    Raises PurgeUnderWay if a purge does not end in time.
    """
    with _holding(database, shared=True, seconds=PATIENCE):
        yield


@contextmanager
def _holding(database: Database, *, shared: bool, seconds: float) -> Iterator[Lock]:
    if lock := _held.get():
        yield lock
        return
    with _locked(database, _SEGMENTS, shared=shared, seconds=seconds) as lock:
        before = _held.set(lock)
        try:
            yield lock
        finally:
            _held.reset(before)


@contextmanager
def _locked(database: Database, number: int, *, shared: bool, seconds: float) -> Iterator[Lock]:
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            kind = "_shared" if shared else ""
            take = f"SELECT pg_try_advisory_lock{kind}({number})"
            _until(lambda: bool(connection.exec_driver_sql(take).scalar_one()), seconds)
            try:
                yield Lock(lambda: _is_held(connection, number))
            finally:
                try:
                    connection.exec_driver_sql(f"SELECT pg_advisory_unlock{kind}({number})")
                except (
                    SQLAlchemyError,
                    DatabaseUnusable,
                ):  # it is lost with its connection, which nobody may use again
                    connection.invalidate()
        return
    file = file_of(database.engine.url)
    if file is None:  # memory, which no other process has
        yield Lock(lambda: True)
        return
    path = Path(f"{file}.{_SUFFIXES[number]}")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
    try:
        _until(lambda: _flocked(descriptor, how), seconds)
        yield Lock(lambda: True)
    finally:
        os.close(descriptor)


def _is_held(connection: Connection, number: int) -> bool:
    """Return whether this connection still has a lock: SQLAlchemy may have made another one since."""
    its = f"pid = pg_backend_pid() AND ((classid::bigint << 32) | objid::bigint) = {number}"
    try:
        query = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND {its}"  # noqa: S608 - a number of ours
        return bool(connection.exec_driver_sql(query).scalar_one())
    except (SQLAlchemyError, DatabaseUnusable):
        return False


def _flocked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        return False
    return True


def _until(take: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not take():
        if time.monotonic() >= end:
            raise PurgeUnderWay
        time.sleep(_WAIT)
