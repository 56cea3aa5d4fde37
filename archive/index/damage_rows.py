"""Statements about captures whose bytes can't be read, and about the revisits that need those bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, Update, bindparam, delete, exists, select, update
from sqlalchemy.sql.dml import Delete

from archive.database.schema import captures, damaged, marks, pages, segments
from archive.index.captures import ASKED_AT_ONCE
from archive.index.rows import is_damaged

RECORDS = tuple(f"record_{number}" for number in range(ASKED_AT_ONCE))
GONE = tuple(f"gone_{number}" for number in range(2 * ASKED_AT_ONCE))
_ROW = (captures.c.id, captures.c.record_id, captures.c.source, captures.c.url, captures.c.at)
"""The columns of a capture that are needed to mark it and to make its page due."""


def select_records() -> Select[Any]:
    """Select which of some records are marked; prepared once, for the recorder."""
    return select(damaged.c.record_id).where(damaged.c.record_id.in_([bindparam(name) for name in RECORDS]))


def select_gone() -> Select[Any]:
    """Select which of some marks exist; prepared once, for the recorder."""
    return select(marks.c.name).where(marks.c.name.in_([bindparam(name) for name in GONE]))


def select_in(segment: str) -> Select[Any]:
    """Select the marked captures of a segment: ids, record ids and offsets."""
    return _of(select(damaged.c.capture_id, damaged.c.record_id, captures.c.offset), segment)


def select_mark(segment: str, offset: int) -> Select[Any]:
    """Select state, reason and time of the mark of one capture."""
    columns = (damaged.c.state, damaged.c.reason, damaged.c.found_at)
    return _of(select(*columns), segment).where(captures.c.offset == offset)


def select_marked_segments() -> Select[Any]:
    """Select the names of the segments with marked captures."""
    return _joined(select(segments.c.name)).distinct()


def select_unmarked(segment: str, offsets: Iterable[int]) -> Select[Any]:
    """Select the unmarked captures at these offsets of a segment."""
    query = select(*_ROW).join(segments, captures.c.segment_id == segments.c.id)
    return query.where(segments.c.name == segment, captures.c.offset.in_(list(offsets)), ~is_damaged())


def select_records_at(segment: str) -> Select[Any]:
    """Select offsets and record ids of all captures of a segment."""
    query = select(captures.c.offset, captures.c.record_id).join(segments, captures.c.segment_id == segments.c.id)
    return query.where(segments.c.name == segment)


def select_bereft() -> Select[Any]:
    """Select unmarked revisits with a marked original and no other response with their payload in the collection.

    Without a narrower condition, this reads all captures: an index on references would cost more with each capture than
    this costs when damage is found.
    """
    mark, original, twin = damaged.alias(), captures.alias(), captures.alias()
    elsewhere = exists().where(
        mark.c.record_id == captures.c.refers_to_record,
        original.c.id == mark.c.capture_id,
        twin.c.sha256 == original.c.sha256,
        twin.c.collection == captures.c.collection,
        twin.c.kind == "response",
        twin.c.truncated.is_(None),
        ~is_damaged(twin),
    )
    refers = captures.c.refers_to_record.in_(select(damaged.c.record_id))
    return select(*_ROW).where(refers, ~is_damaged(), ~elsewhere)


def select_bereft_at(segment: str, offsets: Iterable[int]) -> Select[Any]:
    """Select those of `select_bereft` at these offsets of a segment."""
    query = select_bereft().join(segments, captures.c.segment_id == segments.c.id)
    return query.where(segments.c.name == segment, captures.c.offset.in_(list(offsets)))


def select_replaced(record_ids: Iterable[str]) -> Select[Any]:
    """Select the marked captures of these records: ids, record ids, collections and expected locations."""
    columns = (damaged.c.capture_id, damaged.c.record_id, captures.c.collection, segments.c.name, captures.c.offset)
    return _joined(select(*columns)).where(damaged.c.record_id.in_(list(record_ids)), damaged.c.state != "original")


def select_with_payload(collection: str, digests: Iterable[str]) -> Select[Any]:
    """Select the record ids of marked responses with these SHA-256 in a collection."""
    same = (captures.c.collection == collection, captures.c.sha256.in_(list(digests)), captures.c.kind == "response")
    return _joined(select(damaged.c.record_id)).where(*same)


def select_bound_to(record_ids: Iterable[str], collection: str | None = None) -> Select[Any]:
    """Select captures that are only marked because they refer to one of these records: ids and record ids."""
    query = _joined(select(damaged.c.capture_id, damaged.c.record_id))
    query = query.where(damaged.c.state == "original", captures.c.refers_to_record.in_(list(record_ids)))
    return query if collection is None else query.where(captures.c.collection == collection)


def unmark(capture_ids: Iterable[int]) -> Delete:
    return delete(damaged).where(damaged.c.capture_id.in_(list(capture_ids)))


def forget(capture_ids: Iterable[int]) -> Delete:
    return delete(captures).where(captures.c.id.in_(list(capture_ids)))


def make_due() -> Update:
    """Make a page due again, unless it was requested after the capture.

    Parameters: source, url and at of the capture, and now.
    """
    page = (pages.c.source == bindparam("of_source"), pages.c.url == bindparam("of_url"))
    query = update(pages).where(*page, pages.c.fetched_at <= bindparam("of_at", type_=pages.c.fetched_at.type))
    return query.values(last="failed", next_at=bindparam("now", type_=pages.c.next_at.type))


def _of(query: Select[Any], segment: str) -> Select[Any]:
    return _joined(query).where(segments.c.name == segment)


def _joined(query: Select[Any]) -> Select[Any]:
    query = query.select_from(damaged).join(captures, captures.c.id == damaged.c.capture_id)
    return query.join(segments, captures.c.segment_id == segments.c.id)
