"""The tags and notes that people gave to snapshots."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, bindparam, delete, func, insert, select, tuple_

from archive.database.columns import moment
from archive.database.engine import Database
from archive.database.prepared import Query
from archive.database.schema import snapshot_notes, snapshot_tags
from archive.database.statements import batches, insert_or_replace
from archive.values.capture import Capture

_AT_ONCE = 500
_OF_A_PAGE = 20
"""Results on a page: their notes are read by one prepared statement."""
_RECORDS = tuple(f"record_{number}" for number in range(_OF_A_PAGE))


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of a snapshot."""

    tags: tuple[str, ...] = ()
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.tags or self.note)


@dataclass(frozen=True, slots=True)
class SnapshotNote:
    """The tags and the note of a snapshot, who wrote them, and when. The latest replaces the one before."""

    record_id: str
    """The record id of the capture."""
    text_record: str
    """That of the capture with its payload; another one for a revisit."""
    urlkey: str
    url: str
    at: datetime
    """The time of the capture."""
    collection: str
    source: str
    said: Said
    by: str
    noted_at: datetime
    former: Said | None = field(default=None)
    """What was there before it."""


def note_on(
    capture: Capture, original: Capture, said: Said, *, by: str, now: datetime, former: Said | None
) -> SnapshotNote:
    """Return a note on a capture; `original` has its payload."""
    return SnapshotNote(
        record_id=capture.record_id,
        text_record=original.record_id,
        urlkey=capture.urlkey,
        url=capture.url,
        at=capture.at,
        collection=capture.collection,
        source=capture.source,
        said=said,
        by=by,
        noted_at=now,
        former=former,
    )


