"""Remember the last valid version of each source file, for files with mistakes and for a fast start."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from config.errors import ConfigError
from config.files.document import Document, read_document
from config.files.stamp import Stamp
from config.source import Source
from config.source_files.described_sources import DescribedSources
from config.source_files.parse import sources_in

_FORM = 2
"""The version of the table and its content; rows of another version are ignored."""
_TABLE = """CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, modified INTEGER, size INTEGER, inode INTEGER,
    changed INTEGER, data TEXT, yaml TEXT, sources TEXT, rules TEXT) WITHOUT ROWID"""
_PUT = "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_GET = "SELECT name, modified, size, inode, changed, data, yaml, sources, rules FROM files"
_ENCODER = json.JSONEncoder(allow_nan=False)
_NO_STAMP: Stamp = (0, 0, 0, 0)
_YOUNG = 2_000_000_000
"""Nanoseconds. A file changed within this time may change again and keep its stamp, since some clocks are coarse."""


class Version(NamedTuple):
    """The content of a file when it was last valid, and its stamp then: as JSON, or as YAML where JSON can't."""

    stamp: Stamp
    said: str | None
    text: str | None
    sources: tuple[str, ...]
    """Their names."""
    rules: str
    """The `rules` under which it was good."""

    def document(self) -> Document:
        """Return the content, without line numbers. Raises ConfigError."""
        return read_document(self.text or "") if self.said is None else Document(json.loads(self.said), None)

    def described(self) -> DescribedSources | None:
        """Return its sources; None where they are invalid by rules that have changed. Validates nothing by the same."""
        if self.said is not None and self.rules == rules():
            return DescribedSources(self.sources, self.said)
        try:
            sources = sources_in(self.document())
        except ConfigError:
            return None
        return DescribedSources(tuple(source.name for source in sources), self.said, None if self.said else sources)

    def renewed(self, good: DescribedSources) -> Version:
        """Return it as good under the rules of now."""
        return self._replace(sources=good.names, rules=rules())


def version_of(stamp: Stamp, data: Any, text: str, sources: Sequence[Source]) -> Version:
    """Return the version of a file that is good now."""
    said = _as_json(data)
    return Version(stamp, said, text if said is None else None, tuple(source.name for source in sources), rules())


@cache
def rules() -> str:
    """Return 16 hexadecimal digits that change when what makes a source valid may have: with this package."""
    code = (file.read_bytes() for file in sorted(Path(__file__).parents[1].rglob("*.py")))
    return hashlib.sha256(b"\0".join(code)).hexdigest()[:16]


class LastGood:
    """An SQLite file with one row per source file.

    It never causes an error: if the directory can't be written, nothing is remembered, and a damaged file is replaced.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> dict[str, Version]:
        """Return the versions by file name."""
        try:
            if not self._file.exists():
                return {}
            with self._open() as database:
                return {row[0]: _version(row) for row in database.execute(_GET)}
        except (OSError, ValueError, sqlite3.Error):
            return {}

    def store(self, versions: Mapping[str, Version], removed: Collection[str] = ()) -> None:
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


def _version(row: tuple[Any, ...]) -> Version:
    return Version(row[1:5], row[5], row[6], tuple(str(row[7]).split()), row[8])


def _row(name: str, version: Version, now: int) -> tuple[str | int | None, ...]:
    stamp = version.stamp if all(now - version.stamp[at] > _YOUNG for at in (0, 3)) else _NO_STAMP
    return (name, *stamp, version.said, version.text, " ".join(version.sources), version.rules)


def _as_json(data: Any) -> str | None:
    """Return plain values as JSON; None where JSON can't say all of them: dates, for instance."""
    try:
        text = _ENCODER.encode(data)
    except (TypeError, ValueError):
        return None
    return text if json.loads(text) == data else None
