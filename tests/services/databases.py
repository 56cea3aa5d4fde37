"""Databases of tests that are about something else: migrated once in a process, and copied from then on."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.database.engine import Database, open_database


def database_at(file: Path) -> Database:
    """The database there, at the newest revision; an empty one where none is."""
    if not file.exists():
        file.write_bytes(_empty())
    return open_database(f"sqlite:///{file}")


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as directory:
        file = Path(directory) / "empty.db"
        open_database(f"sqlite:///{file}").close()
        return file.read_bytes()
