"""What is taken down now: for every door, hidden from what is read, with the sentence that stands in its place."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from threading import Lock
from uuid import uuid4

from archive.database.closed_collections import TakenDown, hiding
from archive.database.engine import Database
from archive.index.aliases import Aliases
from archive.index.index import Index
from archive.index.records import capture_named
from archive.index.tallies import ports_beside
from archive.values.capture import BESIDE_PAGE
from archive.values.errors import DatabaseUnusable
from archive.values.timestamps import parse_timestamp, timestamp14
from archive.values.urlkey import Match, Range, key_ranges
from config.values.urls import check_url
from extractor.forums.social.addresses import post_asked_for
from pressmark.service.access.page_addresses import other_addresses, pages_of_post
from pressmark.service.access.unread_decisions import DecisionsUnread, UnreadDecisions
from pressmark.service.states import condition
from scheduler.ledger.take_downs import TakeDown, TakeDowns

_FRESH = 1.0
"""Seconds for which an answer of the database is used again: after that, what another process changed counts."""
LONGEST_REASON = 1000
"""Characters of a reason."""


class UnfitTakeDown(ValueError):
    """A take-down that can't be."""


class Withheld(TakeDown):
    """It stands for the take-downs that nobody knows, as the store has them in a file that can't be read: so it is of
    every page.
    """

    @property
    def ranges(self) -> Sequence[Range]:
        return (("", "\U0010ffff"),)

    def covers(self, url: str, stamps: Sequence[str] = ()) -> bool:
        return True


def _withheld_for(why: str, since: datetime) -> Withheld:
    """Return what hides all pages, because nobody knows which were taken down."""
    return Withheld("", "", "prefix", None, (), why, "", since, None)


