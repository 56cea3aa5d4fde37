"""The captures of a collection that are older than it keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from archive.database.engine import Database
from archive.database.schema import captures, microseconds
from archive.index.months.months import EVERY_KEY, Months
from archive.index.months.own_segments import OwnSegments, counted
from archive.index.rows import capture_of, select_captures
from archive.values.capture import Capture

_AT_ONCE = 1000


def captures_before(
    database: Database, collection: str, before: datetime, months: Months | None = None
) -> Iterator[Capture]:
    """Yield the captures of a collection from before a time, also those in attached `months`. This reads all of them.

    Raises StoreError.
    """
    own, after = months.own() if months else None, 0
    if months:
        until = microseconds(before) - 1
        yield from (row.capture for row in months.rows(EVERY_KEY, until=until, collection=collection, own=own))
    while True:
        query = select_captures().where(captures.c.collection == collection, captures.c.at < before)
        with database.reading() as connection:
            rows = connection.execute(query.where(captures.c.id > after).order_by(captures.c.id).limit(_AT_ONCE)).all()
        yield from (capture_of(row) for row in rows if not (own and own.is_new(row.name)))
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1][-1]


def count_before(database: Database, collection: str, before: datetime, months: Months | None = None) -> int:
    """Return how many captures of a collection are from before a time, with those in attached `months`.

    Raises StoreError.
    """
    query = select(func.count()).where(captures.c.collection == collection, captures.c.at < before)

    def in_rows() -> int:
        with database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    if not months:
        return in_rows()
    until = microseconds(before) - 1

    def count(own: OwnSegments) -> int:
        return sum(1 for _ in months.rows(EVERY_KEY, until=until, collection=collection, own=own)) + in_rows()

    return counted(months, count)
