"""Let one process at a time do what takes long and may not be done twice at once: purges."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.database.engine import Database
from archive.values.errors import PurgeUnderWay

_PURGES = 5_079_771_120_250
"""An arbitrary number of a lock of PostgreSQL, beside those in `archive.database.postgresql`."""


@contextmanager
def purging(database: Database) -> Iterator[None]:
    """Hold the lock of purges. It ends with the process, also when that is killed. Raises PurgeUnderWay."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_PURGES})").scalar_one():
                raise PurgeUnderWay
            try:
                yield
            finally:
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_PURGES})")
        return
    path = Path(f"{database.engine.url.database}.purge")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PurgeUnderWay from None
        yield
    finally:
        os.close(descriptor)
