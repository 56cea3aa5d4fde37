"""Write tags and notes on snapshots: each change is noted for the ledger in the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from archive.database.engine import Database
from archive.texts.snapshot_notes import SnapshotNote, notes_in, write_notes
from scheduler import unsaved


def change_notes(
    database: Database,
    records: Collection[str],
    change: Callable[[Mapping[str, SnapshotNote]], Sequence[SnapshotNote]],
) -> Sequence[SnapshotNote]:
    """Write what `change` makes of the present notes on some captures, all or none, and return it.

    It gets them by record id, read in the transaction that writes: no other change comes between. What it raises leaves
    all as it was. Raises DatabaseUnusable.
    """
    with database.writing() as connection:
        notes = change(notes_in(connection, records))
        write_notes(connection, notes)
        unsaved.note(connection, "note", [(note.record_id,) for note in notes])
    return notes
