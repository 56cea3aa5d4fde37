"""Open the database: SQLite in WAL mode by default, PostgreSQL for several machines."""

from __future__ import annotations

import errno
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from shutil import disk_usage
from threading import get_ident
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from archive.database.closed_collections import close_readers, engine_of_reader
from archive.database.damaged_file import OpenedFile
from archive.database.database_name import file_of, where
from archive.database.postgresql import listen, postgresql_engine
from archive.database.sqlite import sqlite_engine
from archive.database.time_limit import limited
from archive.database.writers import BESIDE, WRITES
from archive.values.errors import DatabaseUnusable

if TYPE_CHECKING:
    from archive.database.witness import Witness

_LEAST_FREE = 64 << 10
"""Bytes that a new write-ahead log needs."""
_READ_ONLY = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean"

_TRY_LOCK, _UNLOCK = text("SELECT pg_try_advisory_lock(1, :key)"), text("SELECT pg_advisory_unlock(1, :key)")
"""Advisory locks of a session, which ends with its process. The first number is ours."""


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
    """Have the reads of this context and thread use one connection of each server: to begin each alone takes longer.

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


class Database:
    """Connections to read, and transactions to write.

    A write begins with BEGIN IMMEDIATE in SQLite and with locks in PostgreSQL (`archive.database.writers`), so that
    writers wait for each other instead of failing at commit.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._file = file_of(engine.url)
        self._opened = OpenedFile(self._file) if self._file else None
        self._witness: Witness | None = None

    def trouble(self) -> str | None:
        """Return why this process must reopen the database, as a sentence; None if all is well. Reasons: the file was
        removed, emptied, replaced or damaged, or tables or rows were deleted.

        A call notices losses since the previous call; the first one only stores the state.
        """
        if self._opened and (why := self._opened.trouble()):
            return why
        if self._witness is None:
            from archive.database.witness import Witness  # only long-lived processes need it

            self._witness = Witness(self.engine)
        return self._witness.trouble()

    def is_read_only(self) -> bool:
        """Return whether the database can be read and not written. A disk that refuses files is not looked at."""
        if self._file is not None:
            return self._file.exists() and not os.access(self._file, os.W_OK)
        with self.engine.connect() as connection:
            return bool(connection.exec_driver_sql(_READ_ONLY).scalar_one())

    @property
    def is_shared(self) -> bool:
        """Whether workers on several machines may use it."""
        return self._file is None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection that sees the database as it is at one time, without closed collections.

        In `reading_together`, several of these have one.
        """
        with connection_to_read(engine_of_reader(self.engine)) as connection, limited(connection):
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction while no other writes: committed at the end, rolled back by an exception."""
        with self.engine.connect().execution_options(pressmark_writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def beside(self, *locks: str) -> Iterator[Connection]:
        """Open a transaction beside those of others. It waits for those that name one of the same `locks`, and for
        `writing`. In SQLite it is `writing`. Two of them may touch the same rows, so the caller is `retried`.
        """
        options: dict[str, Any] = {WRITES: True} if self.engine.dialect.name == "sqlite" else {BESIDE: locks}
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def settled(self) -> Iterator[Connection]:
        """Open a connection to read after the end of all transactions that write now.

        A row that is added later has a greater id than each row that is seen. In SQLite it is `reading`.
        """
        with self.reading() if self.engine.dialect.name == "sqlite" else self.writing() as connection:
            yield connection

    @contextmanager
    def claiming(self) -> Iterator[Connection]:
        """Open a transaction about who may visit a host. It waits for others of its kind, and for no other writer."""
        with self.engine.connect().execution_options(pressmark_claims=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def taking(self) -> Iterator[Connection]:
        """Open a transaction that takes rows. In PostgreSQL it waits for no other: its statements skip locked rows."""
        lite = self.engine.dialect.name == "sqlite"
        with self.engine.connect().execution_options(pressmark_claims=lite) as connection, connection.begin():
            yield connection

    @contextmanager
    def alone(self, what: str) -> Iterator[bool]:
        """Yield whether no other process of a shared database does `what` now. That ends with the process, too.

        SQLite's database has one machine, whose processes need no such lock.
        """
        if not self.is_shared:
            yield True
            return
        key = {"key": zlib.crc32(what.encode()) - (1 << 31)}
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            mine = bool(connection.execute(_TRY_LOCK, key).scalar_one())
            try:
                yield mine
            finally:
                if mine:
                    connection.execute(_UNLOCK, key)

    def listen(self, channel: str, heard: Callable[[], object], stopped: Callable[[], bool]) -> None:
        """Call `heard` for each announcement in a channel of a shared database: see `postgresql.listen`."""
        listen(self.engine, channel, heard, stopped)

    def close(self) -> None:
        close_readers(self.engine)
        self.engine.dispose()


def open_database(url: str, *, migrate: bool = True) -> Database:
    """Open the database at an SQLAlchemy URL: ``sqlite:////var/lib/pressmark/pressmark.db``, ``postgresql://…``.

    Migrate it to the newest schema unless `migrate` is False. Raises DatabaseUnusable, MissingExtra, OSError.
    """
    parsed = make_url(url)
    engine = sqlite_engine(parsed) if parsed.get_backend_name() == "sqlite" else postgresql_engine(parsed)
    if migrate:
        from archive.database.migrate import upgrade

        try:
            upgrade(engine)
        except BaseException as error:
            engine.dispose()  # the caller never gets the engine, so dispose of it here
            if isinstance(error, DBAPIError | DatabaseUnusable):
                _check_room(engine)
            if isinstance(error, DBAPIError):
                raise DatabaseUnusable(where(parsed), str(error.orig)) from error
            raise
    return Database(engine)


def _check_room(engine: Engine) -> None:
    """Raise OSError if the disk is full: SQLite sometimes reports that only as "disk I/O error"."""
    file = Path(engine.url.database or "")
    if engine.dialect.name == "sqlite" and file.parent.is_dir() and disk_usage(file.parent).free < _LEAST_FREE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file.parent))