class SnapshotNotes:
    """The notes of a database. A reader sees those of captures that are not hidden. Methods raise DatabaseUnusable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, record_id: str) -> SnapshotNote | None:
        """Return the note on a capture, as `of` does; each page about a capture reads it."""
        rows = Query(self._database.engine, _select_one).rows(record_id=record_id)
        return _of_driver(rows[0]) if rows else None

    def of(self, records: Collection[str]) -> dict[str, SnapshotNote]:
        """Return the notes on some captures, by record id. One whose tags and note were removed is there, empty."""
        found, query = dict[str, SnapshotNote](), Query(self._database.engine, _select_some)
        for batch in batches(records, _OF_A_PAGE):
            asked = dict(zip_longest(_RECORDS, batch, fillvalue=""))
            found |= {note.record_id: note for note in map(_of_driver, query.rows(**asked))}
        return found

    def latest(
        self,
        *,
        tag: str | None = None,
        source: str | None = None,
        collection: str | None = None,
        before: tuple[datetime, str] | None = None,
        limit: int = 50,
    ) -> Sequence[SnapshotNote]:
        """Return the notes that were written last, newest first, without empty ones.

        `before` is the time and the record id of the last one that was shown.
        """
        table = snapshot_notes.c
        query = select(snapshot_notes).where((table.tags != "[]") | (table.note != ""))
        if tag is not None:
            query = query.where(tagged(tag, table.record_id))
        if source is not None:
            query = query.where(table.source == source)
        if collection is not None:
            query = query.where(table.collection == collection)
        if before is not None:
            query = query.where(tuple_(table.noted_at, table.record_id) < before)
        query = query.order_by(table.noted_at.desc(), table.record_id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [_note(row) for row in connection.execute(query)]

    def tags(self, limit: int = 1000) -> dict[str, int]:
        """Return the tags, by name, with the number of snapshots of each; at most `limit` of them."""
        rows = Query(self._database.engine, _select_tags).rows(limit=limit)
        return {tag: int(count) for tag, count in rows}

    def every_tag(self) -> set[str]:
        """Return all tags of snapshots: for programs, which choose themselves what they show."""
        with self._database.reading() as connection:
            return set(connection.execute(select(snapshot_tags.c.tag).distinct()).scalars())

    def offered(self, chosen: str | None = None) -> dict[str, int]:
        """Return the tags to choose from: the first thousand by name, and a `chosen` one that snapshots have."""
        offered = self.tags()
        if chosen and chosen not in offered and (count := self._count(chosen)):
            offered[chosen] = count
        return offered

    def has_tag(self, tag: str) -> bool:
        """Return whether a snapshot has a tag."""
        query = select(snapshot_tags.c.tag).where(snapshot_tags.c.tag == tag).limit(1)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def _count(self, tag: str) -> int:
        query = select(func.count()).select_from(snapshot_tags).where(snapshot_tags.c.tag == tag)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())


def tagged(tag: str, record: ColumnElement[str]) -> ColumnElement[bool]:
    """Return a condition for a statement: the capture of a record has a tag."""
    return record.in_(select(snapshot_tags.c.record_id).where(snapshot_tags.c.tag == tag))


OF_TAGGED_TEXTS = (
    "w.id IN (SELECT v.wording_id FROM snapshot_tags AS g JOIN worded AS v ON v.record_id = g.text_record "
    "WHERE g.tag = ?)"
)
"""The condition, on a text version `w`, that a capture with this text has a tag."""

OF_TAGGED_RECORDS = "w.record_id IN (SELECT g.record_id FROM snapshot_tags AS g WHERE g.tag = ?)"
"""The same, on a row `w` with a record id."""


def notes_in(connection: Connection, records: Collection[str]) -> dict[str, SnapshotNote]:
    """Return the notes on some captures, by record id, as an open transaction sees them."""
    found: dict[str, SnapshotNote] = {}
    for batch in batches(records, _AT_ONCE):
        query = select(snapshot_notes).where(snapshot_notes.c.record_id.in_(batch))
        found |= {row.record_id: _note(row) for row in connection.execute(query)}
    return found


def write_notes(connection: Connection, notes: Collection[SnapshotNote]) -> None:
    """Write notes in an open transaction, instead of those before."""
    for batch in batches(notes, _AT_ONCE):
        connection.execute(insert_or_replace(connection, snapshot_notes, "record_id"), [row_of(note) for note in batch])
        connection.execute(delete(snapshot_tags).where(snapshot_tags.c.record_id.in_([one.record_id for one in batch])))
        if rows := [row for note in batch for row in _tag_rows(note)]:
            connection.execute(insert(snapshot_tags), rows)


def delete_notes(connection: Connection, records: Collection[str]) -> None:
    """Delete the notes on some captures, and their tags, in an open transaction."""
    for table in (snapshot_tags, snapshot_notes):
        connection.execute(delete(table).where(table.c.record_id.in_(records)))


def row_of(note: SnapshotNote) -> dict[str, Any]:
    """Return the row of a note."""
    return {
        "record_id": note.record_id,
        "text_record": note.text_record,
        "urlkey": note.urlkey,
        "url": note.url,
        "at": note.at,
        "collection": note.collection,
        "source": note.source,
        "tags": json.dumps(list(note.said.tags), ensure_ascii=False),
        "note": note.said.note,
        "by": note.by,
        "noted_at": note.noted_at,
        "former": None if note.former is None else _written(note.former),
    }


def note_of_row(row: Any) -> SnapshotNote:
    """Return the note of a row, given as a mapping."""
    facts = dict(row)
    said = Said(tuple(json.loads(facts.pop("tags"))), facts.pop("note"))
    former = facts.pop("former")
    return SnapshotNote(**facts, said=said, former=None if former is None else _read(former))


def _select_one() -> Select[Any]:
    return select(snapshot_notes).where(snapshot_notes.c.record_id == bindparam("record_id"))


def _select_some() -> Select[Any]:
    return select(snapshot_notes).where(snapshot_notes.c.record_id.in_([bindparam(name) for name in _RECORDS]))


def _select_tags() -> Select[Any]:
    tag = snapshot_tags.c.tag
    return select(tag, func.count()).group_by(tag).order_by(tag).limit(bindparam("limit", type_=Integer))


def _of_driver(values: Sequence[Any]) -> SnapshotNote:
    """Return the note of a row of the table, as the driver gives it: moments are numbers."""
    row = dict(zip(snapshot_notes.c.keys(), values, strict=True))
    return note_of_row(row | {"at": moment(row["at"]), "noted_at": moment(row["noted_at"])})


def _note(row: Row[Any]) -> SnapshotNote:
    return note_of_row(row._mapping)


def _tag_rows(note: SnapshotNote) -> list[dict[str, Any]]:
    facts = {name: getattr(note, name) for name in ("record_id", "text_record", "urlkey", "collection")}
    return [facts | {"tag": tag} for tag in note.said.tags]


def _written(said: Said) -> str:
    return json.dumps({"tags": list(said.tags), "note": said.note}, ensure_ascii=False)


def _read(text: str) -> Said:
    facts = json.loads(text)
    return Said(tuple(facts["tags"]), facts["note"])
