"""The rows of homes of earlier versions, before and after this version opens them."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from services.postgresql import EMPTY, PostgresServer
from specimens.older import PARTS, know_parts

from archive.database.engine import open_database
from archive.database.migrate import OLDEST_FITTING, newest, revision
from archive.database.packed_text import unpack

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'words%' AND name != 'alembic_version'"
COLUMNS = """SELECT table_name, string_agg(format('%I', column_name), ', ' ORDER BY ordinal_position)
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    GROUP BY table_name"""
Rows = dict[str, tuple[str, list[str]]]
"""The columns of each table as SQL, and its rows in order."""


def unpacked(archive: Path, directory: Path) -> Path:
    with tarfile.open(archive) as tar:
        tar.extractall(directory, filter="data")
    return directory / "home"


def columns_of(database: Path) -> dict[str, str]:
    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute(TABLES)]
        found = {table: connection.execute(f"PRAGMA table_info({table})").fetchall() for table in tables}
    return {table: ", ".join(f'"{row[1]}"' for row in rows) for table, rows in found.items()}


def rows_of(database: Path, columns: dict[str, str]) -> Rows:
    with closing(sqlite3.connect(database)) as connection:
        know_parts(connection)
        read = {table: rows_in(connection, table, names) for table, names in columns.items()}
    return {table: (columns[table], sorted(map(repr, rows))) for table, rows in read.items()}


def rows_in(connection: sqlite3.Connection, table: str, names: str) -> list[dict[str, object]]:
    """The rows of a table; texts have been packed since revision 0025, and are read from there."""
    there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    wanted = [name.strip(' "') for name in names.split(",")]
    said = [f'"{name}"' if name in there else f"part(content, '{name}')" for name in wanted]
    rows = connection.execute(f"SELECT {', '.join(said)} FROM {table}")
    return [dict(zip(wanted, map(plain, wanted, row), strict=True)) for row in rows]


def plain(name: str, value: object) -> object:
    """A value; fields are compared as JSON, whatever its escapes."""
    return json.loads(value) if name == "fields" and isinstance(value, str) else value


def migrated(url: str) -> None:
    with closing(open_database(url, migrate=True)) as opened, opened.reading() as connection:
        assert revision(connection) == newest()


def lost(before: Rows, database: Path) -> set[str]:
    """Return the tables that differ in their old columns after the database is opened."""
    migrated(f"sqlite:///{database}")
    now = rows_of(database, {table: columns for table, (columns, _) in before.items()})
    return differing(before, now)


def differing(before: Rows, now: Rows) -> set[str]:
    """Return the tables whose rows differ, without the mark that a migration writes."""
    return {
        table
        for table, (_, rows) in before.items()
        if rows != [row for row in now[table][1] if table != "marks" or OLDEST_FITTING not in row]
    }


@contextmanager
def loaded(postgresql: PostgresServer, archive: Path, directory: Path) -> Iterator[tuple[Path, str]]:
    """Unpack a home whose database is a dump; yield the home, and the URL of a database that was filled with it."""
    home = unpacked(archive, directory)
    with postgresql.database(EMPTY) as url:
        psql = [str(postgresql.programs / "psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--dbname={url}"]
        subprocess.run([*psql, f"--file={home / 'pressmark.sql'}"], check=True, capture_output=True)
        yield home, url


def rows_on_server(url: str, columns: dict[str, str] | None = None) -> Rows:
    with psycopg.connect(url) as connection:
        there = dict(connection.execute(COLUMNS).fetchall())
        wanted = there if columns is None else columns
        read = {table: server_rows(connection, table, names, there[table]) for table, names in wanted.items()}
    return {table: (wanted[table], sorted(map(repr, rows))) for table, rows in read.items()}


def server_rows(
    connection: psycopg.Connection[tuple[object, ...]], table: str, names: str, there: str
) -> list[dict[str, object]]:
    """Return the rows of a table; packed texts are unpacked, as in `rows_in`."""
    wanted, now = names.split(", "), there.split(", ")
    rows = connection.execute(f'SELECT {there} FROM "{table}"'.encode()).fetchall()
    found = [dict(zip(now, row, strict=True)) for row in rows]
    for row in found:
        if isinstance(packed := row.get("content"), bytes):
            row |= dict(zip(PARTS, unpack(packed), strict=True))
    return [{name: plain(name, row.get(name)) for name in wanted} for row in found]


def lost_on_server(before: Rows, url: str) -> set[str]:
    """The same as `lost`, of a database on a server."""
    migrated(url)
    now = rows_on_server(url, {table: columns for table, (columns, _) in before.items()})
    return differing(before, now)
