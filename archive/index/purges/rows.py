"""The rows of segments that purges rewrite."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from archive.database.engine import Database
from archive.database.marks import CHECKS
from archive.database.schema import (
    captures,
    copies,
    damaged,
    events,
    machine_texts,
    marks,
    messages,
    objects,
    reading_jobs,
    segments,
    texts,
    watch_hits,
)
from archive.database.statements import batches, begins_with, insert_missing, insert_or_replace
from archive.index.objects import PURGED, note_objects
from archive.index.purges.forgetting import forgetting
from archive.index.purges.purged_marks import BEGUN, BY, LEFT, RECORD, SEGMENT
from archive.index.row_counts import forget_count, note_rows
from archive.texts.snapshot_notes import delete_notes
from archive.texts.texts import TEXT_COLUMNS, whole_text
from archive.values.capture import Capture

if TYPE_CHECKING:
    from archive.warc.manifest import Manifest

_READING = "reading/"
"""The beginning of the names of what readers marked: `archive.index.reading_marks`."""
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A segment that a purge has rewritten."""

    former: Manifest
    manifest: Manifest
    purged: Mapping[str, str]
    """The records that the rewritten segment does not have any more, each with its take-down."""
    by: str
    """Who purged, and when."""
    captures: Sequence[Capture]
    """Those that are left, with their new places."""
    gone: Sequence[str]
    """The keys of all former objects."""
    places: Sequence[str]
    """The stores that may have them: the first one, and each replica by its name."""


def replace_segment(database: Database, new: Rewritten, at: datetime) -> None:
    """Let a rewritten segment take the place of the former one, in one transaction. Repeating it is harmless."""
    former, manifest, purged = new.former, new.manifest, sorted(new.purged)
    where = defaultdict[str, list[int]](list)
    for one in sorted(new.captures, key=lambda one: one.location.offset, reverse=True):
        where[one.record_id].append(one.location.offset)
    ready = prepared_texts(database, purged)
    with database.writing() as connection, forgetting(connection):
        old = connection.execute(select(segments).where(segments.c.name == former.segment)).one_or_none()
        if old is not None:
            row = _row_of(connection, old, manifest, at)
            forget_purged(connection, old.id, purged, ready)
            _move(connection, old.id, row, where, manifest.warc.size)
            for table in (texts, reading_jobs):
                here = table.c.segment == former.segment
                connection.execute(update(table).where(here).values(segment=manifest.segment))
            connection.execute(delete(segments).where(segments.c.id == old.id))
            forget_count(connection, former.segment)
            note_rows(connection, [manifest.segment])
            note_objects(connection, manifest, at)
        _forget_objects(connection, new.gone)
        _note(connection, new)


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


def forget_purged(connection: Connection, segment: int, purged: Sequence[str], ready: Any) -> None:
    """Delete the rows of purged records: captures, checks of their replay, what readers marked, texts with their words,
    hits of watches with what a language model wrote of them, events, messages.
    """
    from archive.texts.version_rows import forget_texts  # what reads captures needs none of it

    for batch in batches(purged, _BATCH):
        there = (captures.c.segment_id == segment, captures.c.record_id.in_(batch))
        found = connection.execute(select(captures.c.id, captures.c.run, captures.c.record_id).where(*there)).all()
        checks = [f"{CHECKS}{row.run}/{row.record_id}" for row in found]
        connection.execute(delete(marks).where(marks.c.name.in_(checks)))
        _delete_captures(connection, [row.id for row in found])
        forget_texts(connection, batch, ready)
        connection.execute(delete(texts).where(texts.c.record_id.in_(batch)))
        hits = select(watch_hits.c.id).where(watch_hits.c.record_id.in_(batch))
        connection.execute(delete(machine_texts).where(machine_texts.c.hit.in_(hits)))
        connection.execute(delete(watch_hits).where(watch_hits.c.record_id.in_(batch)))
    _delete_reading_marks(connection, frozenset(purged))
    _delete_events(connection, purged)


def _delete_reading_marks(connection: Connection, purged: Collection[str]) -> None:
    names = connection.scalars(select(marks.c.name).where(begins_with(marks.c.name, _READING)))
    for batch in batches([name for name in names if name.rpartition("/")[2] in purged], _BATCH):
        connection.execute(delete(marks).where(marks.c.name.in_(batch)))


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


def _note(connection: Connection, new: Rewritten) -> None:
    """Note what may not come back, and what is still to be deleted."""
    former = new.former
    names = {SEGMENT + former.segment: new.manifest.segment}
    names |= {PURGED + key: former.key for key in (*new.gone, former.key)}
    names |= {RECORD + record: takedown for record, takedown in new.purged.items()}
    names |= {f"{LEFT}{place}/{former.key}": former.sha256 for place in new.places}
    rows = [{"name": name, "value": value} for name, value in names.items()]
    for batch in batches(rows, _BATCH):
        connection.execute(insert_missing(connection, marks, "name"), batch)
    by = [{"name": BY + takedown, "value": new.by} for takedown in set(new.purged.values())]
    if by:
        connection.execute(insert_or_replace(connection, marks, "name"), by)
    connection.execute(delete(marks).where(marks.c.name == BEGUN + former.key))
    for records in batches(sorted(new.purged), _BATCH):  # a rebuild restores notes of the ledger before it reads this
        delete_notes(connection, records)


def prepared_texts(database: Database, records: Iterable[str]) -> Any:
    """Prepare the words of texts for their removal, before the transaction."""
    from archive.texts.prepared_texts import prepare

    said = list[tuple[str | None, str | None]]()
    for batch in batches(records, _BATCH):
        with database.reading() as connection:
            rows = connection.execute(select(*TEXT_COLUMNS).where(texts.c.record_id.in_(batch))).all()
        said += [(text.title, text.text) for row in rows if (text := whole_text(row))]
    return prepare(database.engine.dialect.name, said)
