"""The rows of a file of a spool that came back after it was given up, and that lost what was purged meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import bindparam, delete, select, update

from archive.database.engine import Database
from archive.database.schema import captures, marks, reading_jobs, segments, texts
from archive.database.statements import batches, insert_missing
from archive.index.purges.forgetting import forgetting
from archive.index.purges.given_up import STATE, take_again
from archive.index.purges.purged_marks import RECORD, SEGMENT
from archive.index.purges.rows import forget_purged, prepared_texts
from archive.index.row_counts import forget_count
from archive.texts.snapshot_notes import delete_notes

_BATCH = 500


def count_again(database: Database, segment: str) -> None:
    """Let a file that came back, and of which nothing was purged, count as any other of its spool."""
    with database.writing() as connection:
        take_again(connection, segment)


def replace_spooled(  # noqa: PLR0917 - the former file, and the new one
    database: Database, former: str, name: str, path: Path | None, purged: Mapping[str, str], moved: Mapping[int, int]
) -> None:
    """Let a rewritten file of a spool take the place of the former one, in one transaction, and note what was purged:
    each record with its take-down. Without a `path`, nothing is left of the file. `moved` are the new offsets.
    """
    ready = prepared_texts(database, purged)
    with database.writing() as connection, forgetting(connection):
        here = (segments.c.name == former, segments.c.state == STATE)
        old = connection.execute(select(segments.c.id).where(*here)).scalar()
        if old is not None:  # else the index has lost its rows: the worker adds what is left
            forget_purged(connection, old, sorted(purged), ready)
        take_again(connection, former)
        if path is None or old is None:
            connection.execute(delete(segments).where(segments.c.id == old))
        else:
            query = select(captures.c.id, captures.c.offset).where(captures.c.segment_id == old)
            rows = connection.execute(query.order_by(captures.c.offset)).all()
            end = max((row.offset for row in rows), default=0) + 1  # a capture that the file lacks keeps its mark
            places = [{"here": row.id, "there": moved.get(row.offset, end + row.offset)} for row in rows]
            move = update(captures).where(captures.c.id == bindparam("here")).values(offset=bindparam("there"))
            if places:  # in their order: none takes the place of one that has not moved yet
                connection.execute(move, places)
            connection.execute(update(segments).where(segments.c.id == old).values(name=name, path=str(path)))
            for table in (texts, reading_jobs):
                connection.execute(update(table).where(table.c.segment == former).values(segment=name))
        forget_count(connection, former)
        names = {SEGMENT + former: name, **{RECORD + record: takedown for record, takedown in purged.items()}}
        rows_of_marks = [{"name": each, "value": value} for each, value in names.items()]
        for batch in batches(rows_of_marks, _BATCH):
            connection.execute(insert_missing(connection, marks, "name"), batch)
        for records in batches(sorted(purged), _BATCH):
            delete_notes(connection, records)
