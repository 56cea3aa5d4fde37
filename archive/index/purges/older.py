"""The captures of a collection that are older than it keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from archive.database.engine import Database
from archive.database.schema import captures
from archive.index.rows import capture_of, select_captures
from archive.values.capture import Capture

_AT_ONCE = 1000


def captures_before(database: Database, collection: str, before: datetime) -> Iterator[Capture]:
    """Yield the captures of a collection from before a time. This reads its rows once."""
    after = 0
    while True:
        query = select_captures().where(captures.c.collection == collection, captures.c.at < before)
        with database.reading() as connection:
            rows = connection.execute(query.where(captures.c.id > after).order_by(captures.c.id).limit(_AT_ONCE)).all()
        yield from map(capture_of, rows)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1][-1]


def count_before(database: Database, collection: str, before: datetime) -> int:
    """Return how many captures of a collection are from before a time."""
    query = select(func.count()).where(captures.c.collection == collection, captures.c.at < before)
    with database.reading() as connection:
        return int(connection.execute(query).scalar_one())
