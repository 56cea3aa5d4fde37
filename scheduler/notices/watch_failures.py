"""The watches that can't be followed, and why, for readers in other processes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from archive.database.engine import Database
from archive.database.marks import Marks


@dataclass(frozen=True, slots=True)
class WatchFailure:
    """Since when, and why, a watch finds nothing."""

    since: datetime
    reason: str


class WatchFailures:
    """The failures of watches in a database."""

    def __init__(self, database: Database) -> None:
        self._marks = Marks(database, "watch-failing/")

    def note(self, watch: str, reason: str, now: datetime) -> None:
        """Note that a watch fails; the time of its first failure stays. Raises DatabaseUnusable."""
        known = self.all().get(watch)
        since = known.since if known else now
        self._marks.set(watch, json.dumps({"since": since.isoformat(), "reason": reason}, ensure_ascii=False))

    def clear(self, watch: str) -> None:
        """Note that a watch works again, or is no longer in the settings. Raises DatabaseUnusable."""
        self._marks.delete(watch)

    def all(self) -> dict[str, WatchFailure]:
        """Return the failures by the name of the watch. Raises DatabaseUnusable."""
        told = {name: json.loads(value) for name, value in self._marks.all().items()}
        return {
            name: WatchFailure(datetime.fromisoformat(one["since"]), str(one["reason"])) for name, one in told.items()
        }
