"""When sources will run next, by their timetables: not while they are paused, and not twice in one slot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from archive.database.engine import Database
from config.values.timetable import Timed
from scheduler.pauses import EVERYTHING, Pauses
from scheduler.timetables import slots
from scheduler.timetables.timetable import Tick, entry_of, first_due, ticks_after


class UpcomingTicks:
    """The ticks of these sources after a moment. `zone` is for timetables that name none."""

    def __init__(self, database: Database, sources: Sequence[Timed], zone: str, now: datetime) -> None:
        self._zone, self._now = zone, now
        self._paused = Pauses(database, now=lambda: now).all().keys()
        with database.reading() as connection:
            self._recorded = slots.ahead(connection, [source.name for source in sources], now)

    def first(self, source: Timed) -> datetime | None:
        """Return when a source runs next; None if it has no timetable, or is paused."""
        if source.name in self._recorded:
            return next((tick.due for tick in self.ticks(source, 1)), None)
        entry = None if self._is_paused(source) else entry_of(source, self._zone)
        return first_due(entry, self._now) if entry else None

    def ticks(self, source: Timed, count: int) -> list[Tick]:
        """Return that many of its next ticks, soonest first."""
        return list(islice(self._ticks(source), count))

    def _ticks(self, source: Timed) -> Iterator[Tick]:
        entry = None if self._is_paused(source) else entry_of(source, self._zone)
        recorded = self._recorded.get(source.name, set[datetime]())
        return (tick for tick in ticks_after(entry, self._now) if tick.at not in recorded) if entry else iter(())

    def _is_paused(self, source: Timed) -> bool:
        return EVERYTHING in self._paused or source.name in self._paused
