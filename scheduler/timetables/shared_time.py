"""The time of timetables: that of the machine, or, with several machines, that of their database."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from archive.database.engine import Database
from archive.database.statements import shared_clock
from archive.values.errors import DatabaseUnusable

EVERY = 60.0
"""Seconds between two looks at the clock of the database."""


class SharedTime:
    """Gives the time at once: between two looks at the clock of the database, it adds what has passed by the monotonic
    clock of this machine. A wrong time of day of this machine then queues no slot early or late.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        """`now` is the time of this machine, which counts with one machine, and until the first look."""
        self._database, self._now = database, now
        self._seen: tuple[datetime, float] | None = None

    def __call__(self) -> datetime:
        if self._seen is None:
            return self._now()
        at, then = self._seen
        return at + timedelta(seconds=time.monotonic() - then)

    def look(self) -> None:
        """Look at the clock of the database, at most once a minute. While it can't be reached, the last look counts."""
        if not self._database.is_shared or (self._seen and time.monotonic() - self._seen[1] < EVERY):
            return
        try:
            with self._database.reading() as connection:
                then = time.monotonic()
                at = shared_clock(connection)
        except DatabaseUnusable:
            return
        self._seen = at + timedelta(seconds=time.monotonic() - then) / 2, time.monotonic()
