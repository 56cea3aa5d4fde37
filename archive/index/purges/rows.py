"""The rows of segments that purges rewrite, and the marks of records and objects that may not come back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from archive.database.engine import Database
from archive.database.schema import (
    captures,
    copies,
    damaged,
    events,
    items,
    marks,
    messages,
    objects,
    segments,
    texts,
    watch_hits,
)
from archive.database.statements import batches, insert_missing
from archive.index.objects import PURGED, note_objects
from archive.index.row_counts import forget_count, note_rows
from archive.index.rows import capture_of, select_captures
from archive.texts.texts import TEXT_COLUMNS, whole_text
from archive.values.capture import WITH_PAYLOAD, Capture

if TYPE_CHECKING:
    from archive.index.index import Index
    from archive.warc.manifest import Manifest

RECORD, SEGMENT, LEFT, BEGUN = (f"purged/{what}/" for what in ("record", "segment", "left", "begun"))
"""The beginnings of the names of marks: of records and segments that were purged, of what is still to be deleted in a
place, and of rewritten objects that have no manifest yet. `archive.index.objects.PURGED` is that of objects.
"""
_BATCH = 500
_ROWS = 5000


def needing(index: Index, purged: Collection[Capture]) -> dict[str, list[Capture]]:
    """Return the captures outside of `purged` that take their bytes from these, by the record ids that they need.

    Each reference on the way from a capture to its bytes counts. This reads all revisits.
    """
    ids = {one.record_id for one in purged}
    digests = {digest for one in purged for digest in (one.digest, one.sha256) if digest}
    found, wanted = dict[str, list[Capture]](), ids
    seen = set(ids)
    while wanted:
        more = [one for one in _revisits(index.database, wanted, digests) if one.record_id not in seen]
        for one in more:
            for needed in index.ancestry(one):
                if needed.record_id in ids:
                    found.setdefault(needed.record_id, []).append(one)
        wanted, digests = {one.record_id for one in more}, set()
        seen |= wanted
    return found


def revisits_of(database: Database, record_ids: Collection[str]) -> Iterator[Capture]:
    """Yield the revisits that refer to one of these records."""
    return _revisits(database, record_ids, ())


def purged_among(database: Database, record_ids: Iterable[str]) -> dict[str, str]:
    """Return which of these records were purged, and by which take-down."""
    return _marked(database, RECORD, record_ids)


def purged_records(database: Database) -> frozenset[str]:
    """Return the ids of all purged records."""
    query = select(marks.c.name).where(marks.c.name.startswith(RECORD, autoescape=True))
    with database.reading() as connection:
        return frozenset(name.removeprefix(RECORD) for name in connection.execute(query).scalars())


def purged_counts(database: Database) -> dict[str, int]:
    """Return how many records each take-down has purged, by its id."""
    query = select(marks.c.value, func.count()).where(marks.c.name.startswith(RECORD, autoescape=True))
    with database.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query.group_by(marks.c.value))}


def is_purged(database: Database, segment: str) -> bool:
    """Return whether a purge has rewritten a segment: its former file may not be shipped again."""
    return bool(_marked(database, SEGMENT, [segment]))


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A segment that a purge has rewritten."""

    former: Manifest
    manifest: Manifest
    captures: Sequence[Capture]
    """Those that are left, with their new places."""
    gone: Sequence[str]
    """The keys of all former objects."""
    places: Sequence[str]
    """The stores that may have them: the first one, and each replica by its name."""


def replace_segment(database: Database, new: Rewritten, at: datetime) -> None:
    """Let a rewritten segment take the place of the former one, in one transaction. Repeating it is harmless."""
    former, manifest, gone, places = new.former, new.manifest, new.gone, new.places
    assert manifest.replaces is not None, "only a purge replaces a segment"
    purged, where = manifest.replaces.purged, defaultdict[str, list[int]](list)
    for one in sorted(new.captures, key=lambda one: one.location.offset, reverse=True):
        where[one.record_id].append(one.location.offset)
    ready = _prepared(database, purged)
    with database.writing() as connection:
        old = connection.execute(select(segments).where(segments.c.name == former.segment)).one_or_none()
        if old is not None:
            row = _row_of(connection, old, manifest, at)
            _forget_purged(connection, old.id, purged, ready)
            _move(connection, old.id, row, where, manifest.warc.size)
            connection.execute(update(texts).where(texts.c.segment == former.segment).values(segment=manifest.segment))
            connection.execute(delete(segments).where(segments.c.id == old.id))
            forget_count(connection, former.segment)
            note_rows(connection, [manifest.segment])
            note_objects(connection, manifest, at)
        _forget_objects(connection, gone)
        _note(connection, former, manifest, gone, places)


def _row_of(connection: Connection, old: Any, manifest: Manifest, at: datetime) -> int:
    """Create the row of the rewritten segment, and return its id."""
    values = {**old._mapping, "name": manifest.segment, "worker": manifest.worker, "state": "released", "path": None}
    values |= {"object_key": manifest.warc.key, "manifest_key": manifest.key, "sha256": manifest.warc.sha256}
    values |= {"size": manifest.warc.size, "records": manifest.records, "problem": None, "committed_at": at}
    del values["id"]
    connection.execute(insert_missing(connection, segments, "name"), values)
    return int(connection.execute(select(segments.c.id).where(segments.c.name == manifest.segment)).scalar_one())


