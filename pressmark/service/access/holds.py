"""Legal holds: what is held, no purge deletes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from archive.database.engine import Database
from archive.values.capture import Capture
from archive.values.timestamps import parse_timestamp, timestamp14
from archive.values.urlkey import Match
from config.names import check_name
from config.values.urls import check_url
from pressmark.service.access.page_addresses import other_addresses
from pressmark.service.access.take_downs import LONGEST_REASON
from scheduler.ledger.holds import Hold, Holds

if TYPE_CHECKING:
    from pressmark.service.service import Service


class UnfitHold(ValueError):
    """A hold that can't be."""


class ActiveHolds:
    """The holds of a database, and what they protect now."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._rows, self._database, self._now = Holds(database), database, now

    def all(self) -> list[Hold]:
        """Return all, also those that are over, newest first. Raises DatabaseUnusable."""
        return self._rows.all()

    def held(self) -> Callable[[Capture], bool]:
        """Return what says whether a capture is held now. Raises DatabaseUnusable."""
        now = self._now()
        active = [one for one in self._rows.all() if one.is_active(now)]
        found = [
            (one, one.ranges(also)) for one, also in zip(active, other_addresses(self._database, active), strict=True)
        ]
        return lambda capture: any(one.covers(capture, ranges) for one, ranges in found)

    def add(
        self,
        url: str | None,
        reason: str,
        *,
        by: str,
        collection: str | None = None,
        match: Match = "exact",
        at: str | None = None,
        until: str | None = None,
    ) -> Hold:
        """Hold the pages that match a URL, with a time the captures of that second, or all of a collection.

        Raises UnfitHold, BadUrl, BadTime, DatabaseUnusable.
        """
        if bool(url) == bool(collection):
            raise UnfitHold("a hold (protection from deletion) needs either a URL or a collection")
        if not (why := reason.strip()) or len(why) > LONGEST_REASON:
            raise UnfitHold(
                "a hold (protection from deletion) needs a reason; the reason may have at most "
                f"{LONGEST_REASON} characters"
            )
        if at and (collection or match != "exact"):
            raise UnfitHold("a time can be given only for a single page (match: exact)")
        since, end = self._now(), parse_timestamp(until) if until else None
        if end is not None and end <= since:
            raise UnfitHold("the end of a hold must be in the future")
        second = parse_timestamp(at) if at else None
        if second is not None and timestamp14(second) != at:
            raise UnfitHold("a time of a hold has 14 digits, as in the list of captures of its page")
        page = ""
        if url:
            page = check_url(url if "://" in url else f"http://{url}", ("http", "https", "imap"))
        elif collection:
            check_name(collection)
        one = Hold(uuid4().hex[:8], collection or None, page, match, second, why, by, since, end)
        one.ranges()  # it raises what no URL can have
        self._rows.add(one)
        return one

    def lift(self, id_: str, *, by: str) -> Hold:
        """End a hold. Raises UnknownHold, DatabaseUnusable."""
        return self._rows.lift(id_, by=by, at=self._now())


def holds_of(service: Service) -> ActiveHolds:
    """Return the holds of a service."""
    return ActiveHolds(service.database, now=service.now)
