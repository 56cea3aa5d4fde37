"""Count captures: of a URL by day, of all URLs by collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from archive.database.columns import day, day_number
from archive.database.engine import Database
from archive.database.schema import captures, segments
from archive.values.urlkey import urlkey


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
        number = day_number(captures.c.at).label("day")
        query = select(number, func.count()).where(captures.c.urlkey == urlkey(url)).group_by(number).order_by(number)
        with self._database.reading() as connection:
            return {day(number): count for number, count in connection.execute(query)}

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
