"""Databases of earlier versions: the tables of a revision, with the rows of a database of today."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from archive.database.migrate import MIGRATIONS, alembic_config
from archive.database.packed_text import unpack
from archive.database.tables_wordings import WORDS

REVISIONS = sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'words%' AND name != 'alembic_version'"

PARTS = ("text", "markdown", "fields")
"""What a packed text holds, in its order."""


def as_of(revision: str, database: Path, to: Path) -> None:
    """Make in `to` what a Pressmark of that revision would have written of the rows in `database`."""
    engine = create_engine(f"sqlite:///{to}")
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)
    engine.dispose()
    with closing(sqlite3.connect(to)) as connection, connection:
        connection.execute("ATTACH ? AS today", [str(database)])
        connection.execute("DROP TABLE words")
        connection.execute(WORDS)
        for (table,) in connection.execute(TABLES).fetchall():
            columns = ", ".join(f'"{name}"' for name in _columns(connection, table))
            if columns:
                source = f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM today.{table}"
                connection.execute(source)
        if "text" in _names(connection, "texts", "main"):
            _unpack_texts(connection)
        for part in ("data", "idx", "docsize"):  # the words themselves are kept nowhere: their index is copied as it is
            connection.execute(f"DELETE FROM words_{part}")
            connection.execute(f"INSERT INTO words_{part} SELECT * FROM today.words_{part}")


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """The columns that the table had then and has today."""
    today = _names(connection, table, "today")
    return [name for name in _names(connection, table, "main") if name in today]


def _names(connection: sqlite3.Connection, table: str, schema: str) -> list[str]:
    rows = connection.execute("SELECT name FROM pragma_table_info(?, ?)", [table, schema])
    return [name for (name,) in rows]


def _unpack_texts(connection: sqlite3.Connection) -> None:
    """Write the texts into the columns that held them until revision 0025."""
    columns = [name for name in PARTS if name in _names(connection, "texts", "main")]
    know_parts(connection)
    values = ", ".join(f"{name} = part(content, '{name}')" for name in columns)
    connection.execute(f"UPDATE texts SET {values} FROM today.texts AS packed WHERE packed.record_id = texts.record_id")


def know_parts(connection: sqlite3.Connection) -> None:
    """Give a connection the function `part(content, name)`: the text, the Markdown or the fields of a packed text."""

    def part(content: bytes | None, name: str) -> str | None:
        return None if content is None else dict(zip(PARTS, unpack(content), strict=True))[name]

    connection.create_function("part", 2, part, deterministic=True)
