"""Legal holds: what nobody may delete, why, by whom and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.database.engine import Database
from archive.values.capture import Capture, page_of
from archive.values.timestamps import timestamp14
from archive.values.urlkey import Match, Range, urlkey
from scheduler.ledger.decided import Decisions, ranges_of

HOLDS = "hold/"
"""The prefix of their names among all marks."""


class UnknownHold(Exception):
    def __init__(self, id_: str) -> None:
        super().__init__(f"no hold (protection from deletion) with the id {id_!r}")


@dataclass(frozen=True, slots=True)
class Hold:
    """A decision of people. It stays in the list when it was lifted or is over."""

    id: str
    collection: str | None
    """The collection; None if it is about pages."""
    url: str
    """Empty for a collection."""
    match: Match
    at: datetime | None
    """The time of the captures if it is about those of one second, and not about all of the page."""
    reason: str
    by: str
    since: datetime
    until: datetime | None
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    def is_active(self, now: datetime) -> bool:
        return self.lifted_at is None and (self.until is None or now < self.until)

    def ranges(self, also: Sequence[str] = ()) -> list[Range]:
        """Return the keys of its pages, and of `also`, the other addresses of its page."""
        if self.collection is not None:
            return []
        return ranges_of(self.url, self.match, also)

    def covers(self, capture: Capture, ranges: Sequence[Range]) -> bool:
        """Return whether a capture is held, by the keys of the hold. A picture is held with its page."""
        if self.collection is not None:
            return capture.collection == self.collection
        if self.at is not None and timestamp14(self.at) != timestamp14(capture.at):
            return False
        key = urlkey(page_of(capture.url))
        return any(first <= key < past for first, past in ranges)


class Holds(Decisions[Hold]):
    """The holds of a database."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, "hold", HOLDS, Hold, UnknownHold)
