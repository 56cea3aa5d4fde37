"""From the timetable to the queue: what fell due becomes slots and runs, each once, whoever else keeps time.

For each source a mark tells until when its timetable has been seen to. It is read and written in the transaction that
queues the runs, so services on one database take turns, and a service that was down finds what it missed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heappush

from sqlalchemy import Connection, delete, select, update

from archive.database import figures
from archive.database.engine import Database
from archive.database.schema import marks, microseconds, moment
from archive.database.statements import insert_missing
from archive.figures import Figure
from config.source import Source
from scheduler import events, slots
from scheduler.queue import queue_slot
from scheduler.run import Run
from scheduler.timetable import Choice, Entry, choose, entry_of, next_ticks

_PREFIX = "timetable/"
_ENTRIES_AT_ONCE = 200
"""In one transaction, so that nobody waits long for the database."""
_LOOKED_BACK = 10_000
"""Missed ticks of a source that are looked at, which is more than `all:N` can ask for."""
_WRITTEN_DOWN = 1_000
"""Missed ticks without a run that get a row each; the older ones are only counted."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """Until when the slots of a rhythm have been seen to."""

    rhythm: str
    until: datetime

    def text(self) -> str:
        return json.dumps({"rhythm": self.rhythm, "until": microseconds(self.until)})


def _mark_of(text: str) -> _Mark:
    told = json.loads(text)
    return _Mark(told["rhythm"], moment(told["until"]))


class Timekeeper:
    """Keeps the time of the sources that it was told to follow.

    `held_back` gives a sentence when nothing may start for want of room, else None. `zone` is whose local time a
    timetable means that names none.
    """

    def __init__(
        self,
        database: Database,
        *,
        now: Callable[[], datetime],
        zone: str = "UTC",
        held_back: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._database = database
        self._now = now
        self._zone = zone
        self._held_back = held_back
        self._entries: dict[str, Entry] = {}
        self._coming: list[tuple[datetime, str]] = []

    def follow(self, sources: Iterable[Source], *, complete: bool = True) -> None:
        """Keep the time of these sources from now on, and of no others.

        A timetable that is new or changed counts from now: it has missed nothing. `complete` says that a source that is
        not among them is gone for good, so that its mark can go.
        """
        entries = {entry.source: entry for source in sources if (entry := entry_of(source, self._zone))}
        with self._database.writing() as connection:
            known = _marks(connection)
            for name, entry in entries.items():
                changed = name not in self._entries or self._entries[name].rhythm != entry.rhythm
                if name not in known or (changed and known[name].rhythm != entry.rhythm):
                    known[name] = _Mark(entry.rhythm, self._now())
                    _set(connection, name, known[name])
            if complete:
                _forget(connection, [name for name in known if name not in entries])
        self._entries = entries
        self._coming = [(_next_due(entry, known[name].until), name) for name, entry in entries.items()]
        heapify(self._coming)

    def next_at(self) -> datetime | None:
        """When the next tick falls due; None when none does."""
        return self._coming[0][0] if self._coming else None

    def strike(self) -> list[Run]:
        """See to all that has fallen due; the runs that were queued. Costs nothing while nothing is due."""
        now = self._now()
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

    def _see_to(self, names: Sequence[str], now: datetime) -> list[Run]:
        held_back = self._held_back()
        queued = list[Run]()
        with self._database.writing() as connection:
            known = _marks(connection, names)
            for name in names:
                entry, mark = self._entries[name], known.get(name)
                if mark is None or mark.rhythm != entry.rhythm or mark.until >= now:
                    continue  # another service has seen to it, or follows a newer timetable
                ticks = entry.latest(mark.until, now, _LOOKED_BACK)
                queued += _apply(connection, choose(ticks, now, entry.catch_up), now, held_back)
                _set(connection, name, _Mark(entry.rhythm, now))
        return queued


def _apply(connection: Connection, choice: Choice, now: datetime, held_back: str | None) -> list[Run]:
    """Queue the runs of one source, and write down what has none."""
    for tick in choice.skipped[-_WRITTEN_DOWN:]:
        why = "missed while nothing kept time, and not caught up with"
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
    coming = next_ticks(entry, after)
    return coming[0].due if coming else datetime.max.replace(tzinfo=after.tzinfo)


def _marks(connection: Connection, names: Sequence[str] | None = None) -> dict[str, _Mark]:
    query = select(marks).where(marks.c.name.startswith(_PREFIX))
    if names is not None:
        query = query.where(marks.c.name.in_([_PREFIX + name for name in names]))
    return {row.name.removeprefix(_PREFIX): _mark_of(row.value) for row in connection.execute(query)}


def _set(connection: Connection, name: str, mark: _Mark) -> None:
    row = {"name": _PREFIX + name, "value": mark.text()}
    if not connection.execute(insert_missing(connection, marks, "name").values(**row)).rowcount:
        connection.execute(update(marks).where(marks.c.name == row["name"]).values(value=row["value"]))


def _forget(connection: Connection, names: Sequence[str]) -> None:
    for name in names:
        connection.execute(delete(marks).where(marks.c.name == _PREFIX + name))
