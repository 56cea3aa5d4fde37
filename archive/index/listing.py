"""The statements of CDX queries: a page of rows after a place, the place some rows later, and the count.

Unreadable captures are left out, since clients follow the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, bindparam, func, or_, select, tuple_

from archive.database.schema import captures, damaged
from archive.index.rows import select_captures

_MARKED = captures.outerjoin(damaged, damaged.c.capture_id == captures.c.id)


def select_page(*, exact: bool, reverse: bool) -> Select[Any]:
    order = _order(exact)
    query = select_captures().where(*_where(exact, reverse))
    query = query.order_by(*(column.desc() if reverse else column for column in order))
    return query.limit(bindparam("limit", type_=BigInteger))


def select_skipped(*, exact: bool, reverse: bool) -> Select[Any]:
    """Select the row after a number of others."""
    order = _order(exact)
    query = select(captures.c.urlkey, captures.c.at, captures.c.id).select_from(_MARKED)
    query = query.where(*_where(exact, reverse))
    query = query.order_by(*(column.desc() if reverse else column for column in order))
    return query.limit(1).offset(bindparam("skip", type_=BigInteger))


def select_count() -> Select[Any]:
    where = (captures.c.urlkey >= bindparam("low"), captures.c.urlkey < bindparam("high"), *_wanted())
    return select(func.count()).select_from(_MARKED).where(*where)


def _order(exact: bool) -> list[ColumnElement[Any]]:
    return [captures.c.at, captures.c.id] if exact else [captures.c.urlkey, captures.c.at, captures.c.id]


def _where(exact: bool, reverse: bool) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions. The place is the only bound on its side, so that the database uses its index."""
    at, number = bindparam("at", type_=BigInteger), bindparam("id", type_=BigInteger)
    place = tuple_(at, number) if exact else tuple_(bindparam("key", type_=String), at, number)
    here = tuple_(*_order(exact))
    yield here < place if reverse else here > place
    if exact:
        yield captures.c.urlkey == bindparam("low")
    elif reverse:
        yield captures.c.urlkey >= bindparam("low")
    else:
        yield captures.c.urlkey < bindparam("high")
    yield from _wanted()


def _wanted() -> Iterator[ColumnElement[bool]]:
    collection = bindparam("collection", type_=String)
    yield captures.c.at >= bindparam("since", type_=BigInteger)
    yield captures.c.at <= bindparam("until", type_=BigInteger)
    yield or_(collection.is_(None), captures.c.collection == collection)
    yield captures.c.kind != bindparam("unchanged", type_=String)
    yield damaged.c.capture_id.is_(None)
