"""Turn the timetable into the queue: due ticks become slots and runs, each once, even with several services.

For each source a mark says up to when its timetable has been processed. It is read and written in the transaction that
queues the runs, so services on one database take turns, and a service that was down finds what it missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from sqlalchemy import Connection

from archive.database import figures
from archive.database.engine import Database
from archive.database.writers import retried
from archive.values.counters import Figure
from config.values.timetable import Timed
from scheduler import events
from scheduler.ledger.queue import queue_slot
from scheduler.run import Run
from scheduler.timetables import slots, timetable_marks
from scheduler.timetables.timetable import Choice, Entry, Tick, choose, entry_of, first_due
from scheduler.timetables.timetable_marks import SKEW, Mark

_ENTRIES_AT_ONCE = 200
"""Entries per transaction, so that nobody waits long for the database."""
_LOOKED_BACK = 10_000
"""Missed ticks of a source that are considered; this is more than `all:N` can request."""
_WRITTEN_DOWN = 1_000
"""Missed ticks without a run that get a row each; the older ones are only counted."""


class Timekeeper:
    """Keeps the time of the sources that it follows.

    `held_back` returns a sentence when nothing may start for lack of space, otherwise None. `zone` is the time zone of
    timetables that name none. `look` is called before `now` counts: with several machines, it asks the database for the
    time.
    """

    def __init__(
        self,
        database: Database,
        *,
        now: Callable[[], datetime],
        zone: str = "UTC",
        held_back: Callable[[], str | None] = lambda: None,
        look: Callable[[], object] = lambda: None,
    ) -> None:
        self._database = database
        self._now, self._look = now, look
        self._zone = zone
        self._held_back = held_back
        self._entries: dict[str, Entry] = {}
        self._coming: list[tuple[datetime, str]] = []
        look()
        self._struck = now()

    def follow(self, sources: Iterable[Timed], *, complete: bool = True) -> None:
        """Keep the time of these sources from now on, and of no others.

        A new or changed timetable counts from now: it has missed nothing. `complete` says that a source that is not
        among them is deleted for good, so that its mark can be deleted. With several machines, another one may have it.
        """
        self._look()
        entries = {entry.source: entry for source in sources if (entry := entry_of(source, self._zone))}
        forgets = complete and not self._database.is_shared
        with self._database.reading() as connection:
            known = timetable_marks.read(connection)
        if self._must_write(entries, known, forgets=forgets):  # all other writers wait for that
            with self._database.writing() as connection:
                known = timetable_marks.read(connection)
                new = self._new(entries, known)
                timetable_marks.put(connection, new)
                known |= new
                if forgets:
                    timetable_marks.forget(connection, [name for name in known if name not in entries])
                known |= timetable_marks.reset_ahead(connection, entries, known, self._now())
        self._entries = entries
        self._expect(known)

    def _must_write(self, entries: Mapping[str, Entry], known: Mapping[str, Mark], *, forgets: bool) -> bool:
        """Return whether `follow` has to change marks."""
        if self._new(entries, known) or (forgets and not known.keys() <= entries.keys()):
            return True
        return bool(timetable_marks.ahead(entries, known, self._now()))

    def _new(self, entries: Mapping[str, Entry], known: Mapping[str, Mark]) -> dict[str, Mark]:
        now = self._now()
        return {name: Mark(entry.rhythm, now) for name, entry in entries.items() if self._is_new(entry, known)}

    def _is_new(self, entry: Entry, known: Mapping[str, Mark]) -> bool:
        """Whether its rhythm is new or has changed, and was not followed by another service before."""
        mark, before = known.get(entry.source), self._entries.get(entry.source)
        changed = before is None or before.rhythm != entry.rhythm
        return mark is None or (changed and mark.rhythm != entry.rhythm)

    def next_at(self) -> datetime | None:
        """Return when the next tick is due; None when none is, or while the last one is processed in a thread."""
        return next((at for at, _ in self._coming[:1]), None)

    def wait(self) -> timedelta:
        """Return the time until the next tick, which may be over; the longest there is when none is due."""
        next_at = self.next_at()
        return timedelta.max if next_at is None else next_at - self._now()

    def process_due(self) -> list[Run]:
        """Process everything that is due, and return the queued runs. It costs nothing while nothing is due."""
        self._look()
        now = self._now()
        if now < self._struck - SKEW:
            self._reset_ahead()
        self._struck = now
        names = list[str]()
        while self._coming and self._coming[0][0] <= now:
            names.append(heappop(self._coming)[1])
        queued = list[Run]()
        try:
            for first in range(0, len(names), _ENTRIES_AT_ONCE):
                queued += self._see_to(names[first : first + _ENTRIES_AT_ONCE], now)
        except BaseException:
            for name in names:
                heappush(self._coming, (now, name))
            raise
        for name in names:
            heappush(self._coming, (_next_due(self._entries[name], now), name))
        return queued

    @retried
    def _see_to(self, names: Sequence[str], now: datetime) -> list[Run]:
        held_back = self._held_back()
        queued = list[Run]()
        with self._database.beside("timetables") as connection:
            known = timetable_marks.read(connection, names)
            followed = {name: self._entries[name] for name in names}
            # Read the clock now: another service may have written the marks meanwhile, with a later time.
            known |= timetable_marks.reset_ahead(connection, followed, known, self._now())
            seen_to = dict[str, Mark]()
            for name in names:
                entry, mark = self._entries[name], known.get(name)
                if mark is None or mark.rhythm != entry.rhythm or mark.until >= now:
                    continue  # another service has processed it, or follows a newer timetable
                choice = choose(_unrecorded(connection, entry, mark.until, now), now, entry.catch_up)
                queued += _apply(connection, choice, now, held_back)
                seen_to[name] = Mark(entry.rhythm, now)
            timetable_marks.put(connection, seen_to)
        return queued

    def _reset_ahead(self) -> None:
        with self._database.writing() as connection:
            known = timetable_marks.read(connection)
            known |= timetable_marks.reset_ahead(connection, self._entries, known, self._now())
        self._expect(known)

    def _expect(self, known: Mapping[str, Mark]) -> None:
        """Expect the first tick of each entry after its mark; an entry without a mark was taken over elsewhere."""
        followed = ((name, entry) for name, entry in self._entries.items() if name in known)
        self._coming = [(_next_due(entry, known[name].until), name) for name, entry in followed]
        heapify(self._coming)


def _unrecorded(connection: Connection, entry: Entry, since: datetime, until: datetime) -> list[Tick]:
    """Return the ticks due in a span of time that have no slot yet.

    The others were processed before the clock was set back.
    """
    ticks = entry.latest(since, until, _LOOKED_BACK)
    recorded = slots.recorded(connection, entry.source, ticks[0].at) if len(ticks) > 1 else frozenset()
    return [tick for tick in ticks if tick.at not in recorded]


def _apply(connection: Connection, choice: Choice, now: datetime, held_back: str | None) -> list[Run]:
    """Queue the runs of one source, and record the ticks without a run."""
    for tick in choice.skipped[-_WRITTEN_DOWN:]:
        why = "missed while no scheduler was running, and not caught up"
        slots.note(connection, tick.source, tick.at, "skipped", now=now, reason=why)
    covered = [tick.at for tick in choice.covered[-_WRITTEN_DOWN:]]
    queued = list[Run]()
    for tick in choice.run:
        beside = [run.id for run in queued]
        run = queue_slot(connection, tick.source, tick.at, now, stands_for=covered, beside=beside, held_back=held_back)
        covered = []
        queued += [run] if run else []
    missed = len(choice.skipped) + len(choice.covered)
    if missed:
        source = (choice.skipped or choice.covered)[0].source
        figures.add(connection, [((Figure.MISSED, ("down",)), float(missed))])
        events.note(connection, now, "timetable.missed", source=source, slots=missed, caught_up=len(choice.covered))
    return queued


def _next_due(entry: Entry, after: datetime) -> datetime:
    return first_due(entry, after) or datetime.max.replace(tzinfo=after.tzinfo)
