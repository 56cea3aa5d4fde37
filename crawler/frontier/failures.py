"""What SQLite's errors mean for a frontier, as sentences that name its file."""

from __future__ import annotations

import sqlite3
from pathlib import Path


class FrontierUnwritable(Exception):
    """The disk refuses what is to be written to a frontier. The cause is SQLite's error."""


def unwritable(path: Path, error: sqlite3.Error) -> FrontierUnwritable:
    """Return an error that names the file, for one of SQLite."""
    full = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
    told = FrontierUnwritable(
        f"the disk of the frontier {path} is full: {error}"
        if full
        else f"the frontier {path} can't be written: {error}"
    )
    told.__cause__ = error
    return told
