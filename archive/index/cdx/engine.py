"""Answer CDX queries: stream rows from the index in the order of keys, with bounded memory."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from archive.database.engine import Database
from archive.database.prepared import Query
from archive.index.cdx.filters import Filter
from archive.index.cdx.query import EARLIEST, LATEST, CdxQuery
from archive.index.cdx.row import Row
from archive.index.listing import select_count, select_page, select_skipped
from archive.index.months.merging import Place, merged
from archive.index.months.own_segments import OwnSegments, counted
from archive.values.urlkey import Range, key_ranges

if TYPE_CHECKING:
    from archive.index.months.months import Months

_FIRST_PAGE, _PAGE = 100, 1000
MOST_LAST = 10_000
"""Maximum number of last rows: they are held in memory to reverse them."""


@dataclass(frozen=True, slots=True)
class _Statements:
    """The statements for one key, or for a range of keys, in one direction."""

    page: Query
    skip: Query


class Cdx:
    """Rows of the index, and of attached months. Any thread may run queries, any number at once."""

    def __init__(self, database: Database, months: Months | None = None) -> None:
        """Set up. `months` are the attached ones, whose captures are found, too."""
        engine, self._months = database.engine, months
        self._statements = {
            (exact, reverse): _Statements(
                Query(engine, select_page, exact=exact, reverse=reverse),
                Query(engine, select_skipped, exact=exact, reverse=reverse),
            )
            for exact in (True, False)
            for reverse in (True, False)
        }
        self._count = Query(engine, select_count)

    def rows(self, query: CdxQuery) -> Iterator[Row]:
        """Yield the rows of a query. No transaction is open while the caller handles a row.

        Raises ValueError for an invalid query, and SlowPattern while rows are filtered.
        """
        if query.after and query.order != "forward":
            raise ValueError("a resume key works with forward order only")
        if query.limit is not None and query.limit < 0:
            return self._last(query, -query.limit)
        if query.order == "closest":
            if query.match != "exact":
                raise ValueError("sort=closest works with matchType=exact only")
            return _cut(_sieved(self._closest(query), query), query.offset, query.limit)
        if query.filters or query.collapse:
            return _cut(_sieved(self._stream(query), query), query.offset, query.limit)
        return islice(self._stream(query, skipping=query.offset), query.limit)

    def count(self, query: CdxQuery) -> int:
        """Return the number of rows for URL, match and time span, before filters and collapsing."""
        bounds, ranges = _bounds(query), key_ranges(query.url, query.match)

        def in_rows() -> int:
            return sum(int(self._count.rows(low=low, high=high, **bounds)[0][0]) for low, high in ranges)

        if not (months := self._months):
            return in_rows()
        wanted = _of_months(query)
        return counted(months, lambda own: sum(months.count(keys, own, **wanted) for keys in ranges) + in_rows())

    def _last(self, query: CdxQuery, count: int) -> Iterator[Row]:
        if count > MOST_LAST:
            raise ValueError(f"limit can't be less than -{MOST_LAST}")
        if query.order == "closest":
            raise ValueError("a negative limit can't be combined with sort=closest")
        if query.collapse or query.offset or query.after:
            rows = _cut(_sieved(self._stream(query), query), query.offset, None)
            return iter(deque(rows, count))
        from_the_end = _sieved(self._stream(query, reverse=query.order != "reverse"), query)
        return iter(list(islice(from_the_end, count))[::-1])

    def _stream(self, query: CdxQuery, *, skipping: int = 0, reverse: bool | None = None) -> Iterator[Row]:
        reverse = query.order == "reverse" if reverse is None else reverse
        ranges = key_ranges(query.url, query.match)
        # Only with one range, in one place, are all skipped rows certainly in it.
        here = skipping if len(ranges) == 1 and not self._months else 0
        pages = (self._merged(query, each, reverse, here) for each in (ranges[::-1] if reverse else ranges))
        return islice(chain.from_iterable(pages), skipping - here, None)

    def _merged(self, query: CdxQuery, keys: Range, reverse: bool, skipping: int) -> Iterator[Row]:
        """Yield what is in rows and in attached months."""
        if not self._months or (query.after and query.after.urlkey >= keys[1]):
            return self._range(query, keys, reverse, skipping)
        start, own = _start(query, keys, reverse), self._months.own()
        others = self._older(query, keys, reverse, (start["key"], start["at"], start["id"]), own)
        page, values = self._statements[query.match == "exact", reverse].page, _bounds(query)
        values |= {"low": keys[0], "high": keys[1]}
        size = _FIRST_PAGE if query.limit is None else min(max(abs(query.limit), 1), _PAGE)

        def read(place: Place | None) -> list[Row]:
            nonlocal size
            here = _after(place) if place else start
            size = _PAGE if place else size
            if query.match == "exact":
                _tighten(values, here["at"], reverse)
            return list(map(Row._make, page.rows(**values, **here, limit=size)))

        return merged(read, lambda: size, others, own, reverse=reverse)

    def _older(self, query: CdxQuery, keys: Range, reverse: bool, place: Place, own: OwnSegments) -> Iterator[Row]:
        assert self._months
        wanted = _of_months(query)
        unchanged = wanted.pop("unchanged")
        rows = self._months.rows(keys, **wanted, reverse=reverse, place=place, own=own)
        return (row for row in rows if row.damage is None and (unchanged or row.kind != "not-modified"))

    def _range(self, query: CdxQuery, keys: Range, reverse: bool, skipping: int) -> Iterator[Row]:
        if query.after and query.after.urlkey >= keys[1]:
            return
        statements, values = self._statements[query.match == "exact", reverse], _bounds(query)
        place = _start(query, keys, reverse)
        values |= {"low": keys[0], "high": keys[1]}
        if skipping:
            if not (there := statements.skip.rows(**values, **place, skip=skipping - 1)):
                return
            place = dict(zip(("key", "at", "id"), there[0], strict=True))
        wanted = _FIRST_PAGE if query.limit is None else min(max(abs(query.limit), 1), _PAGE)
        while True:
            if query.match == "exact":
                _tighten(values, place["at"], reverse)
            rows = statements.page.rows(**values, **place, limit=wanted)
            yield from map(Row._make, rows)
            if len(rows) < wanted:
                return
            place, wanted = {"key": rows[-1][0], "at": rows[-1][1], "id": rows[-1][-1]}, _PAGE

    def _closest(self, query: CdxQuery) -> Iterator[Row]:
        """Merge both sides of a time by distance; at equal distance, the earlier row comes first."""
        [keys] = key_ranges(query.url, "exact")
        values = _bounds(query) | {"low": keys[0], "high": keys[1]}
        at, wanted = query.closest, _FIRST_PAGE if query.limit is None else min(max(query.limit, 1), _FIRST_PAGE)

        def side(reverse: bool) -> Iterator[Row]:
            if not self._months:
                return pages(reverse)
            own = self._months.own()
            others = self._older(query, keys, reverse, (keys[0], at, LATEST), own)

            def read(place: Place | None) -> list[Row]:
                here = _after(place or (keys[0], at, LATEST))
                bounds = _tighten(dict(values), here["at"], reverse)
                return list(map(Row._make, self._statements[True, reverse].page.rows(**bounds, **here, limit=wanted)))

            return merged(read, lambda: wanted, others, own, reverse=reverse)

        def pages(reverse: bool) -> Iterator[Row]:
            page, bounds = self._statements[True, reverse].page, dict(values)
            place: dict[str, Any] = {"key": keys[0], "at": at, "id": LATEST}
            while rows := page.rows(**_tighten(bounds, place["at"], reverse), **place, limit=wanted):
                yield from map(Row._make, rows)
                place = {"key": keys[0], "at": rows[-1][1], "id": rows[-1][-1]}

        return heapq.merge(side(True), side(False), key=lambda row: abs(row.at - at))


def _bounds(query: CdxQuery) -> dict[str, Any]:
    return {
        "since": query.since,
        "until": query.until,
        "collection": query.collection,
        "unchanged": "" if query.unchanged else "not-modified",
    }


def _of_months(query: CdxQuery) -> dict[str, Any]:
    wanted = {"since": query.since, "until": query.until, "collection": query.collection}
    return wanted | {"unchanged": query.unchanged}


def _tighten(values: dict[str, Any], at: int, reverse: bool) -> dict[str, Any]:
    """Set the other bound on the time to that of the place, since SQLite's planner uses the other one."""
    side, nearer = ("until", min) if reverse else ("since", max)
    values[side] = nearer(values[side], at)
    return values


