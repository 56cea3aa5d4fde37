"""Where exports were begun and not ended: each leaves a directory beside its target, which litter finds by a mark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.values.errors import DatabaseUnusable


@contextmanager
def noted_export(database: Database, target: Path) -> Iterator[None]:
    """Note an export to `target` until it is complete: the note of one that fails or is killed stays.

    Nothing is noted in a database that can't be written: an export only reads.
    """
    from archive.export.file import workplace_of  # and with it all formats: a worker only looks for what was noted

    marks, directory = _marks(database), str(workplace_of(target.absolute()))
    with suppress(DatabaseUnusable):
        marks.set(directory, "")
    yield
    with suppress(DatabaseUnusable):
        marks.delete(directory)


def unfinished_exports(database: Database) -> list[Path]:
    """Return the directories of exports that were begun and are still there."""
    return [directory for directory in map(Path, _marks(database).all()) if directory.is_dir()]


def forget_export(database: Database, directory: Path) -> None:
    _marks(database).delete(str(directory))


def _marks(database: Database) -> Marks:
    return Marks(database, "exporting:")
