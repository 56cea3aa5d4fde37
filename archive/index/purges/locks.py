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

from archive.database.engine import Database
from archive.values.errors import PurgeUnderWay

_PURGES, _SEGMENTS = 5_079_771_120_250, 5_079_771_120_251
"""Arbitrary numbers of locks of PostgreSQL, beside those in `archive.database.postgresql`."""
_SUFFIXES = {_PURGES: "purge", _SEGMENTS: "segments"}
_WAIT = 0.05
PATIENCE = 600.0
"""Seconds that what reads segments waits for a purge; a purge changes one segment at a time."""
PURGE_PATIENCE = 60.0
"""Seconds that a purge waits for what reads segments: a rebuild may take hours."""

_held: ContextVar[bool] = ContextVar("held", default=False)
"""Whether this context holds the lock of segments: what it calls must not wait for it."""


@contextmanager
def purging(database: Database) -> Iterator[None]:
    """Hold the lock of purges: one process purges at a time. Raises PurgeUnderWay at once."""
    with _locked(database, _PURGES, shared=False, seconds=0.0):
        yield


@contextmanager
def changing_segments(database: Database) -> Iterator[None]:
    """Hold the lock of segments alone, for a step of a purge. Raises PurgeUnderWay if others do not end in time."""
    with _holding(database, shared=False, seconds=PURGE_PATIENCE):
        yield


@contextmanager
def beside_purges(database: Database) -> Iterator[None]:
    """Hold off purges while segments of the store are read, copied or indexed. Others may do so, too.

    Raises PurgeUnderWay if a purge does not end in time.
    """
    with _holding(database, shared=True, seconds=PATIENCE):
        yield


@contextmanager
def _holding(database: Database, *, shared: bool, seconds: float) -> Iterator[None]:
    if _held.get():
        yield
        return
    with _locked(database, _SEGMENTS, shared=shared, seconds=seconds):
        before = _held.set(True)
        try:
            yield
        finally:
            _held.reset(before)


@contextmanager
def _locked(database: Database, number: int, *, shared: bool, seconds: float) -> Iterator[None]:
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            kind = "_shared" if shared else ""
            take = f"SELECT pg_try_advisory_lock{kind}({number})"
            _until(lambda: bool(connection.exec_driver_sql(take).scalar_one()), seconds)
            try:
                yield
            finally:
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock{kind}({number})")
        return
    path = Path(f"{database.engine.url.database}.{_SUFFIXES[number]}")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    how = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
    try:
        _until(lambda: _flocked(descriptor, how), seconds)
        yield
    finally:
        os.close(descriptor)


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
