"""Remember the last valid version of each source file, for files with mistakes and for a fast start."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.document import Document, read_document

Stamp = tuple[int, ...]
"""What changes when a file does: its modification time and size, inode, and change time, in nanoseconds and bytes."""

_FORM = 1
"""Of the table and of what is in it; versions of another form are forgotten."""
_TABLE = "CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, stamp TEXT, data TEXT, yaml TEXT) WITHOUT ROWID"
_PUT = "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)"
_YOUNG = 2_000_000_000
"""Nanoseconds. A file that was changed so shortly ago may change again and keep its stamp: some clocks are coarse."""


@dataclass(frozen=True, slots=True)
class Version:
    """The content of a file when it was last valid, and its stamp then: as values, or as text that needs YAML."""

    stamp: Stamp
    data: Any
    text: str | None

    def document(self, file: Path) -> Document:
        """Return the content, without line numbers. Raises ConfigError."""
        return Document(self.data, file) if self.text is None else read_document(self.text, file)


class LastGood:
    """An SQLite file with one row per source file.

    It never causes an error: if the directory can't be written, nothing is remembered, and a damaged file is replaced.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> dict[str, Version]:
        """Return the versions by file name."""
        if not self._file.exists():
            return {}
        try:
            with self._open() as database:
                rows = database.execute("SELECT name, stamp, data, yaml FROM files").fetchall()
                return {name: _version(*row) for name, *row in rows}
        except (OSError, ValueError, sqlite3.Error):
            return {}

    def keep(self, versions: Mapping[str, Version], removed: Collection[str] = ()) -> None:
        """Remember versions, and forget removed files."""
        if not versions and not removed:
            return
        with suppress(OSError, sqlite3.Error):
            self._file.parent.mkdir(exist_ok=True)
            with self._open() as database:
                now = self._now()
                database.executemany(_PUT, (_row(name, version, now) for name, version in versions.items()))
                database.executemany("DELETE FROM files WHERE name = ?", [(name,) for name in removed])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open a connection in a transaction. A damaged file is removed, so that the next call creates it again."""
        try:
            with closing(sqlite3.connect(self._file)) as database, database:
                _prepare(database)
                yield database
        except sqlite3.OperationalError:  # locked, or on a full disk: the file may be valid
            raise
        except sqlite3.DatabaseError:
            self._file.unlink(missing_ok=True)
            raise

    def _now(self) -> int:
        """Return the current time of the file system, whose times are part of stamps."""
        os.utime(self._file)
        return self._file.stat().st_mtime_ns


def _prepare(database: sqlite3.Connection) -> None:
    [form] = database.execute("PRAGMA user_version").fetchone()
    if form != _FORM:
        database.execute("DROP TABLE IF EXISTS files")
        database.execute(_TABLE)
        database.execute(f"PRAGMA user_version = {_FORM}")


def _version(stamp: str, data: str, text: str | None) -> Version:
    return Version(tuple(json.loads(stamp)), json.loads(data), text)


def _row(name: str, version: Version, now: int) -> tuple[str, str, str, str | None]:
    """Return the row of a version. It holds the text only if JSON can't represent the values, dates for instance."""
    stamp = version.stamp if all(now - version.stamp[at] > _YOUNG for at in (0, 3)) else ()
    data = _as_json(version.data)
    return name, json.dumps(stamp), data or "null", None if data else version.text


def _as_json(data: Any) -> str | None:
    try:
        text = json.dumps(data, allow_nan=False)
    except (TypeError, ValueError):
        return None
    return text if json.loads(text) == data else None
