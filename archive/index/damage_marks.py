"""The marks of captures whose bytes can't be read. `archive.index.damage` decides which ones.

A marked capture is not used as the original of a revisit nor for conditional requests, and its page is due again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from archive.database.engine import Database
from archive.database.prepared import Query
from archive.database.schema import captures, damaged, segments
from archive.database.statements import batches, insert_missing
from archive.database.writers import segment_lock, take_lock
from archive.index.captures import ASKED_AT_ONCE
from archive.index.damage_rows import (
    GONE,
    RECORDS,
    forget,
    make_due,
    select_bereft,
    select_bereft_at,
    select_bound_to,
    select_gone,
    select_in,
    select_mark,
    select_marked_segments,
    select_records,
    select_records_at,
    select_replaced,
    select_unmarked,
    select_with_payload,
    unmark,
)
from archive.index.purges.purged_marks import LEAVING, RECORD, purged_in
from archive.index.row_counts import note_rows, segments_of
from archive.values.capture import Capture, Damaged, DamageState

logger = logging.getLogger(__name__)

_BATCH = 500
_LOCK = "damages"
"""Of transactions that add captures while there are marks: each changes marks of other segments."""
_PURGED = "the record with its payload was purged"
_BEREFT = "the capture with its payload can't be read"


class DamageMarks:
    """The marks of an index."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._marked = Query(database.engine, select_records)
        self._gone = Query(database.engine, select_gone)

    def count(self) -> int:
        """Return how many captures can't be read."""
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(damaged)).scalar_one()

    def of(self, segment: str, offset: int) -> Damaged | None:
        """Return the mark of the capture there."""
        with self._database.reading() as connection:
            row = connection.execute(select_mark(segment, offset)).one_or_none()
        return None if row is None else Damaged(*row)

    def segments(self) -> frozenset[str]:
        """Return the segments with marked captures."""
        with self._database.reading() as connection:
            return frozenset(connection.execute(select_marked_segments()).scalars())

    def records_of(self, segment: str) -> dict[int, str]:
        """Return the record ids of all captures of a segment, by offset."""
        with self._database.reading() as connection:
            return {row.offset: row.record_id for row in connection.execute(select_records_at(segment))}

    def marked(self, record_ids: Iterable[str]) -> set[str]:
        """Return which of these records are marked, were purged, or are about to be: no revisit may need them."""
        found: set[str] = set()
        for batch in batches(record_ids, ASKED_AT_ONCE):
            wanted = dict.fromkeys(RECORDS, "") | dict(zip(RECORDS, batch, strict=False))
            found.update(row[0] for row in self._marked.rows(**wanted))
            names = {kind + one: one for one in batch for kind in (RECORD, LEAVING)}
            gone = dict.fromkeys(GONE, "") | dict(zip(GONE, names, strict=False))
            found.update(names[row[0]] for row in self._gone.rows(**gone))
        return found

    def mark(self, segment: str, offsets: Iterable[int], state: DamageState, reason: str) -> int:
        """Mark these captures, and the revisits that need them. Return how many of the former are new."""
        with self._database.writing() as connection:
            rows = _rows(connection, (select_unmarked(segment, batch) for batch in batches(offsets, _BATCH)))
            self._insert(connection, rows, state, reason)
        if rows:
            logger.error("captures can't be read", extra={"segment": segment, "count": len(rows), "reason": reason})
            self._spread()
        return len(rows)

    def lose(self, lost: Sequence[Capture]) -> int:
        """Mark acknowledged captures that recovery did not find in the spool. Their pages are due, indexed or not."""
        places: dict[str, list[int]] = {}
        for capture in lost:
            places.setdefault(capture.location.segment, []).append(capture.location.offset)
        reason = "its record was damaged when the spool was recovered; the removed bytes are in the spool's quarantine"
        count = sum(self.mark(segment, offsets, "quarantined", reason) for segment, offsets in places.items())
        with self._database.writing() as connection:
            self._due(connection, [(one.source, one.url, one.at) for one in lost])
        return count

    def unmark(self, segment: str, offsets: Iterable[int]) -> int:
        """Remove the marks of captures that can be read again, and return their number."""
        wanted = frozenset(offsets)
        with self._database.writing() as connection:
            here = [row for row in connection.execute(select_in(segment)).all() if row.offset in wanted]
            self._unmark(connection, [(row.capture_id, row.record_id) for row in here])
        if here:
            logger.info("captures can be read again", extra={"segment": segment, "count": len(here)})
        return len(here)

    def leave_out(self, segment: str, offsets: frozenset[int]) -> int:
        """Mark captures of a segment that was shipped without them."""
        count = select(func.count()).select_from(captures).join(segments, captures.c.segment_id == segments.c.id)
        with self._database.reading() as connection:
            listed = connection.execute(count.where(segments.c.name == segment)).scalar_one()
        if listed <= len(offsets):
            return 0
        reason = "its record is not in its segment as uploaded"
        return self.mark(segment, self.records_of(segment).keys() - offsets, "damaged", reason)

    def added(self, connection: Connection, found: Sequence[Capture]) -> None:
        """Update marks for newly indexed captures: records they replace, revisits they serve, originals they lack."""
        self._bereave(connection, {one.record_id: one for one in found if one.refers_to and one.record_id})
        if connection.execute(select(damaged.c.capture_id).limit(1)).first() is None:
            return
        take_lock(connection, _LOCK)
        self._replace(connection, {capture.record_id: capture for capture in found})
        self._serve(connection, [one for one in found if one.kind == "response" and one.sha256 and not one.truncated])
        self._lack(connection, [one for one in found if one.refers_to is not None])

    def _replace(self, connection: Connection, found: dict[str, Capture]) -> None:
        """Delete marked rows of records that the archive now has elsewhere."""
        queries = (select_replaced(batch) for batch in batches(found, _BATCH))
        rows = [row for row in _rows(connection, queries) if _replaces(found[row.record_id], row)]
        for name in sorted({row.name for row in rows}):  # their rows are counted
            take_lock(connection, segment_lock(name))
        self._unmark(connection, [(row.capture_id, row.record_id) for row in rows])
        for batch in batches((row.capture_id for row in rows), _BATCH):
            whose = segments_of(connection, batch)
            connection.execute(forget(batch))
            note_rows(connection, whose)

    def _serve(self, connection: Connection, whole: Sequence[Capture]) -> None:
        """Unmark revisits of a payload that is archived again."""
        for collection in {capture.collection for capture in whole}:
            digests = {str(one.sha256) for one in whole if one.collection == collection}
            queries = (select_with_payload(collection, batch) for batch in batches(digests, _BATCH))
            self._free(connection, [row.record_id for row in _rows(connection, queries)], collection)

    def _lack(self, connection: Connection, again: Sequence[Capture]) -> None:
        """Mark new revisits of a capture that turned out to be unreadable."""
        for segment in {capture.location.segment for capture in again}:
            offsets = (one.location.offset for one in again if one.location.segment == segment)
            queries = (select_bereft_at(segment, batch) for batch in batches(offsets, _BATCH))
            self._insert(connection, _rows(connection, queries), "original", _BEREFT)

    def _bereave(self, connection: Connection, again: dict[str, Capture]) -> None:
        """Mark new revisits of records that were purged while they were written."""
        gone = purged_in(connection, {one.refers_to.record_id for one in again.values() if one.refers_to})
        for segment in {one.location.segment for one in again.values()} if gone else ():
            offsets = [
                one.location.offset
                for one in again.values()
                if one.location.segment == segment and one.refers_to and one.refers_to.record_id in gone
            ]
            queries = (select_unmarked(segment, batch) for batch in batches(offsets, _BATCH))
            self._insert(connection, _rows(connection, queries), "original", _PURGED)

    def _spread(self) -> None:
        """Mark the revisits of marked captures, recursively."""
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(select_bereft()).all()
            if not rows:
                return
            with self._database.writing() as connection:
                self._insert(connection, rows, "original", _BEREFT)

    def _insert(self, connection: Connection, rows: Sequence[Any], state: DamageState, reason: str) -> None:
        if rows:
            mark = {"state": state, "reason": reason, "found_at": self._now()}
            values = [{"capture_id": row.id, "record_id": row.record_id, **mark} for row in rows]
            connection.execute(insert_missing(connection, damaged, "capture_id"), values)
            self._due(connection, [(row.source, row.url, row.at) for row in rows])

    def _due(self, connection: Connection, pages: Sequence[tuple[str, str, datetime]]) -> None:
        now = self._now()
        values = [{"of_source": source, "of_url": url, "of_at": at, "now": now} for source, url, at in pages]
        if values:
            connection.execute(make_due(), values)

    def _unmark(self, connection: Connection, marks: Sequence[tuple[int, str]]) -> None:
        for batch in batches((capture_id for capture_id, _ in marks), _BATCH):
            connection.execute(unmark(batch))
        if marks:
            self._free(connection, [record_id for _, record_id in marks], None)

    def _free(self, connection: Connection, record_ids: Iterable[str], collection: str | None) -> None:
        """Unmark the revisits of these records, recursively."""
        queries = (select_bound_to(batch, collection) for batch in batches(record_ids, _BATCH))
        self._unmark(connection, [(row.capture_id, row.record_id) for row in _rows(connection, queries)])


def _replaces(capture: Capture, row: Any) -> bool:
    """Return whether a capture is the record of a marked row, elsewhere."""
    place = (capture.location.segment, capture.location.offset)
    return capture.collection == row.collection and place != (row.name, row.offset)


def _rows(connection: Connection, queries: Iterable[Select[Any]]) -> list[Any]:
    return [row for query in queries for row in connection.execute(query).all()]
