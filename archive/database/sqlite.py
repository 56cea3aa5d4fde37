"""Set up connections to SQLite."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from archive.database.failures import translate_failures

_BUSY_SECONDS = 60
"""Seconds that a statement waits for a lock on the database."""


def sqlite_engine(url: URL, **pool: int) -> Engine:
    """Create an engine; `pool` has settings of SQLAlchemy's QueuePool."""
    engine = create_engine(url, hide_parameters=True, **pool)  # texts and secrets, which errors would show
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    translate_failures(engine)
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun explicitly
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # A power cut may cost the last rows, but the spool has all facts: recovery writes the rows again.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # 16 MiB: index pages that change often are copied into the database once. This costs a fifth.
    cursor.execute("PRAGMA wal_autocheckpoint = 4096")
    # A log that grew during a long read is cut to 32 MiB when it begins again; otherwise its file stays large.
    cursor.execute(f"PRAGMA journal_size_limit = {32 << 20}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    writes = options.get("pressmark_writes", False) or options.get("pressmark_claims", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
