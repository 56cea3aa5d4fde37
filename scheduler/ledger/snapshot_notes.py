"""Write tags and notes on snapshots: each change is noted for the ledger in the store."""

from __future__ import annotations

from collections.abc import Collection

from archive.database.engine import Database
from archive.texts.snapshot_notes import SnapshotNote, write_notes
from scheduler import unsaved


def set_notes(database: Database, notes: Collection[SnapshotNote]) -> None:
    """Write notes instead of those before, all or none. Raises DatabaseUnusable."""
    with database.writing() as connection:
        write_notes(connection, notes)
        unsaved.note(connection, "note", [(note.record_id,) for note in notes])