def _start(query: CdxQuery, keys: Range, reverse: bool) -> dict[str, Any]:
    exact = query.match == "exact"
    if reverse:
        return {"key": keys[1], "at": LATEST if exact else EARLIEST, "id": LATEST if exact else EARLIEST}
    if query.after is None or query.after.urlkey < keys[0]:
        return {"key": keys[0], "at": EARLIEST, "id": EARLIEST}
    # With collapsing, read the row itself again: the rows after it are compared with it.
    after = query.after
    return {"key": after.urlkey, "at": after.at, "id": after.id - bool(query.collapse and after.id < LATEST)}


def _after(place: Place) -> dict[str, Any]:
    """Return the values of a place, as statements take them."""
    return {"key": place[0], "at": place[1], "id": place[2]}


def _sieved(rows: Iterable[Row], query: CdxQuery) -> Iterator[Row]:
    for sieve in query.filters:
        rows = _filtered(rows, sieve)
    for value in query.collapse:
        rows = _collapsed(rows, value)
    if query.collapse and query.after:
        last = query.after.id
        rows = (row for row in rows if row.id != last)
    return iter(rows)


def _filtered(rows: Iterable[Row], sieve: Filter) -> Iterator[Row]:
    return (row for row in rows if sieve(row))


def _collapsed(rows: Iterable[Row], value: Callable[[Row], str]) -> Iterator[Row]:
    last: str | None = None
    for row in rows:
        if (now := value(row)) != last:
            yield row
        last = now


def _cut(rows: Iterator[Row], offset: int, limit: int | None) -> Iterator[Row]:
    return islice(rows, offset, None if limit is None else offset + limit)
