"""Replace re-extracted texts, with everything derived from them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence

from sqlalchemy import Connection, delete, select

from archive.database.engine import Database
from archive.database.schema import texts
from archive.database.statements import batches
from archive.database.writers import retried
from archive.texts.later_texts import text_locks
from archive.texts.prepared_texts import gist_of, prepare
from archive.texts.texts import TEXT_COLUMNS, TextRow, insert_texts, whole_text
from archive.texts.version_rows import add_texts, forget_texts, keep_texts

_BATCH = 500
_FEW = 100
"""Texts in memory: each takes up to 100 KB."""


def versions_of(database: Database, record_ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the extractor version of each of these records that has a text."""
    for batch in batches(record_ids, _BATCH):
        query = select(texts.c.record_id, texts.c.version).where(texts.c.record_id.in_(batch))
        with database.reading() as connection:
            rows = connection.execute(query).all()
        yield from ((record_id, version or "") for record_id, version in rows)


def texts_of_segment(database: Database, segment: str, but: Container[str] = ()) -> Iterator[TextRow]:
    """Yield the texts of a segment, except those of some records and those that the database has damaged."""
    with database.reading() as connection:
        ids = connection.execute(select(texts.c.record_id).where(texts.c.segment == segment)).scalars().all()
    for some in batches((record_id for record_id in ids if record_id not in but), _FEW):
        yield from texts_among(database, some).values()


def texts_among(database: Database, record_ids: Iterable[str]) -> dict[str, TextRow]:
    """Return those texts of some records, by record id, that the database has, without damaged ones."""
    found: dict[str, TextRow] = {}
    for batch in batches(record_ids, _BATCH):
        with database.reading() as connection:
            rows = connection.execute(select(*TEXT_COLUMNS).where(texts.c.record_id.in_(batch))).all()
        found |= {row.record_id: text for row in rows if (text := whole_text(row))}
    return found


def has_texts(database: Database, segment: str) -> bool:
    """Return whether the index has texts of a segment."""
    with database.reading() as connection:
        return (
            connection.execute(select(texts.c.record_id).where(texts.c.segment == segment).limit(1)).first() is not None
        )


@retried
def replace_texts(
    database: Database,
    segment: str,
    rows: Sequence[TextRow],
    *,
    fence: Callable[[Connection], None] = lambda _: None,
) -> int:
    """Replace some texts of a segment in one transaction, and return how many changed.

    Search and change events are updated. Other rows stay. What the `fence` raises in the transaction ends it.
    """
    there = texts_among(database, [row.record_id for row in rows])
    others = [row for row in rows if there.get(row.record_id) != row]
    if others:
        kept = {row.record_id: row for row in others if _says_the_same(row, there.get(row.record_id))}
        new = [row for row in others if row.record_id not in kept]
        before = [there[row.record_id] for row in new if row.record_id in there]
        ready = prepare(database.engine.dialect.name, [(row.title, row.text) for row in (*new, *before)])
        gists = {record_id: gist_of(row.title, row.text or "") for record_id, row in kept.items()}
        with database.beside(*text_locks(database, segment)) as connection:
            fence(connection)
            forget_texts(connection, [row.record_id for row in new], ready)
            for batch in batches([row.record_id for row in others], _BATCH):
                connection.execute(delete(texts).where(texts.c.record_id.in_(batch)))
            insert_texts(connection, others)
            keep_texts(connection, kept.values(), gists)
            add_texts(connection, segment, ready)
    return len(others)


def _says_the_same(row: TextRow, before: TextRow | None) -> bool:
    """Return whether words and sketch of a text stay: of new texts by a newer extractor, most have the same words."""
    if before is None or row.state != "done" or before.state != "done":
        return False
    return (row.title or "", row.text or "") == (before.title or "", before.text or "")
