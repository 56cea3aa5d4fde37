"""Find captures by the ids of their WARC records, and delete the rows of those that are purged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, delete, or_, select

from archive.database.engine import Database
from archive.database.schema import captures, damaged, events, items, messages, segments, texts, watch_hits
from archive.database.statements import batches
from archive.database.time_limit import time_limit
from archive.index.row_counts import forget_count
from archive.index.rows import capture_of, select_captures
from archive.values.capture import Capture
from archive.values.urlkey import urlkey

_BATCH = 500
_LONGEST = 20.0
"""Seconds to search all captures."""


def capture_named(database: Database, name: str) -> Capture | None:
    """Return the capture of a record by its WARC-Record-ID, with or without its brackets and ``urn:uuid:``.

    None if there is none. Raises QueryTooLong, as `capture_of_record`.
    """
    plain = name_of(name)
    found = (capture_of_record(database, record_id) for record_id in (f"<urn:uuid:{plain}>", f"<{plain}>"))
    return next((capture for capture in found if capture), None)


def name_of(record_id: str) -> str:
    """Return what is left of a record id without its brackets and ``urn:uuid:``."""
    return record_id.strip("<>").removeprefix("urn:uuid:")


def capture_of_record(database: Database, record_id: str) -> Capture | None:
    """Return the capture of a record, given as ``<urn:uuid:…>``; None if there is none.

    The row of its text leads to a capture with a text at once. Without one, all captures are searched: an index by
    random ids would slow down every crawl. Raises QueryTooLong if that takes longer than 20 s.
    """
    named = select_captures().where(captures.c.record_id == record_id).order_by(captures.c.id).limit(1)
    with database.reading() as connection:
        text = connection.execute(select(texts.c.url, texts.c.at).where(texts.c.record_id == record_id)).one_or_none()
        if text is not None:
            there = (captures.c.urlkey == urlkey(text.url), captures.c.at == text.at)
            row = connection.execute(named.where(*there)).first()
            if row is not None:
                return capture_of(row)
    with time_limit(_LONGEST), database.reading() as connection:
        row = connection.execute(named).first()
    return None if row is None else capture_of(row)


def captures_of_records(database: Database, record_ids: Collection[str]) -> list[Capture]:
    """Return the captures of records. This reads all captures: their ids have no index."""
    return list(_captures(database, record_ids, captures.c.record_id))


def revisits_of(database: Database, record_ids: Collection[str]) -> list[Capture]:
    """Return the captures whose bytes are in one of these records, over any number of references."""
    found, wanted = dict[str, Capture](), set(record_ids)
    while wanted:
        more = _captures(database, wanted, captures.c.refers_to_record)
        fresh = {one.record_id: one for one in more if one.record_id not in found and one.record_id not in record_ids}
        found |= fresh
        wanted = set(fresh)
    return list(found.values())


def items_of_records(database: Database, record_ids: Collection[str]) -> int:
    """Return how many items of users' spiders come from these records."""
    return sum(len(rows) for rows in _of_records(database, items, record_ids))


def delete_segment(database: Database, name: str, purged: Collection[str]) -> None:
    """Delete the rows of a segment, in one transaction; of the purged records, also watch hits, events and messages.

    The captures that are left come again with the rewritten segment.
    """
    from archive.texts.prepared_texts import prepare  # what reads captures needs neither, and they load the extractor
    from archive.texts.text_replacement import texts_of_segment
    from archive.texts.version_rows import forget_texts

    written = texts_of_segment(database, name)
    ready = prepare(database.engine.dialect.name, [(row.title, row.text) for row in written.values()])
    with database.writing() as connection:
        forget_texts(connection, list(written), ready)
        connection.execute(delete(texts).where(texts.c.segment == name))
        of_it = select(segments.c.id).where(segments.c.name == name).scalar_subquery()
        ids = select(captures.c.id).where(captures.c.segment_id == of_it)
        connection.execute(delete(damaged).where(damaged.c.capture_id.in_(ids)))
        connection.execute(delete(captures).where(captures.c.segment_id == of_it))
        connection.execute(delete(segments).where(segments.c.name == name))
        forget_count(connection, name)
        for batch in batches(purged, _BATCH):
            connection.execute(delete(watch_hits).where(watch_hits.c.record_id.in_(batch)))
        _delete_events(connection, purged)


def _delete_events(connection: Connection, purged: Collection[str]) -> None:
    """Delete the events of records, and the messages of them that webhooks got or wait for."""
    for batch in batches(purged, 50):
        named = or_(*(events.c.facts.contains(record_id, autoescape=True) for record_id in batch))
        ids = list(connection.scalars(select(events.c.id).where(named)))
        for some in batches(ids, _BATCH):
            connection.execute(delete(messages).where(messages.c.event.in_(some)))
            connection.execute(delete(events).where(events.c.id.in_(some)))


def _captures(database: Database, record_ids: Collection[str], column: Any) -> Iterator[Capture]:
    for batch in batches(sorted(record_ids), _BATCH):
        with database.reading() as connection:
            yield from map(capture_of, connection.execute(select_captures().where(column.in_(batch))).all())


def _of_records(database: Database, table: Any, record_ids: Collection[str]) -> Iterator[Sequence[Any]]:
    for batch in batches(sorted(record_ids), _BATCH):
        with database.reading() as connection:
            yield connection.execute(select(table.c.id).where(table.c.record_id.in_(batch))).all()
