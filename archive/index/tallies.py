"""Count captures: of a URL by day, of all URLs by collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import BigInteger, func, select, type_coerce

from archive.database.engine import Database
from archive.database.schema import captures, segments
from archive.values.urlkey import urlkey

_DAY = 86_400_000_000
"""Microseconds of a day, the unit of stored times."""
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class CollectionTotals:
    """The totals of the sealed segments of a collection."""

    segments: int
    records: int
    octets: int


class Tallies:
    def __init__(self, database: Database) -> None:
        self._database = database

    def days(self, url: str) -> Mapping[date, int]:
        """Return the days (UTC) on which a URL, or another spelling of it, was captured, and how often."""
        day = (type_coerce(captures.c.at, BigInteger) // _DAY).label("day")
        query = select(day, func.count()).where(captures.c.urlkey == urlkey(url)).group_by(day).order_by(day)
        with self._database.reading() as connection:
            return {_EPOCH + timedelta(days=number): count for number, count in connection.execute(query)}

    def collections(self) -> Mapping[str, CollectionTotals]:
        """Return the totals by collection."""
        query = select(
            segments.c.collection,
            func.count(),
            func.coalesce(func.sum(segments.c.records), 0),
            func.coalesce(func.sum(segments.c.size), 0),
        ).group_by(segments.c.collection)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {name: CollectionTotals(count, int(records), int(size)) for name, count, records, size in rows}
