"""Where records are that purges have moved: who has a row from before a purge looks there."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from archive.database.engine import Database
from archive.database.schema import captures, marks, segments
from archive.index.purges.purged_marks import SEGMENT
from archive.values.capture import Location


def place_now(database: Database, where: Location, record_id: str) -> Location | None:
    """Return where a record of a segment is now that purges have rewritten it, once or several times.

    None if no purge did, or if the record was purged; also if its id is not its own, or none.
    """
    name = where.segment
    with database.reading() as connection:
        while new := connection.execute(select(marks.c.value).where(marks.c.name == SEGMENT + name)).scalar():
            name = new
        if name == where.segment or not record_id:
            return None
        of = segments.c.id == captures.c.segment_id
        query = select(captures.c.offset).join(segments, of).where(segments.c.name == name)
        offsets = connection.execute(query.where(captures.c.record_id == record_id).limit(2)).scalars().all()
    return replace(where, segment=name, offset=offsets[0]) if len(offsets) == 1 else None
