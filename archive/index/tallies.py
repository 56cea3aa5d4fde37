"""Count captures: of a URL by day, of all URLs by collection; and find the ports of a host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, or_, select

from archive.database.columns import day, day_number
from archive.database.engine import Database
from archive.database.schema import captures, moment, segments
from archive.index.months.own_segments import OwnSegments, counted
from archive.values.urlkey import exactly, urlkey

if TYPE_CHECKING:
    from archive.index.months.months import Months


@dataclass(frozen=True, slots=True)
class CollectionTotals:
    """The totals of the sealed segments of a collection."""

    segments: int
    records: int
    octets: int


class Tallies:
    def __init__(self, database: Database, months: Months | None = None) -> None:
        """Set up. `months` are the attached ones, whose captures count, too."""
        self._database, self._months = database, months

    def days(self, url: str) -> Mapping[date, int]:
        """Return the days (UTC) on which a URL, or another spelling of it, was captured, and how often."""
        key, months = urlkey(url), self._months
        if not months:
            return self._days_in_rows(key)

        def count(own: OwnSegments) -> Counter[date]:
            older = Counter(moment(row.at).date() for row in months.rows(exactly(key), own=own))
            return older + Counter(self._days_in_rows(key))

        return dict(sorted(counted(months, count).items()))

    def _days_in_rows(self, key: str) -> dict[date, int]:
        number = day_number(captures.c.at).label("day")
        query = select(number, func.count()).where(captures.c.urlkey == key).group_by(number).order_by(number)
        with self._database.reading() as connection:
            return {day(number): int(count) for number, count in connection.execute(query)}

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


def ports_beside(database: Database, url: str, months: Months | None = None) -> list[int]:
    """Return the ports at which the host of a URL has captures, without the port of the URL; 80 and 443 are one port.
    Those in attached `months` count, too.

    Each port costs a look into the index, however many captures it has. An IPv6 address has no others.
    """
    key = urlkey(url).partition(")")[0]
    host = key.partition(":")[0]
    if not host:
        return []
    found = set[str]()
    for begin, end in ((host + ")", host + "*"), (host + ":", host + ";")) if months else ():  # before rows
        first = begin
        while months and (row := next(months.rows((first, end)), None)) is not None:
            found.add(row.urlkey.partition(")")[0])
            first = row.urlkey.partition(")")[0] + "*"
    first = host + ")"
    with database.reading() as connection:
        while (name := connection.execute(_select_next(host, first)).scalar_one_or_none()) is not None:
            found.add(name.partition(")")[0])
            first = name.partition(")")[0] + "*"  # the character after ")"
    ports = [each.partition(":")[2] for each in sorted(found - {key})]
    return [int(port) for each in ports for port in ([each] if each else ["80", "443"]) if port.isdigit()]


def _select_next(host: str, first: str) -> Select[Any]:
    """Select the first key of a host, at whatever port, that is not before another key."""
    key = captures.c.urlkey
    ranges = or_(and_(key >= host + ")", key < host + "*"), and_(key >= host + ":", key < host + ";"))
    return select(key).where(ranges, key >= first).order_by(key).limit(1)
