"""The index of captures, by URL and time, with the segment of each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from archive.database.engine import Database
from archive.database.postgresql import has_room
from archive.database.prepared import Insertion, Query
from archive.database.schema import captures, moment, segments
from archive.database.statements import batches, insert_missing
from archive.database.writers import add_events, retried, segment_lock
from archive.index.captures import (
    ASKED_AT_ONCE,
    DIGESTS,
    select_latest,
    select_originals,
)
from archive.index.change_events import event_of
from archive.index.months.lookups import Lookups
from archive.index.row_counts import note_coming, note_rows
from archive.index.rows import COLUMNS, capture_of, row_of
from archive.texts.later_texts import keep_some, prepare_some, text_locks
from archive.texts.texts import TextRow, insert_texts
from archive.values.capture import Capture, Reference
from archive.values.urlkey import urlkey

if TYPE_CHECKING:
    from archive.warc.manifest import Manifest

_log = logging.getLogger(__name__)

_PAGE = 1000
_BATCH = 500
_TEXTS = 100
"""Texts of a transaction: each takes up to 100 KB with its Markdown, words and sketch."""
_DRAWN_FROM = frozenset({"response", "revisit", "not-modified"})


class Index(Lookups):
    """Segments and their captures. Segment and offset identify a capture, so adding it again changes nothing."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        super().__init__(database, now=now)
        engine = database.engine
        self._insert = Insertion(engine, insert_missing(engine, captures, "segment_id", "offset"), COLUMNS)
        self._originals = Query(engine, select_originals)
        self._latest = Query(engine, select_latest, validated=True)
        self._newest = Query(engine, select_latest, validated=False)

    @retried
    def add(self, found: Sequence[Capture]) -> int:
        """Index acknowledged captures in one transaction, and return how many are new.

        Failed ones are skipped, and with PostgreSQL also those with too long URLs. Raises SegmentUnknown.
        """
        with self._database.beside(*{segment_lock(capture.location.segment) for capture in found}) as connection:
            return self._add(connection, found)

    def commit(
        self, manifest: Manifest, found: Iterable[Capture], texts: Iterable[TextRow], *, announce: bool = True
    ) -> bool:
        """Record that a segment is in the store: its row, captures, texts and events, in one transaction.

        Return False if it was committed before; missing captures and texts are still added. Without `announce`, no
        events are created for it or its pages.
        """
        return self._commit(manifest, list(found), list(texts), announce=announce)  # creating them may take long

    @retried
    def _commit(self, manifest: Manifest, found: list[Capture], texts: list[TextRow], *, announce: bool) -> bool:
        from archive.texts.version_rows import add_texts

        ready = prepare_some(self._database, texts) if texts else {}  # their words and sketches
        locks = text_locks(self._database, manifest.segment, {capture.source for capture in found})
        with self._database.beside(*locks) as connection:
            first = self._committed(connection, manifest, announce=announce)
            offsets = self._add_all(connection, found)
            are_new = insert_texts(connection, texts)
            changes = add_texts(connection, manifest.segment, ready, given=texts if are_new else ())
            if announce:
                add_events(connection, [event_of(change, self._now()) for change in changes])
            note_rows(connection, [manifest.segment])
        self.damages.leave_out(manifest.segment, frozenset(offsets))
        return first

    @retried
    def commit_captures(
        self, manifest: Manifest, found: Sequence[Capture], coming: int | None, *, announce: bool = True
    ) -> None:
        """Record that a segment is in the store, without its texts: see `note_coming`."""
        with self._database.beside(segment_lock(manifest.segment)) as connection:
            self._committed(connection, manifest, announce=announce)
            offsets = self._add_all(connection, found)
            note_coming(connection, manifest.segment, coming, owes=announce)
        self.damages.leave_out(manifest.segment, frozenset(offsets))

    def _add_all(self, connection: Connection, found: Sequence[Capture]) -> set[int]:
        """Add captures; return their offsets."""
        for batch in batches(found, _BATCH):
            self._add(connection, batch)
        return {capture.location.offset for capture in found}

    def note_texts(self, segment: str, texts: Iterable[TextRow], *, announce: bool = True) -> None:
        """Add texts of a segment before it is committed: its bytes are in the store, and its captures are in the index.

        They are added in batches, each in a transaction, so that few are in memory at once; versions follow by time, as
        in `commit`. Repeating it is harmless.
        """
        from archive.texts.version_rows import waiting_ids

        for rows in batches(texts, _TEXTS):
            keep_some(self._database, rows)
        with self._database.reading() as connection:
            waiting = waiting_ids(connection, segment)
        for some in map(dict, batches(waiting.items(), _TEXTS)):
            self._add_waiting(segment, some, announce=announce)

    @retried
    def _add_waiting(self, segment: str, some: Mapping[str, int], *, announce: bool) -> None:
        from archive.texts.prepared_texts import prepare
        from archive.texts.version_rows import add_texts, waiting_texts

        with self._database.reading() as connection:
            rows = waiting_texts(connection, segment, some)
        ready = prepare(self._database.engine.dialect.name, [(row.title, row.text) for row in rows])
        with self._database.beside(*text_locks(self._database, segment, ids=some.values())) as connection:
            changes = add_texts(connection, segment, ready, some)
            if announce:
                add_events(connection, [event_of(change, self._now()) for change in changes])

    def size_of(self, segment: str) -> int:
        """Return the number of captures in a segment."""
        query = select(func.count()).select_from(captures).join(segments, captures.c.segment_id == segments.c.id)
        with self._database.reading() as connection:
            return connection.execute(query.where(segments.c.name == segment)).scalar_one()

    def has_source(self, name: str) -> bool:
        """Return whether a source has captures. If it has none, this reads all captures."""
        query = select(captures.c.id).where(captures.c.source == name).limit(1)
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def originals(self, collection: str, digests: Iterable[str]) -> dict[str, Reference]:
        """Return, by SHA-256, the first complete and readable response with that payload in the collection."""
        found: dict[str, Reference] = {}
        for batch in batches(digests, ASKED_AT_ONCE):
            wanted = dict.fromkeys(DIGESTS, "") | dict(zip(DIGESTS, batch, strict=False))
            for sha256, record_id, url, at in self._originals.rows(collection=collection, **wanted):
                found[sha256] = Reference(record_id, url, moment(at))
        return found

    def latest(self, collection: str, url: str) -> Capture | None:
        """Return the newest capture of exactly this URL with status 200 and validators, for a conditional GET.

        Return None if it can't be read: a 304 would refer to nothing.
        """
        rows = self._latest.rows(urlkey=urlkey(url), url=url, collection=collection)
        return self.payloads.readable(capture_of(rows[0])) if rows else None

    def latest_many(self, collection: str, urls: Sequence[str]) -> dict[str, Capture]:
        """Return the newest capture with status 200 of each of these URLs, with validators or without.

        One that can't be read does not count: its page is requested as if it had never been archived.
        """
        values = [{"urlkey": urlkey(url), "url": url, "collection": collection} for url in urls]
        newest = [capture_of(rows[0]) for rows in self._newest.rows_of_each(values) if rows]
        changed = ((capture.url, self.payloads.readable(capture)) for capture in newest)
        return {url: capture for url, capture in changed if capture}

    def _add(self, connection: Connection, found: Sequence[Capture]) -> int:
        rows = [
            row_of(capture, self._id(connection, capture.location.segment))
            for capture in found
            if capture.kind != "failed" and self._has_room(capture)
        ]
        added = self._insert.run(connection, rows) if rows else 0
        self.damages.added(connection, [capture for capture in found if capture.kind != "failed"])
        return added

    def _has_room(self, capture: Capture) -> bool:
        room = has_room(self._database.engine, capture.urlkey)
        if not room:
            _log.warning(
                "not indexed, because its URL is too long: %s in %s", capture.record_id, capture.location.segment
            )
        return room
