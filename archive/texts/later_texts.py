"""Add the texts of a segment after its captures, a few at a time: all of them may take more memory than all else.

The count of the rows of a segment has them, and one more, until all are added (`Index.commit_captures`): what an
interruption leaves out is noticed, and read again from the store.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select

from archive.database.schema import captures, segments
from archive.database.writers import retried, segment_lock
from archive.texts.texts import TextRow, insert_texts

if TYPE_CHECKING:
    from archive.database.engine import Database
    from archive.texts.prepared_texts import Ready
    from archive.texts.preparing_pool import PreparingPool

_SHARES = 32
"""Locks of the pages of all sources: a segment may have captures of thousands of sources."""
AT_ONCE = 200
"""Texts of a transaction: each takes up to 100 KB with its Markdown, words and sketch."""


def capture_ids(database: Database, segment: str) -> dict[str, int]:
    """Return the ids of the captures of a segment in the index, by record id."""
    query = select(captures.c.record_id, captures.c.id).join(segments, captures.c.segment_id == segments.c.id)
    with database.reading() as connection:
        return {row.record_id: row.id for row in connection.execute(query.where(segments.c.name == segment))}


def text_locks(
    database: Database, segment: str, sources: Iterable[str] = (), ids: Collection[int] | None = None
) -> tuple[str, ...]:
    """Return the locks of who adds or replaces texts of a segment: its own, and those of the pages of its sources.

    A text version depends on the others of its page, which may come from other segments. `sources` are those of
    captures that are not in the index yet. `ids` are those of the captures whose texts are written; None: all.
    """
    if database.engine.dialect.name == "sqlite":
        return ()
    query = select(captures.c.source).distinct()
    if ids is None:
        query = query.join(segments, captures.c.segment_id == segments.c.id).where(segments.c.name == segment)
    else:
        query = query.where(captures.c.id.in_(list(ids)))
    with database.reading() as connection:
        there = set(connection.execute(query).scalars())
    pages = {f"texts {zlib.crc32(source.encode()) % _SHARES}" for source in there.union(sources)}
    return segment_lock(segment), *sorted(pages)


def prepare_some(database: Database, rows: Iterable[TextRow], pool: PreparingPool | None = None) -> Ready:
    """Prepare those of some texts that are not added yet, for `add_some`: it may take long."""
    from archive.texts.prepared_texts import prepare  # most commands write no texts
    from archive.texts.version_rows import added_among

    there = list(rows)
    with database.reading() as connection:
        added = added_among(connection, [row.record_id for row in there])
    fresh = [(row.title, row.text) for row in there if row.record_id not in added]
    return (pool.prepare if pool else prepare)(database.engine.dialect.name, fresh)


@retried
def add_some(database: Database, segment: str, rows: Sequence[TextRow], ready: Ready, ids: Mapping[str, int]) -> None:
    """Add some texts of a segment in one transaction, and announce nothing. `ids` has what `capture_ids` returned."""
    from archive.texts.version_rows import add_texts

    some = {row.record_id: ids[row.record_id] for row in rows if row.record_id in ids}
    with database.beside(*text_locks(database, segment, ids=some.values())) as connection:
        are_new = insert_texts(connection, rows)
        if some:
            add_texts(connection, segment, ready, some, given=rows if are_new else ())


@retried
def keep_some(database: Database, rows: Sequence[TextRow]) -> None:
    """Write some texts, which `Index.note_texts` adds by time when all are there."""
    with database.beside(*{segment_lock(row.segment) for row in rows}) as connection:
        insert_texts(connection, rows)
