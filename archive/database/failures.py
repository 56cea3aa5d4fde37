"""Classify database errors: unreachable, disk full, damaged, or refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, ExceptionContext, event

from archive.database.damaged_file import is_damage, suspect
from archive.database.database_name import where
from archive.values.disk import refusal_behind
from archive.values.errors import (
    DatabaseDamaged,
    DatabaseFull,
    DatabaseReadOnly,
    DatabaseRefused,
    DatabaseUnreachable,
    DatabaseUnusable,
)
from archive.values.os_errors import Meaning, is_full, meaning_of


class DatabaseConflict(DatabaseUnreachable):
    """PostgreSQL rolled back a transaction because of another one: the same one may succeed now."""


class DatabaseWaited(DatabaseUnreachable):
    """A statement did not get a lock in time."""


# SQLSTATEs of PostgreSQL.
_AWAY = ("08", "57P01", "57P02", "57P03", "53300")
"""The connection is lost; the server is stopping, crashed or starting; it has too many connections."""
_WAITED_IN_VAIN = "55P03"
_OF_STATES: dict[str, type[DatabaseUnusable]] = {
    "40001": DatabaseConflict,
    "40P01": DatabaseConflict,
    "53100": DatabaseFull,
    "25006": DatabaseReadOnly,  # psycopg does not count it as operational
}
_NO_RIGHT = "42501"
"""No permission: psycopg does not count it as operational."""
_LOST = ("42P01", "42703", "3F000")
"""A missing table, column or schema: it was deleted while the process runs, or an older version wrote the database."""

_IN_VAIN = "another process is writing and does not finish"


def translate_failures(engine: Engine) -> None:
    """Translate the failures of an engine's statements into the archive's errors, except violated constraints."""
    event.listen(engine, "handle_error", lambda error: _translated(engine.url, error))


def failure(engine: Engine, error: Exception, connection: Any = None) -> DatabaseUnusable | None:
    """Return a driver's error as a failure of the database; None if it is not one. `connection` is the driver's."""
    lost = engine.dialect.is_disconnect(error, connection, None)  # type: ignore[arg-type]
    return _meaning(engine.url, engine.dialect.loaded_dbapi, error, lost=lost)


def _translated(url: URL, error: ExceptionContext) -> DatabaseUnusable | None:
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
        return DatabaseWaited(where(url), _IN_VAIN)
    if known := _OF_STATES.get(state):
        return known(where(url), _one_line(error))
    refused = operational or state == _NO_RIGHT or state in _LOST
    return DatabaseRefused(where(url), _one_line(error)) if refused else None


def _of_sqlite(file: str, error: sqlite3.Error) -> DatabaseUnusable | None:
    if is_damage(error):
        suspect(Path(file))
        return DatabaseDamaged(file, _one_line(error))
    if (why := refusal_behind(error, Path(file))) is not None:
        return _of_disk(file, why)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
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
    if meaning_of(why) in (Meaning.READ_ONLY, Meaning.DENIED):
        return DatabaseReadOnly(file, sentence)
    return DatabaseFull(file, sentence) if is_full(why) else DatabaseRefused(file, sentence)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
