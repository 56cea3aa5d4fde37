"""Lookups of captures by URL and time: in the rows of the database, and in the attached months."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, select, tuple_

from archive.database.engine import Database
from archive.database.prepared import Query, Row
from archive.database.schema import captures, microseconds, moment, snapshot_tags
from archive.index.captures import SIDE, select_side, within
from archive.index.cdx.query import EARLIEST, LATEST
from archive.index.cdx.row import Row as CdxRow
from archive.index.cdx.row import order_of
from archive.index.months.between import Between
from archive.index.months.merging import ReadPage, merged
from archive.index.months.months import Months, Place
from archive.index.months.new_places import place_in_months
from archive.index.nearest import nearest
from archive.index.originals import Originals, second_of
from archive.index.rows import capture_of, driven, select_captures
from archive.index.segments import Segments
from archive.values.capture import Capture, Location
from archive.values.urlkey import Match, Range, exactly, key_ranges, urlkey
from config.names import EVERYTHING

_PAGE = 1000
_DRAWN_FROM = frozenset({"response", "revisit", "not-modified"})


class Lookups(Segments):
    """The one interface of lookups. They answer the same, whichever captures are in rows and which in months."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        super().__init__(database, now=now)
        engine = database.engine
        self._before, self._after = Query(engine, select_side, before=True), Query(engine, select_side, before=False)
        self._lost_before = Query(engine, select_side, before=True, damaged=True)
        self._lost_after = Query(engine, select_side, before=False, damaged=True)
        self._between = Between(engine)
        self.payloads = Originals(database, self._between)

    @property
    def months(self) -> Months | None:
        """The months in the store, attached or not; None where lookups are in rows alone."""
        return self._between.months

    def use_months(self, months: Months) -> None:
        """Let lookups find the captures of attached months, too."""
        self._between.months = months

    def resting(self, name: str) -> tuple[str | None, str | None] | None:
        """See `Segments.resting`; an attached month may know the segment."""
        if (known := super().resting(name)) is not None or not self.months:
            return known
        key = self.months.segment_key(name)
        return None if key is None else (None, key)

    def place_now(self, where: Location, record_id: str) -> Location | None:
        """See `Segments.place_now`; an attached month that was written again may know the record."""
        there = super().place_now(where, record_id)
        return place_in_months(self.months, where, record_id) if there is None and self.months else there

    def manifest_keys(self, *, after: int = 0) -> set[str]:
        """See `Segments.manifest_keys`; with those of segments whose captures are all in attached months."""
        known = super().manifest_keys(after=after)
        return known if after else known | self.covered()

    def covered(self) -> frozenset[str]:
        """Return the manifests of segments that need no rows: all their captures are in attached months."""
        return self.months.covered() if self.months else frozenset()

    def captures(
        self,
        url: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        match: Match = "exact",
        collection: str | None = None,
        tag: str | None = None,
        start: tuple[str, datetime] | None = None,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> Iterator[Capture]:
        """Yield captures by key and, within a key, by time; `newest_first` reverses the order. Both ends are included.

        Spellings of a URL with the same key count as one. `start` is a key and a time: earlier rows are skipped.
        Raises ValueError if `match` needs a host and the URL has none, and StoreError if an attached month can't be
        read.
        """
        query, ranges = select_captures().where(*within(since, until, collection, tag)), key_ranges(url, match)
        if start:
            query = query.where(tuple_(captures.c.urlkey, captures.c.at) >= start)
            ranges = tuple((max(low, start[0]), high) for low, high in ranges if high > start[0])
        wanted = {
            "since": EARLIEST if since is None else microseconds(since),
            "until": LATEST if until is None else microseconds(until),
            "collection": None if collection == EVERYTHING else collection,
        }
        place = None if start is None else (start[0], microseconds(start[1]), EARLIEST)
        size = _PAGE if limit is None else min(max(limit, 1), _PAGE)
        pages = (
            self._merged(self._reading(query, each, newest_first, size), size, each, wanted, tag, place, newest_first)
            if self.months
            else map(capture_of, self._pages(query, each, newest_first))
            for each in (ranges[::-1] if newest_first else ranges)
        )
        return islice(chain.from_iterable(pages), limit)

    def closest(self, url: str, at: datetime, collection: str | None = None) -> Capture | None:
        """Return the capture of this URL, or of another spelling, that is closest to a time. See `nearest`.

        Unreadable captures are only used if there are no others.
        """
        where = None if collection == EVERYTHING else collection
        values: dict[str, Any] = {"urlkey": urlkey(url), "at": microseconds(at), "collection": where}
        found = self._sides(self._before, self._after, values, damaged=False)
        found = found or self._sides(self._lost_before, self._lost_after, values, damaged=True)
        return nearest(map(capture_of, found), url, at)

    def in_second(self, url: str, at: datetime) -> Iterator[Capture]:
        """Yield the captures of exactly this URL in the second of a time, in order."""
        rows = self._between.rows(urlkey=urlkey(url), **second_of(at))
        found = map(capture_of, sorted(rows, key=_when))
        return (capture for capture in found if capture.url == url)

    def crowded(self, named: Iterable[tuple[str, datetime, str]]) -> list[bool]:
        """Return, for each URL, time and record id, whether the URL has another capture in that second."""
        asked = list(named)
        rows = self._between.names_of_each({"urlkey": urlkey(url), **second_of(at)} for url, at, _ in asked)
        return [
            any(each == url and other != record for each, other in there)
            for (url, _, record), there in zip(asked, rows, strict=True)
        ]

    def original_of(self, capture: Capture) -> Capture | None:
        """See `Originals.of`."""
        return self.payloads.of(capture)

    def drawn_of(self, capture: Capture) -> Capture | None:
        """Return what a browser drew of a capture: the conversion of the same URL and moment; None without one."""
        if capture.kind not in _DRAWN_FROM:
            return None
        at = microseconds(capture.at)
        rows = self._between.rows(urlkey=capture.urlkey, since=at, until=at + 1)
        same = (capture.url, capture.collection, "conversion")
        found = map(capture_of, rows)
        return next((one for one in found if (one.url, one.collection, one.kind) == same), None)

    def ancestry(self, capture: Capture) -> Iterator[Capture]:
        """See `Originals.ancestry`."""
        return self.payloads.ancestry(capture)

    def dangling(self, segment: str) -> Iterator[Capture]:
        """See `Originals.dangling`."""
        return self.payloads.dangling(segment)

    def _merged(  # noqa: PLR0917 - what is wanted of one range
        self,
        read: ReadPage,
        size: int,
        keys: Range,
        wanted: dict[str, Any],
        tag: str | None,
        place: Place | None,
        newest_first: bool,
    ) -> Iterator[Capture]:
        """Yield the captures of a range, of rows and of attached months."""
        assert self.months
        own = self.months.own()
        others = self.months.rows(keys, **wanted, reverse=newest_first, place=None if newest_first else place, own=own)
        if newest_first and place is not None:
            others = (row for row in others if order_of(row) > place)
        if tag is not None:
            tagged = self._tagged(tag)
            others = (row for row in others if row.record_id in tagged)
        return map(capture_of, merged(read, lambda: size, others, own, reverse=newest_first))

    def _tagged(self, tag: str) -> frozenset[str]:
        query = select(snapshot_tags.c.record_id).where(snapshot_tags.c.tag == tag)
        with self._database.reading() as connection:
            return frozenset(connection.execute(query).scalars())

    def _sides(self, earlier: Query, later: Query, values: dict[str, Any], *, damaged: bool) -> list[Row]:
        """Return what is closest to a time on both sides, as many as `select_side` takes, attached months included."""
        if not self.months:
            return earlier.rows(**values) + later.rows(**values)
        own, place = self.months.own(), (values["urlkey"], values["at"], LATEST)
        keys, collection = exactly(values["urlkey"]), values["collection"]
        older = list[list[Row]]()
        for reverse in (True, False):  # before the rows, of which others may get more
            found = self.months.rows(keys, collection=collection, reverse=reverse, place=place, own=own)
            older.append(list(islice((row for row in found if (row.damage is not None) is damaged), SIDE)))
        before, after = (
            [row for row in rows if not own.is_new(CdxRow._make(row).segment)]
            for rows in (earlier.rows(**values), later.rows(**values))
        )
        before = sorted([*before, *older[0]], key=_when, reverse=True)[:SIDE]
        return before + sorted([*after, *older[1]], key=_when)[:SIDE]

    def _pages(self, query: Select[Any], keys: Range, newest_first: bool) -> Iterator[CdxRow]:
        """Yield the rows in a range of keys. No transaction is open while the caller handles one."""
        read, place = self._reading(query, keys, newest_first, _PAGE), None
        while True:
            rows = read(place)
            yield from rows
            if len(rows) < _PAGE:
                return
            place = order_of(rows[-1])

    def _reading(self, query: Select[Any], keys: Range, newest_first: bool, size: int) -> ReadPage:
        """Return what reads a page of the rows in a range of keys, after a place."""
        order = [captures.c.urlkey, captures.c.at, captures.c.id]
        query = query.where(captures.c.urlkey >= keys[0], captures.c.urlkey < keys[1]).limit(size)
        query = query.order_by(*(column.desc() if newest_first else column for column in order))

        def read(place: Place | None) -> list[CdxRow]:
            page = query
            if place is not None:
                here, end = tuple_(*order), (place[0], moment(place[1]), place[2])
                page = query.where(here < end if newest_first else here > end)
            with self._database.reading() as connection:
                return [CdxRow._make(driven(row)) for row in connection.execute(page)]

        return read


_when = itemgetter(1, -1)
