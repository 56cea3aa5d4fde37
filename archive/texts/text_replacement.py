"""Replace re-extracted texts, with everything derived from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import delete, select

from archive.database.engine import Database
from archive.database.schema import texts
from archive.database.statements import batches
from archive.texts.prepared_texts import prepare
from archive.texts.texts import TEXT_COLUMNS, TextRow, insert_texts, whole_text
from archive.texts.version_rows import add_texts, forget_texts

_BATCH = 500


def versions_of(database: Database, record_ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the extractor version of each of these records that has a text."""
    for batch in batches(record_ids, _BATCH):
        query = select(texts.c.record_id, texts.c.version).where(texts.c.record_id.in_(batch))
        with database.reading() as connection:
            rows = connection.execute(query).all()
        yield from ((record_id, version or "") for record_id, version in rows)


def texts_of_segment(database: Database, segment: str) -> dict[str, TextRow]:
    """Return the texts of a segment, by record id, without those that the database has damaged."""
    with database.reading() as connection:
        rows = connection.execute(select(*TEXT_COLUMNS).where(texts.c.segment == segment)).all()
    return {row.record_id: text for row in rows if (text := whole_text(row))}


def replace_texts(database: Database, segment: str, rows: Sequence[TextRow]) -> int:
    """Replace texts of a segment in one transaction, and return how many changed.

    Search and change events are updated. Other rows stay.
    """
    there = texts_of_segment(database, segment)
    others = [row for row in rows if there.get(row.record_id) != row]
    if others:
        ids = [row.record_id for row in others]
        before = [there[record_id] for record_id in ids if record_id in there]
        ready = prepare(database.engine.dialect.name, [(row.title, row.text) for row in (*others, *before)])
        with database.writing() as connection:
            forget_texts(connection, ids, ready)
            for batch in batches(ids, _BATCH):
                connection.execute(delete(texts).where(texts.c.record_id.in_(batch)))
            insert_texts(connection, others)
            add_texts(connection, segment, ready)
    return len(others)
