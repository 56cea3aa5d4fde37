"""Let the database forget what is deleted: the words of the index, and the bytes of free pages.

SQLite overwrites deleted rows with zeros, and removes words from its index at once, while `forgetting` holds; without
it, both stay in the file until it needs their space. PostgreSQL keeps deleted rows until VACUUM, which is run. Neither
overwrites what it had freed or moved before, nor the blocks of its former log on the disk.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from archive.database.engine import Database
from archive.values.errors import DatabaseUnusable

logger = logging.getLogger(__name__)

_SINCE = (3, 42)
"""The version of SQLite that removes words from its index at once (https://sqlite.org/fts5.html, 6.11)."""
_BUSY_SECONDS = 10
_TABLES = (
    "captures, texts, worded, wordings, words, sketches, bands, watch_hits, machine_texts, events, messages, "
    "snapshot_notes, snapshot_tags, marks"
)


@contextmanager
def forgetting(connection: Connection) -> Iterator[None]:
    """Have the rows and words that an open transaction deletes overwritten, where the database can."""
    if connection.dialect.name != "sqlite":
        yield
        return
    _set(connection, 1)
    yield
    _set(connection, 0)


def clear_free_pages(database: Database) -> None:
    """Copy SQLite's log into the database and empty it; let PostgreSQL remove deleted rows. What can't be is logged."""
    try:
        if database.engine.dialect.name == "sqlite":
            _empty_log(str(database.engine.url.database))
        else:
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql(f"VACUUM {_TABLES}")
    except (sqlite3.Error, DBAPIError, DatabaseUnusable) as error:
        logger.warning("deleted rows are not overwritten yet", extra={"reason": str(error)})


def _empty_log(file: str) -> None:
    """Use a connection of its own: those of the engine begin a transaction, in which SQLite refuses this."""
    with closing(sqlite3.connect(file, timeout=_BUSY_SECONDS)) as connection:
        if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            logger.info("readers keep the database's log: deleted rows are in it until they end")


def _set(connection: Connection, wanted: int) -> None:
    connection.exec_driver_sql(f"PRAGMA secure_delete = {wanted}")
    if sqlite3.sqlite_version_info >= _SINCE:
        connection.exec_driver_sql("INSERT INTO words(words, rank) VALUES('secure-delete', ?)", (wanted,))
    elif not wanted:
        connection.exec_driver_sql("INSERT INTO words(words) VALUES('optimize')")  # it writes the whole index again
