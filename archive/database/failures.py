"""Classify database errors: unreachable, disk full, damaged, or refused."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, ExceptionContext, event

from archive.database.damaged_file import is_damage, suspect
from archive.database.database_name import where
from archive.values.atomic_files import is_full
from archive.values.disk import refusal_of
from archive.values.errors import (
    DatabaseDamaged,
    DatabaseFull,
    DatabaseReadOnly,
    DatabaseRefused,
    DatabaseUnreachable,
    DatabaseUnusable,
)

# SQLSTATEs of PostgreSQL.
_AWAY = ("08", "57P01", "57P02", "57P03", "53300")
"""The connection is lost; the server is stopping, crashed or starting; it has too many connections."""
_WAITED_IN_VAIN = "55P03"
_FULL = "53100"
_NO_RIGHT, _READ_ONLY = "42501", "25006"
"""No permission, and a read-only transaction: psycopg counts neither as operational."""
_UNOPENED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
"""What SQLite says when it can't make or lock a file beside the database, whatever the reason."""
_READ_ONLY_DISK = (errno.EROFS, errno.EACCES, errno.EPERM)

_IN_VAIN = "another process is writing and does not finish"


def tell_failures(engine: Engine) -> None:
    """Translate the failures of an engine's statements into the archive's errors, except violated constraints."""
    event.listen(engine, "handle_error", lambda error: _told(engine.url, error))


def failure(engine: Engine, error: Exception, connection: Any = None) -> DatabaseUnusable | None:
    """Return a driver's error as a failure of the database; None if it is not one. `connection` is the driver's."""
    lost = engine.dialect.is_disconnect(error, connection, None)  # type: ignore[arg-type]
    return _meaning(engine.url, engine.dialect.loaded_dbapi, error, lost=lost)


def _told(url: URL, error: ExceptionContext) -> DatabaseUnusable | None:
    if error.is_pre_ping:
        return None
    lost = error.is_disconnect or error.connection is None
    return _meaning(url, error.dialect.loaded_dbapi, error.original_exception, lost=lost)


def _meaning(url: URL, driver: Any, error: BaseException, *, lost: bool) -> DatabaseUnusable | None:
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(where(url), error)
    state = getattr(error, "sqlstate", None) or ""
    operational = isinstance(error, driver.OperationalError)
    if lost or state.startswith(_AWAY) or (operational and not state):
        return DatabaseUnreachable(where(url), _one_line(error))
    if state == _WAITED_IN_VAIN:
        return DatabaseUnreachable(where(url), _IN_VAIN)
    if state == _FULL:
        return DatabaseFull(where(url), _one_line(error))
    if state == _READ_ONLY:
        return DatabaseReadOnly(where(url), _one_line(error))
    return DatabaseRefused(where(url), _one_line(error)) if operational or state == _NO_RIGHT else None


def _of_sqlite(file: str, error: sqlite3.Error) -> DatabaseUnusable | None:
    if is_damage(error):
        suspect(Path(file))
        return DatabaseDamaged(file, _one_line(error))
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # higher bits hold details that are not needed
    if code in _UNOPENED and (why := refusal_of(Path(file).parent)) is not None:
        return _of_disk(file, why)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseUnreachable(file, _IN_VAIN)
    if code == sqlite3.SQLITE_FULL:
        return DatabaseFull(file, _one_line(error))
    if code == sqlite3.SQLITE_READONLY:
        return DatabaseReadOnly(file, _one_line(error))
    return DatabaseRefused(file, _one_line(error)) if isinstance(error, sqlite3.OperationalError) else None


def _of_disk(file: str, why: OSError) -> DatabaseUnusable:
    """What keeps SQLite from its files, which itself says only that it can't open them, or that they are busy."""
    sentence = why.strerror or str(why)
    if why.errno in _READ_ONLY_DISK:
        return DatabaseReadOnly(file, sentence)
    return DatabaseFull(file, sentence) if is_full(why) else DatabaseRefused(file, sentence)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
