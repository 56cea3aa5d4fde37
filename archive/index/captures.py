"""Prepared statements on captures: by payload, by URL, and closest to a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    bindparam,
    literal_column,
    or_,
    select,
    union_all,
)

from archive.database.schema import captures
from archive.database.schema import damaged as marks
from archive.index.rows import is_damaged, select_captures
from archive.texts.snapshot_notes import tagged
from config.names import EVERYTHING

SIDE = 16
"""Number of captures on each side of a time among which the nearest is searched."""
_REACH = 50
"""Number of captures among which validators are searched: beyond it, a failing page is requested unconditionally."""
ASKED_AT_ONCE = 32
"""Number of payloads in one statement."""
DIGESTS = tuple(f"sha256_{number}" for number in range(ASKED_AT_ONCE))
# A literal and not a bound value, so that SQLite can use the partial index.
IS_RESPONSE = captures.c.kind == literal_column("'response'")


def select_originals() -> CompoundSelect[Any]:
    """Return one statement for a whole group of exchanges: single queries cost the recorder's thread three waits each
    for the interpreter's lock, a tenth of the cost of a page.
    """
    return union_all(*(select(_select_original(digest).subquery()) for digest in DIGESTS))


def _select_original(digest: str) -> Select[Any]:
    return (
        select(captures.c.sha256, captures.c.record_id, captures.c.url, captures.c.at)
        .where(captures.c.sha256 == bindparam(digest), captures.c.collection == bindparam("collection"))
        .where(IS_RESPONSE, captures.c.truncated.is_(None), ~is_damaged())
        .order_by(captures.c.id)
        .limit(1)
    )


def select_latest(*, validated: bool) -> Select[Any]:
    """Select, of the newest captures of a key, the newest of a URL that is 200, or a 304 for an older one.

    The outer query does not sort again: databases keep the order of a subquery, so SQLite stops at the first match.
    """
    newest = (
        select_captures()
        .where(captures.c.urlkey == bindparam("urlkey"))
        .order_by(captures.c.at.desc(), captures.c.id.desc())
        .limit(_REACH)
        .subquery()
    )
    good: ColumnElement[bool] = newest.c.status == 200
    if validated:
        good &= or_(newest.c.etag.is_not(None), newest.c.last_modified.is_not(None))
    return (
        select(newest)
        .where(newest.c.url == bindparam("url"), newest.c.collection == bindparam("collection"))
        .where(or_(newest.c.kind == "not-modified", good))
        .limit(1)
    )


def select_side(*, before: bool, damaged: bool = False) -> Select[Any]:
    """Select the captures of a key closest to a time, on one side of it: readable ones, or damaged ones."""
    collection, at = bindparam("collection", type_=String), bindparam("at", type_=BigInteger)
    near = [captures.c.at.desc(), captures.c.id.desc()] if before else [captures.c.at, captures.c.id]
    return (
        select_captures()
        .where(captures.c.urlkey == bindparam("urlkey"), captures.c.at <= at if before else captures.c.at > at)
        .where(or_(collection.is_(None), captures.c.collection == collection))
        .where(marks.c.capture_id.is_not(None) if damaged else marks.c.capture_id.is_(None))
        .order_by(*near)
        .limit(SIDE)
    )


def select_between(*, names: bool = False) -> Select[Any]:
    """Select the captures of a key between two times; `names` are URL and record id alone."""
    query = select(captures.c.url, captures.c.record_id) if names else select_captures()
    return query.where(
        captures.c.urlkey == bindparam("urlkey"),
        captures.c.at >= bindparam("since", type_=BigInteger),
        captures.c.at < bindparam("until", type_=BigInteger),
    )


def within(
    since: datetime | None, until: datetime | None, collection: str | None, tag: str | None
) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions on captures of a time, of a collection and with a tag of people; None limits nothing."""
    if since is not None:
        yield captures.c.at >= since
    if until is not None:
        yield captures.c.at <= until
    if collection not in {None, EVERYTHING}:
        yield captures.c.collection == collection
    if tag is not None:
        yield tagged(tag, captures.c.record_id)
