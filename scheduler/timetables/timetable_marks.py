"""Marks: up to when the timetable of each source has been processed. Within a transaction.

A mark in the future comes from a clock that was ahead, here or on another machine. It is taken back; otherwise the
timetable would stop until that time comes.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection, delete, select

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.database.schema import marks, microseconds, moment
from archive.database.statements import begins_with, insert_or_replace
from config.duration import duration_in_words
from scheduler import events, unsaved
from scheduler.timetables import slots
from scheduler.timetables.timetable import ON_TIME, Entry

_log = logging.getLogger(__name__)
PREFIX = "timetable/"
_CLOCK, _SET_BACK = "clock/", "set-back"
SKEW = ON_TIME
"""The most by which the clocks of two services may differ; a mark further ahead is wrong."""
TAKEN_BACK = "timetable.taken-back"
"""The kind of the event."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to when the slots of a rhythm have been processed."""

    rhythm: str
    until: datetime

    def text(self) -> str:
        return f'{{"rhythm": {_as_json(self.rhythm)}, "until": {microseconds(self.until)}}}'


def read(connection: Connection, sources: Sequence[str] | None = None) -> dict[str, Mark]:
    """Return the marks of these sources, or of all."""
    query = select(marks).where(begins_with(marks.c.name, PREFIX))
    if sources is not None:
        query = query.where(marks.c.name.in_([PREFIX + source for source in sources]))
    return {row.name.removeprefix(PREFIX): _mark_of(row.value) for row in connection.execute(query)}


def put(connection: Connection, known: Mapping[str, Mark]) -> None:
    """Set the marks of sources."""
    rows = [{"name": PREFIX + source, "value": mark.text()} for source, mark in known.items()]
    if rows:
        connection.execute(insert_or_replace(connection, marks, "name"), rows)
        unsaved.note(connection, "timetable", [(source,) for source in known])


def forget(connection: Connection, sources: Iterable[str]) -> None:
    """Delete the marks of deleted sources."""
    gone = list(sources)
    for source in gone:
        connection.execute(delete(marks).where(marks.c.name == PREFIX + source))
    unsaved.note(connection, "timetable", [(source,) for source in gone])


def ahead(entries: Iterable[str], known: Mapping[str, Mark], now: datetime) -> dict[str, timedelta]:
    """Return by how much marks of these sources are further ahead of `now` than SKEW."""
    return {name: known[name].until - now for name in entries if name in known and known[name].until > now + SKEW}


def reset_ahead(
    connection: Connection, entries: Mapping[str, Entry], known: Mapping[str, Mark], now: datetime
) -> dict[str, Mark]:
    """Take the marks that are ahead of `now` by more than SKEW back to now, log it and note an event.

    Ticks of the last minute are still on time, so the marks go back that far. Later slots without a run of their own
    are deleted, because they will be due again; slots that had one never get another.
    """
    by = ahead(entries, known, now)
    if not by:
        return {}
    furthest = max(by.values())
    _log.warning(
        "the clock was set back: timetables already processed up to %s ahead continue from now: %d",
        duration_in_words(furthest),
        len(by),
    )
    events.note(connection, now, TAKEN_BACK, sources=len(by), seconds=furthest.total_seconds())
    last = {"name": _CLOCK + _SET_BACK, "value": json.dumps({"at": microseconds(now), "sources": len(by)})}
    connection.execute(insert_or_replace(connection, marks, "name").values(**last))
    since, taken = now - ON_TIME, dict[str, Mark]()
    for name in by:
        slots.forget_without_run(connection, name, since, on_time=entries[name].latest_start + ON_TIME)
        taken[name] = replace(known[name], until=since)
    put(connection, taken)
    return taken


@dataclass(frozen=True, slots=True)
class TimetableReset:
    """When timetables were last taken back because the clock was set back."""

    at: datetime
    sources: int


def last_reset(database: Database) -> TimetableReset | None:
    """Return when that last happened; None when it never did."""
    told = Marks(database, _CLOCK).get(_SET_BACK)
    found = json.loads(told) if told else None
    return TimetableReset(moment(found["at"]), found["sources"]) if found else None


_as_json = lru_cache(json.dumps)
"""Many sources have the same rhythm."""


def _mark_of(text: str) -> Mark:
    told = json.loads(text)
    return Mark(told["rhythm"], moment(told["until"]))
