"""Convert captures to rows of the table `captures`, and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, exists, select

from archive.database.schema import captures, damaged, microseconds, moment, segments
from archive.values.capture import Capture, Damaged, Location, Reference

COLUMNS = (
    "urlkey", "at", "url", "collection", "kind", "status", "mime", "digest", "sha256", "payload_length",
    "segment_id", "offset", "length", "span", "record_id", "source", "run",
    "refers_to_record", "refers_to_url", "refers_to_at", "etag", "last_modified", "redirect", "truncated",
    "reservations",
)  # fmt: skip
"""The columns of a row to be inserted, in the order of the table and of `row_of`."""


def row_of(capture: Capture, segment_id: int) -> tuple[Any, ...]:
    """Return the row in the driver's values."""
    where, refers = capture.location, capture.refers_to
    return (
        capture.urlkey, microseconds(capture.at), capture.url, capture.collection, capture.kind, capture.status,
        capture.mime, capture.digest, capture.sha256, capture.payload_length,
        segment_id, where.offset, where.length, capture.span, capture.record_id, capture.source, capture.run,
        refers and refers.record_id, refers and refers.url, microseconds(refers.at) if refers else None,
        capture.etag, capture.last_modified, capture.redirect, capture.truncated,
        capture.reservations,
    )  # fmt: skip


def select_captures() -> Select[Any]:
    """Select rows for `capture_of`, in the driver's values."""
    columns = [segments.c.name if name == "segment_id" else captures.c[name] for name in COLUMNS]
    found = [damaged.c.state.label("damage"), damaged.c.reason, damaged.c.found_at]
    query = select(*columns, *found, captures.c.id).join(segments, captures.c.segment_id == segments.c.id)
    return query.outerjoin(damaged, damaged.c.capture_id == captures.c.id)


def is_damaged(capture: FromClause = captures) -> ColumnElement[bool]:
    """Return a condition: the row of `captures` is marked. For statements that don't select the mark."""
    mark = damaged.alias()
    return exists().where(mark.c.capture_id == capture.c.id)


def capture_of(row: Any) -> Capture:
    """Return the capture of a row of `select_captures`, read by the driver or by SQLAlchemy."""
    (
        urlkey, at, url, collection, kind, status, mime, digest, sha256, payload_length,
        segment, offset, length, span, record_id, source, run,
        refers_to_record, refers_to_url, refers_to_at, etag, last_modified, redirect, truncated,
        reservations, damage, reason, found_at, _,
    ) = row  # fmt: skip
    return Capture(
        collection=collection,
        urlkey=urlkey,
        url=url,
        at=_moment(at),
        kind=kind,
        status=status,
        mime=mime,
        digest=digest,
        sha256=sha256,
        payload_length=payload_length,
        location=Location(segment, offset, length),
        span=span,
        record_id=record_id,
        source=source,
        run=run,
        refers_to=None if refers_to_at is None else Reference(refers_to_record, refers_to_url, _moment(refers_to_at)),
        etag=etag,
        last_modified=last_modified,
        redirect=redirect,
        truncated=truncated,
        reservations=reservations,
        damaged=None if damage is None else Damaged(damage, reason, _moment(found_at)),
    )


def driven(row: Any) -> tuple[Any, ...]:
    """Return a row that SQLAlchemy has read in the driver's values: times are microseconds since 1970."""
    return tuple(microseconds(value) if isinstance(value, datetime) else value for value in row)


def _moment(value: Any) -> datetime:
    """Return a time: SQLAlchemy has converted the column, the driver has not."""
    return moment(value) if isinstance(value, int) else value