class ActiveTakeDowns:
    """The take-downs that are in force. Changes by other processes count within a second, own ones at once."""

    def __init__(self, database: Database, index: Index, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._rows = TakeDowns(database)
        self._unread = UnreadDecisions(database)
        self._aliases = Aliases(database)
        self._index = index
        self._now = now
        self._known: tuple[float, list[TakeDown]] | None = None
        self._changes = 0
        self._lock = Lock()
        """Held to set these two, and never while the database is read."""

    def known(self) -> list[TakeDown] | None:
        """Return those in force, without the database; None if it has to be read."""
        known = self._known
        return self._in_force(known[1]) if known is not None and time.monotonic() < known[0] else None

    def all(self) -> list[TakeDown]:
        """Return all, also those that are over, newest first. Raises DatabaseUnusable."""
        return self._with_addresses(self._rows.all())

    def active(self) -> list[TakeDown]:
        """Return those in force. Raises DatabaseUnusable if the database can't be read and never could."""
        known = self.known()
        return self._in_force(self._read()) if known is None else known

    def active_or_withheld(self) -> list[TakeDown]:
        """Return those in force; what hides all pages if the database can't be read and never could."""
        try:
            return self.active()
        except DatabaseUnusable as error:
            return [_withheld_for(str(error), self._now())]

    def _in_force(self, all_: list[TakeDown]) -> list[TakeDown]:
        now = self._now()
        return [one for one in all_ if one.is_active(now)]

    def _read(self) -> list[TakeDown]:
        """Return all. Without the database, the last answer counts. An answer from before a change is not kept."""
        known, changes = self._known, self._changes
        try:
            read = [*self.all(), *self._unknown()]
        except Exception:
            if known is None:
                raise
            read = known[1]
        with self._lock:
            if changes == self._changes:
                self._known = time.monotonic() + _FRESH, read
        return read

    def _unknown(self) -> Iterator[Withheld]:
        if (noted := self._unread.get()) is not None:
            yield _withheld_for(condition("decisions-unread", count=noted[0], first=noted[1]).sentence, self._now())

    def _with_addresses(self, take_downs: Sequence[TakeDown]) -> list[TakeDown]:
        """Add the other addresses of their pages."""
        found = zip(take_downs, other_addresses(self._database, take_downs), strict=True)
        return [replace(one, also=also) for one, also in found]

    def _note_change(self) -> None:
        with self._lock:
            self._known = None
            self._changes += 1

    def instead_of(self, url: str, stamp: str = "") -> TakeDown | None:
        """Return why there is no capture of a URL; None if the archive has none."""
        active = self.active()
        return covering(active, url, [stamp]) or of_captures(active, url)

    def of_record(self, name: str) -> TakeDown | None:
        """Return why the capture of a record is not shown; None if none has that name, or it is shown.

        Collections that are closed to the caller stay closed. Raises QueryTooLong, DatabaseUnusable.
        """
        with hiding(TakenDown()):
            found = capture_named(self._database, name)
        if found is None:
            return None
        active, referred = self.active(), found.refers_to.record_id if found.refers_to else None
        single = (one for one in active if found.urlkey in one.keys and {found.record_id, referred} & {*one.records})
        return covering(active, found.url) or next(single, None)

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Hide what is taken down from what is read in this context. Raises DecisionsUnread, DatabaseUnusable."""
        active = self.active()
        if (one := withheld(active)) is not None:
            raise DecisionsUnread(one.reason)
        with hiding(rows_of(active)):
            yield

    def add(
        self, url: str, reason: str, *, by: str, match: Match = "exact", at: str | None = None, until: str | None = None
    ) -> TakeDown:
        """Take down the pages that match a URL or, with a time, its captures of that second.

        `at` may name one of several captures in a second: ``20260131120000~5f2c…``. `until` is a time as in searches.
        The page of a post that is named by its address in an interface gets a take-down of its own.
        Raises UnfitTakeDown, BadUrl, BadTime, DatabaseUnusable.
        """
        page = check_url(url if "://" in url else f"http://{url}", ("http", "https", "imap"))
        if not (why := reason.strip()) or len(why) > LONGEST_REASON:
            raise UnfitTakeDown(
                "a take-down (hiding content from readers) needs a reason; the reason may have at most "
                f"{LONGEST_REASON} characters"
            )
        if match == "exact" and not at and self._index.months and post_asked_for(page) is not None:
            raise UnfitTakeDown(
                "while months are attached, Pressmark can't find the page of a post by its address in an interface; "
                "take down the address of the page, or run pressmark months detach and pressmark rebuild first"
            )
        since, end = self._now(), parse_timestamp(until) if until else None
        if end is not None and end <= since:
            raise UnfitTakeDown("the end of a take-down must be in the future")
        if at and match != "exact":
            raise UnfitTakeDown("a time can be given only for a single page (match: exact)")
        if at and page[:7].lower() == "imap://":  # its images are captures of their own
            raise UnfitTakeDown("an e-mail can be taken down only as a whole; leave the time out")
        key_ranges(page, match)
        second, records = self._captures(page, at) if at else (None, ())
        [one] = self._with_addresses([TakeDown(uuid4().hex[:8], page, match, second, records, why, by, since, end)])
        pages = pages_of_post(self._database, page) if match == "exact" and not at else ()
        for each in (one, *self._with_addresses([replace(one, id=uuid4().hex[:8], url=other) for other in pages])):
            self._rows.add(each)
        self._note_change()
        return replace(one, also=tuple(dict.fromkeys((*one.also, *pages))))

    def ports_left(self, one: TakeDown) -> list[int]:
        """Return the ports of the same host whose captures a take-down of a host leaves. Raises DatabaseUnusable."""
        if one.match != "host" or not one.is_active(self._now()):
            return []
        return ports_beside(self._database, one.url, self._index.months)

    def _captures(self, url: str, stamp: str) -> tuple[datetime, tuple[str, ...]]:
        """Return the second of a stamp, and the records of the captures in it, also of what a browser drew of them.

        Raises UnfitTakeDown, BadTime.
        """
        second, _, record = stamp.partition("~")
        at = parse_timestamp(second)
        pages = (url, *self._aliases.same_page([url])[url])
        there = [capture for page in pages for capture in self._index.in_second(page, at)]
        found = tuple(each.record_id for each in there if not record or record in each.record_id)
        if timestamp14(at) != second or not found:
            raise UnfitTakeDown(f"no capture of {url} at {stamp}; use a time of 14 digits from its list of captures")
        moments = {each.at for each in there if each.record_id in found}
        documents = (each for each in there if each.kind == "conversion" and each.record_id not in found)
        drawn = chain(documents, *(self._index.in_second(urn + page, at) for page in pages for urn in BESIDE_PAGE))
        return at, found + tuple(each.record_id for each in drawn if each.at in moments)

    def lift(self, id_: str, *, by: str) -> TakeDown:
        """End a take-down. Raises UnknownTakeDown, DatabaseUnusable."""
        one = self._rows.lift(id_, by=by, at=self._now())
        self._note_change()
        return one


def withheld(active: Sequence[TakeDown]) -> Withheld | None:
    """Return why nothing is shown; None if what was taken down is known."""
    return next((one for one in active if isinstance(one, Withheld)), None)


def covering(active: Sequence[TakeDown], url: str, stamps: Sequence[str] = ()) -> TakeDown | None:
    """Return which of some take-downs is of what an address is about; None without one."""
    return next((one for one in active if one.covers(url, stamps)), None)


def of_captures(active: Sequence[TakeDown], url: str) -> TakeDown | None:
    """Return which of some take-downs is of single captures of a URL; None without one."""
    single = (one for one in active if url and one.at is not None)
    return next((one for one in single if one.covers(url, [timestamp14(one.at or one.since)])), None)


def rows_of(active: Sequence[TakeDown]) -> TakenDown:
    """Return which rows of the database are hidden."""
    return TakenDown(
        frozenset(each for one in active for each in one.ranges),
        frozenset(record for one in active for record in one.records),
        frozenset(key for one in active if one.at for key in one.keys),
    )


def tombstone(one: TakeDown) -> str:
    """Return the sentence that stands where something was taken down."""
    if isinstance(one, Withheld):
        return one.reason
    end = f" and stays hidden until {one.until.astimezone(UTC):%Y-%m-%d}" if one.until else ""
    return f"this content was taken down on {one.since.astimezone(UTC):%Y-%m-%d}{end}; reason: {one.reason}"