def _move(connection: Connection, old: int, new: int, where: Mapping[str, list[int]], size: int) -> None:
    """Let the captures of a segment point into the rewritten one.

    One that the former file did not have, as it was damaged before its upload, keeps its mark; its offset is behind
    the end.
    """
    columns = (captures.c.id, captures.c.record_id, captures.c.offset)
    query = select(*columns).where(captures.c.segment_id == old).order_by(captures.c.offset)
    rows = connection.execute(query).all()
    held = set(connection.execute(select(captures.c.offset).where(captures.c.segment_id == new)).scalars())
    left = {record: list(offsets) for record, offsets in where.items()}  # a foreign file may use an id twice
    moves = [{"here": row.id, "there": _place(left.get(row.record_id), size + 1 + row.offset)} for row in rows]
    known = [move["here"] for move in moves if move["there"] in held]  # another version indexed it beside the former
    _delete_captures(connection, known)
    fresh = [move for move in moves if move["there"] not in held]
    if fresh:
        moved = update(captures).where(captures.c.id == bindparam("here"))
        connection.execute(moved.values(segment_id=new, offset=bindparam("there")), fresh)


def _place(offsets: list[int] | None, otherwise: int) -> int:
    return offsets.pop() if offsets else otherwise


def _forget_purged(connection: Connection, segment: int, purged: Sequence[str], ready: Any) -> None:
    """Delete the rows of purged records: captures, texts with their words, items, hits of watches, events, messages."""
    from archive.texts.version_rows import forget_texts  # what reads captures needs none of it

    for batch in batches(purged, _BATCH):
        there = (captures.c.segment_id == segment, captures.c.record_id.in_(batch))
        _delete_captures(connection, list(connection.execute(select(captures.c.id).where(*there)).scalars()))
        forget_texts(connection, batch, ready)
        connection.execute(delete(texts).where(texts.c.record_id.in_(batch)))
        connection.execute(delete(watch_hits).where(watch_hits.c.record_id.in_(batch)))
    _delete_events(connection, purged)


def _delete_captures(connection: Connection, ids: Sequence[int]) -> None:
    for batch in batches(ids, _BATCH):
        connection.execute(delete(damaged).where(damaged.c.capture_id.in_(batch)))
        connection.execute(delete(captures).where(captures.c.id.in_(batch)))


def _delete_events(connection: Connection, purged: Collection[str]) -> None:
    """Delete the events of records, and the messages of them that webhooks got or wait for."""
    for batch in batches(purged, 50):
        named = or_(*(events.c.facts.contains(record_id, autoescape=True) for record_id in batch))
        ids = list(connection.scalars(select(events.c.id).where(named)))
        for some in batches(ids, _BATCH):
            connection.execute(delete(messages).where(messages.c.event.in_(some)))
            connection.execute(delete(events).where(events.c.id.in_(some)))


def _forget_objects(connection: Connection, keys: Sequence[str]) -> None:
    for batch in batches(keys, _BATCH):
        known = select(objects.c.id).where(objects.c.key.in_(batch))
        connection.execute(delete(copies).where(copies.c.object_id.in_(known)))
        connection.execute(delete(objects).where(objects.c.key.in_(batch)))


def _note(connection: Connection, former: Manifest, new: Manifest, gone: Sequence[str], places: Iterable[str]) -> None:
    """Note what may not come back, and what is still to be deleted."""
    assert new.replaces is not None
    names = {SEGMENT + former.segment: new.segment}
    names |= {PURGED + key: former.key for key in gone}
    names |= {RECORD + record: new.replaces.takedown for record in new.replaces.purged}
    names |= {f"{LEFT}{place}/{former.key}": former.sha256 for place in places}
    rows = [{"name": name, "value": value} for name, value in names.items()]
    for batch in batches(rows, _BATCH):
        connection.execute(insert_missing(connection, marks, "name"), batch)
    connection.execute(delete(marks).where(marks.c.name == BEGUN + former.key))


def with_items(database: Database, record_ids: Iterable[str]) -> set[str]:
    """Return the records of which a user's spider made items."""
    found = set[str]()
    for batch in batches(record_ids, _BATCH):
        with database.reading() as connection:
            found.update(connection.execute(select(items.c.record_id).where(items.c.record_id.in_(batch))).scalars())
    return found


def _prepared(database: Database, records: Iterable[str]) -> Any:
    """Prepare the words of texts for their removal, before the transaction."""
    from archive.texts.prepared_texts import prepare

    said = list[tuple[str | None, str | None]]()
    for batch in batches(records, _BATCH):
        with database.reading() as connection:
            rows = connection.execute(select(*TEXT_COLUMNS).where(texts.c.record_id.in_(batch))).all()
        said += [(text.title, text.text) for row in rows if (text := whole_text(row))]
    return prepare(database.engine.dialect.name, said)


def _revisits(database: Database, ids: Collection[str], digests: Collection[str]) -> Iterator[Capture]:
    """Yield the revisits that may have their bytes in these records: by reference, or by digest."""
    after = 0
    query = select(captures.c.id, captures.c.refers_to_record, captures.c.digest, captures.c.sha256)
    query = query.where(captures.c.kind.not_in(WITH_PAYLOAD)).order_by(captures.c.id).limit(_ROWS)
    while True:
        with database.reading() as connection:
            rows = connection.execute(query.where(captures.c.id > after)).all()
        near = [row.id for row in rows if row[1] in ids or row[2] in digests or row[3] in digests]
        for batch in batches(near, _BATCH):
            with database.reading() as connection:
                found = connection.execute(select_captures().where(captures.c.id.in_(batch))).all()
            yield from map(capture_of, found)
        if len(rows) < _ROWS:
            return
        after = rows[-1].id


def _marked(database: Database, kind: str, names: Iterable[str]) -> dict[str, str]:
    found = dict[str, str]()
    for batch in batches(names, _BATCH):
        with database.reading() as connection:
            query = select(marks).where(marks.c.name.in_([kind + name for name in batch]))
            found |= {row.name.removeprefix(kind): row.value for row in connection.execute(query)}
    return found
