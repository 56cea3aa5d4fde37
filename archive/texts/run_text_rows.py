"""Query the texts of a run, and whether its segments are in the store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import select, tuple_

from archive.database.engine import Database
from archive.database.schema import captures, segments, texts
from archive.texts.texts import TEXT_COLUMNS, TextRow, text_row

_BATCH = 500
_KEPT = ("committed", "releasing", "released")


class PlacedText(NamedTuple):
    """A text, and the location of its record."""

    run: str
    collection: str
    source: str
    offset: int
    """The offset in the segment of the text."""
    text: TextRow


def texts_of_run(database: Database, run: str) -> Iterator[PlacedText]:
    """Yield the texts of a run's captures, in the order of the archive's files."""
    last = (-1, -1)
    here = tuple_(captures.c.segment_id, captures.c.offset)
    query = (
        select(captures.c.segment_id, captures.c.offset, captures.c.collection, captures.c.source, *TEXT_COLUMNS)
        .join(texts, texts.c.record_id == captures.c.record_id)
        .where(captures.c.run == run)
        .order_by(captures.c.segment_id, captures.c.offset)
        .limit(_BATCH)
    )
    while True:
        with database.reading() as connection:
            rows = connection.execute(query.where(here > last)).all()
        for segment, offset, collection, source, *text in rows:
            yield PlacedText(run, collection, source, offset, text_row(text))
            last = (segment, offset)
        if len(rows) < _BATCH:
            return


def runs_of(database: Database, segment: str) -> list[tuple[str, str]]:
    """Return the runs with captures in a segment, each with its collection."""
    query = (
        select(captures.c.run, captures.c.collection)
        .join(segments, captures.c.segment_id == segments.c.id)
        .where(segments.c.name == segment, captures.c.run != "")
        .distinct()
    )
    with database.reading() as connection:
        return [(run, collection) for run, collection in connection.execute(query.order_by(captures.c.run))]


def is_all_kept(database: Database, run: str) -> bool:
    """Return whether every segment with captures of a run is in the store."""
    query = (
        select(segments.c.id)
        .join(captures, captures.c.segment_id == segments.c.id)
        .where(captures.c.run == run, segments.c.state.not_in(_KEPT))
    )
    with database.reading() as connection:
        return connection.execute(query.limit(1)).first() is None
