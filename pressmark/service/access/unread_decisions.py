"""Whether the store has decisions of people that can't be read, so that the database may not know all take-downs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archive.database.marks import Marks
from archive.values.errors import IntegrityError

if TYPE_CHECKING:
    from archive.database.engine import Database

_NAME = "unread"


class DecisionsUnread(IntegrityError):
    """Damaged or missing objects of the store have decisions of people that the database does not know."""


class UnreadDecisions:
    """What a database notes of them, for all processes."""

    def __init__(self, database: Database) -> None:
        self._marks = Marks(database, "decisions:")

    def get(self) -> tuple[int, str] | None:
        """Return how many objects of the store can't be read, and the key of the first; None without any.

        Raises DatabaseUnusable.
        """
        if (noted := self._marks.get(_NAME)) is None:
            return None
        count, first = json.loads(noted)
        return count, first

    def note(self, count: int, first: str) -> None:
        """Raises DatabaseUnusable."""
        self._marks.set(_NAME, json.dumps([count, first]))

    def clear(self) -> None:
        """Raises DatabaseUnusable."""
        if self.get() is not None:
            self._marks.delete(_NAME)
