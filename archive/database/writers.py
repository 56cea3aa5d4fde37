"""How writers of PostgreSQL pass each other, and what they still wait for. SQLite has one writer.

A transaction beside others holds the lock of all writers in shared mode, and the locks that it names alone. One that
needs all rows to stand still holds the lock of all writers alone. Events get their numbers last, under a lock that
is held until they are committed: so numbers grow in the order of commits, and a follower that has seen a number
never misses a smaller one.
"""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, event, insert

from archive.database.failures import DatabaseConflict
from archive.database.tables_events import events

P = ParamSpec("P")
R = TypeVar("R")

WRITES, CLAIMS, BESIDE = "pressmark_writes", "pressmark_claims", "pressmark_beside"
"""Options of a connection: what its transactions wait for."""
# Arbitrary numbers: the lock of all writers, that of the claims of hosts, and that of the numbers of events.
_WRITERS = 5_079_771_120_240
_CLAIMS, _NUMBERS = _WRITERS + 1, _WRITERS + 2
_NAMED = 2
"""The first number of the locks that have names: that of `Database.alone` is another."""
_MOST = 64
"""Locks of one transaction: the server has room for some thousands in all."""
_COLUMNS = tuple(column.name for column in events.c if column.name != "id")
_EVENTS = "pressmark_events"
"""Where a connection has the events of its transaction."""
_TRIES = 8
_PAUSE = 0.01
"""Seconds; twice as long each time."""


def order_writers(engine: Engine) -> None:
    """Have each transaction of an engine of PostgreSQL take its locks first, and number its events last."""
    event.listen(engine, "begin", _begin)
    event.listen(engine, "commit", _number)


def segment_lock(segment: str) -> str:
    """Return the name of the lock of who writes rows of a segment."""
    return f"segment {segment}"


def add_events(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write events in this transaction. In PostgreSQL they are inserted when it is committed."""
    whole = [{name: row.get(name) for name in _COLUMNS} for row in rows]  # an INSERT of many has the keys of the first
    if connection.dialect.name == "postgresql":
        connection.info.setdefault(_EVENTS, []).extend(whole)
    elif whole:
        connection.execute(insert(events), whole)


def take_lock(connection: Connection, name: str) -> None:
    """Take one more lock in a transaction beside others, which may have to be `retried` for it."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_NAMED}, {_key(name)})")


def lock_all(connection: Connection) -> None:
    """Take the lock of all writers in a transaction of PostgreSQL that began without one."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")


def retried(method: Callable[P, R]) -> Callable[P, R]:
    """Repeat a call whose transaction PostgreSQL has ended because of another one, a few times.

    It begins again with the same arguments, so none may be an iterator. Nothing of the first try was written.
    """

    @wraps(method)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
        for number in range(_TRIES - 1):
            try:
                return method(*args, **kwargs)
            except DatabaseConflict:
                time.sleep(_PAUSE * 2**number * (0.5 + random.random()))  # noqa: S311 - so that two don't meet again
        return method(*args, **kwargs)

    return repeated


def _begin(connection: Connection) -> None:
    connection.info.pop(_EVENTS, None)  # of a transaction that was rolled back
    options = connection.get_execution_options()
    if options.get(CLAIMS, False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_CLAIMS})")
    names: Collection[str] | None = options.get(BESIDE)
    if options.get(WRITES, False) or (names is not None and len(names) > _MOST):
        lock_all(connection)
    elif names is not None:
        connection.exec_driver_sql(_beside(names))


def _beside(names: Collection[str]) -> str:
    """Return the statement that takes these locks. All transactions take theirs in the same order."""
    named = (f"pg_advisory_xact_lock({_NAMED}, {key})" for key in sorted(set(map(_key, names))))
    taken = [f"pg_advisory_xact_lock_shared({_WRITERS})", *named]
    return f"SELECT {', '.join(taken)}"


def _key(name: str) -> int:
    return zlib.crc32(name.encode()) - (1 << 31)


def _number(connection: Connection) -> None:
    if rows := connection.info.pop(_EVENTS, None):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_NUMBERS})")
        connection.execute(insert(events), rows)
