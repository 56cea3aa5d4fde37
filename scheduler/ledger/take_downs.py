"""What people took down: pages that the archive keeps and does not show, with the reason, by whom and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.database.engine import Database
from archive.values.capture import page_of
from archive.values.timestamps import timestamp14
from archive.values.urlkey import Match, Range, urlkey
from scheduler.ledger.decided import Decisions, ranges_of

TAKE_DOWNS = "takedown/"
"""The prefix of their names among all marks."""


class UnknownTakeDown(Exception):
    def __init__(self, id_: str) -> None:
        super().__init__(f"no take-down with the id {id_!r}")


@dataclass(frozen=True, slots=True)
class TakeDown:
    """A decision of people. It stays in the list when it was lifted or is over."""

    id: str
    url: str
    match: Match
    """Which pages it is about, as in searches for captures."""
    at: datetime | None
    """The time of the captures if it is about those of one second, and not about all of the page."""
    records: tuple[str, ...]
    """The ids of these captures."""
    reason: str
    by: str
    since: datetime
    until: datetime | None
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    also: tuple[str, ...] = ()
    """The other addresses of its page. They are not stored: pages come to have further ones."""

    @property
    def ranges(self) -> Sequence[Range]:
        """The keys of its pages; none for single captures."""
        if self.at:
            return ()
        return ranges_of(self.url, self.match, self.also)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the addresses of the page, for single captures."""
        return frozenset(map(urlkey, (self.url, *self.also)))

    def is_active(self, now: datetime) -> bool:
        return self.lifted_at is None and (self.until is None or now < self.until)

    def covers(self, url: str, stamps: Sequence[str] = ()) -> bool:
        """Return whether an address is about what was taken down.

        `stamps` are the times in the address: ``20260131120000``, or one with the id of a record. The address of
        a picture is about its page, as that of all records of a URN with a URL is.
        """
        key = urlkey(page_of(url))
        if self.at is None:
            return any(first <= key < past for first, past in self.ranges)
        return key in self.keys and any(self._is_at(stamp, self.at) for stamp in stamps)

    def _is_at(self, stamp: str, at: datetime) -> bool:
        second, _, record = stamp.partition("~")
        return second == timestamp14(at) and (not record or any(record in each for each in self.records))


class TakeDowns(Decisions[TakeDown]):
    """The take-downs of a database."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, "takedown", TAKE_DOWNS, TakeDown, UnknownTakeDown)
