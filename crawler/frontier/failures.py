"""What errors of SQLite and of the disk mean for a frontier, as sentences that name its file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from archive.values.disk import refusal_behind
from archive.values.errors import DatabaseUnusable
from archive.values.os_errors import is_full, meaning_of


class FrontierUnwritable(Exception):
    """The disk refuses what is to be written to a frontier. The cause is the error of SQLite or of the system.

    It `lasts` unless the disk is full, or accepts no files whatever their names: that ends some day.
    """

    def __init__(self, sentence: str, *, lasts: bool = False) -> None:
        super().__init__(sentence)
        self.lasts = lasts


def unwritable(path: Path, error: sqlite3.Error | OSError) -> FrontierUnwritable:
    """Return an error that names the file, for one of SQLite or of the system."""
    refusal = error if isinstance(error, OSError) else refusal_behind(error, path)
    full = is_full(error) or is_full(refusal)
    unsaved = f"Pressmark can't save the URLs that it has still to fetch, in {path}"
    why = refusal.strerror if refusal else error
    sentence = f"the disk is full, so {unsaved}: {why}; make space on the disk" if full else f"{unsaved}: {why}"
    failure = FrontierUnwritable(sentence, lasts=not full and meaning_of(refusal) is None)
    failure.__cause__ = error
    return failure


def continues(error: BaseException) -> bool:
    """Return whether a run that met this error continues by itself, once the disk or the database accepts writes."""
    if isinstance(error, FrontierUnwritable):
        return not error.lasts
    return isinstance(error, DatabaseUnusable) or meaning_of(error) is not None
