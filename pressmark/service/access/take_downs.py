"""What is taken down now: for every door, hidden from what is read, with the sentence that stands in its place."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

from archive.database.closed_collections import TakenDown, hiding
from archive.database.engine import Database
from archive.index.index import Index
from archive.values.timestamps import parse_timestamp, timestamp14
from archive.values.urlkey import Match, key_ranges
from config.values.urls import check_url
from scheduler.ledger.take_downs import TakeDown, TakeDowns

_FRESH = 1.0
"""Seconds for which an answer of the database is used again: after that, what another process changed counts."""
LONGEST_REASON = 1000
"""Characters of a reason."""


class UnfitTakeDown(ValueError):
    """A take-down that can't be."""


class ActiveTakeDowns:
    """The take-downs that are in force. Changes by other processes count within a second, own ones at once."""

    def __init__(self, database: Database, index: Index, *, now: Callable[[], datetime]) -> None:
        self._rows = TakeDowns(database)
        self._index = index
        self._now = now
        self._known: tuple[float, list[TakeDown]] | None = None

    def is_fresh(self) -> bool:
        """Return whether the others answer without the database."""
        return self._known is not None and time.monotonic() < self._known[0]

    def all(self) -> list[TakeDown]:
        """Return all, also those that are over, newest first. Raises DatabaseUnusable."""
        return self._rows.all()

    def active(self) -> list[TakeDown]:
        """Return those in force. Raises DatabaseUnusable if the database can't be read and never could."""
        if not self.is_fresh():
            self._known = time.monotonic() + _FRESH, self._read()
        now = self._now()
        return [one for one in self._known[1] if one.is_active(now)] if self._known else []

    def _read(self) -> list[TakeDown]:
        """Return all. Without the database, the last answer counts."""
        try:
            return self._rows.all()
        except Exception:
            if self._known is None:
                raise
            return self._known[1]

    def covering(self, url: str, stamps: Sequence[str] = ()) -> TakeDown | None:
        """Return a take-down of what an address is about; None if it was not taken down."""
        return next((one for one in self.active() if one.covers(url, stamps)), None)

    def of_captures(self, url: str) -> TakeDown | None:
        """Return a take-down of single captures of a URL; None without one."""
        single = (one for one in self.active() if one.at is not None)
        return next((one for one in single if one.covers(url, [timestamp14(one.at or one.since)])), None)

    def instead_of(self, url: str, stamp: str = "") -> TakeDown | None:
        """Return why there is no capture of a URL; None if the archive has none."""
        return self.covering(url, [stamp]) or self.of_captures(url)

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Hide what is taken down from what is read in this context."""
        with hiding(rows_of(self.active())):
            yield

    def add(
        self, url: str, reason: str, *, by: str, match: Match = "exact", at: str | None = None, until: str | None = None
    ) -> TakeDown:
        """Take down the pages that match a URL or, with a time, its captures of that second.

        `at` may name one of several captures in a second: ``20260131120000~5f2c…``. `until` is a time as in searches.
        Raises UnfitTakeDown, BadUrl, BadTime, DatabaseUnusable.
        """
        page = check_url(url if "://" in url else f"http://{url}")
        if not (why := reason.strip()) or len(why) > LONGEST_REASON:
            raise UnfitTakeDown(f"a take-down needs a reason of at most {LONGEST_REASON} characters")
        since, end = self._now(), parse_timestamp(until) if until else None
        if end is not None and end <= since:
            raise UnfitTakeDown("the end of a take-down lies in the future")
        if at and match != "exact":
            raise UnfitTakeDown("a time goes with the match exact only")
        key_ranges(page, match)
        second, records = self._captures(page, at) if at else (None, ())
        one = TakeDown(uuid4().hex[:8], page, match, second, records, why, by, since, end)
        self._rows.add(one)
        self._known = None
        return one

    def _captures(self, url: str, stamp: str) -> tuple[datetime, tuple[str, ...]]:
        """Return the second of a stamp, and the records of the captures in it. Raises UnfitTakeDown, BadTime."""
        second, _, record = stamp.partition("~")
        at = parse_timestamp(second)
        there = (each.record_id for each in self._index.in_second(url, at))
        found = tuple(each for each in there if not record or record in each)
        if timestamp14(at) != second or not found:
            raise UnfitTakeDown(f"no capture of {url} at {stamp}; use a time of 14 digits from its list of captures")
        return at, found

    def lift(self, id_: str, *, by: str) -> TakeDown:
        """End a take-down. Raises UnknownTakeDown, DatabaseUnusable."""
        one = self._rows.lift(id_, by=by, at=self._now())
        self._known = None
        return one


def rows_of(active: Sequence[TakeDown]) -> TakenDown:
    """Return which rows of the database are hidden."""
    return TakenDown(
        frozenset(each for one in active for each in one.ranges),
        frozenset(record for one in active for record in one.records),
    )


def tombstone(one: TakeDown) -> str:
    """Return the sentence that stands where something was taken down."""
    end = f" until {one.until.astimezone(UTC):%Y-%m-%d}" if one.until else ""
    return f"taken down on {one.since.astimezone(UTC):%Y-%m-%d}{end}: {one.reason}"
