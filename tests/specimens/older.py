"""Databases of earlier versions: the tables of a revision, with the rows of a database of today."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from archive.database.migrate import MIGRATIONS, alembic_config

REVISIONS = sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'words%' AND name != 'alembic_version'"


def as_of(revision: str, database: Path, to: Path) -> None:
    """Make in `to` what a Pressmark of that revision would have written of the rows in `database`."""
    engine = create_engine(f"sqlite:///{to}")
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)
    engine.dispose()
    with closing(sqlite3.connect(to)) as connection, connection:
        connection.execute("ATTACH ? AS today", [str(database)])
        for (table,) in connection.execute(TABLES).fetchall():
            columns = ", ".join(f'"{name}"' for name in _columns(connection, table))
            if columns:
                source = f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM today.{table}"
                connection.execute(source)
        for part in ("data", "idx", "docsize"):  # the words themselves are stored nowhere else: their index is copied
            connection.execute(f"DELETE FROM words_{part}")
            connection.execute(f"INSERT INTO words_{part} SELECT * FROM today.words_{part}")


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns that the table had then and has today."""
    then, today = (
        [row[0] for row in connection.execute("SELECT name FROM pragma_table_info(?, ?)", [table, schema])]
        for schema in ("main", "today")
    )
    return [name for name in then if name in today]
