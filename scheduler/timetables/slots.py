"""The slots of the timetables: each source and moment once, with its result."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, and_, case, delete, select, update

from archive.database.engine import Database
from archive.database.schema import microseconds, runs, slots
from archive.database.statements import insert_missing
from scheduler import unsaved
from scheduler.run import Run

State = Literal["queued", "ran", "caught-up", "skipped", "failed"]
"""The state of a slot, or how it ended.

ran: its run archived what there was. caught-up: it was missed, and the run of a later slot covers it. skipped,
failed: the reason says why.
"""

_BARREN = {"empty", "failed", "blocked", "cancelled"}
"""Outcomes of a run that mark its slot as failed."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Slot:
    """One moment of a source's timetable, and its result."""

    source: str
    at: datetime
    state: State
    reason: str | None
    run: str | None
    noted_at: datetime


def note(
    connection: Connection,
    source: str,
    at: datetime,
    state: State,
    *,
    now: datetime,
    reason: str | None = None,
    run: str | None = None,
) -> bool:
    """Insert a slot. Return False, and do nothing, when it is there already: any number of clocks may strike."""
    values = {"source": source, "at": at, "state": state, "reason": reason, "run": run, "noted_at": now}
    new = bool(connection.execute(insert_missing(connection, slots, "source", "at").values(**values)).rowcount)
    if new:
        _note_unsaved(connection, source, [at])
    return new


def known(connection: Connection, source: str, at: datetime) -> bool:
    """Return whether a slot has been recorded."""
    return connection.execute(select(slots.c.at).where(slots.c.source == source, slots.c.at == at)).first() is not None


def recorded(connection: Connection, source: str, since: datetime) -> frozenset[datetime]:
    """Return the recorded slots of a source from a moment on."""
    found = select(slots.c.at).where(slots.c.source == source, slots.c.at >= since)
    return frozenset(connection.execute(found).scalars())


def ahead(connection: Connection, sources: Sequence[str], now: datetime) -> dict[str, set[datetime]]:
    """Return the recorded slots of these sources in the future: they come from a clock that was ahead."""
    found = defaultdict[str, set[datetime]](set)
    for first in range(0, len(sources), _AT_ONCE):
        names = sources[first : first + _AT_ONCE]
        query = select(slots.c.source, slots.c.at).where(slots.c.source.in_(names), slots.c.at > now)
        for row in connection.execute(query):
            found[row.source].add(row.at)
    return dict(found)


def forget_without_run(connection: Connection, source: str, since: datetime, *, on_time: timedelta) -> None:
    """Delete the slots of a source after a moment that had no run of their own, and were not skipped on time."""
    own = and_(runs.c.id == slots.c.run, runs.c.tick == slots.c.at)
    found = select(slots.c.at, slots.c.noted_at).join_from(slots, runs, own, isouter=True)
    found = found.where(slots.c.source == source, slots.c.at > since, runs.c.id.is_(None))
    late = [row.at for row in connection.execute(found) if row.noted_at > row.at + on_time]
    for first in range(0, len(late), _AT_ONCE):
        chunk = late[first : first + _AT_ONCE]
        connection.execute(delete(slots).where(slots.c.source == source, slots.c.at.in_(chunk)))
    _note_unsaved(connection, source, late)


def finish_slots(connection: Connection, run: Run, now: datetime) -> None:
    """Settle the slots that waited for a run that is over: its own, and those that it covers."""
    state: Any = "failed" if run.outcome in _BARREN else case((slots.c.at == run.tick, "ran"), else_="caught-up")
    reason = f"{run.outcome}: {run.reason}" if run.reason else run.outcome
    waiting = (slots.c.run == run.id, slots.c.source == run.source, slots.c.state == "queued")
    _note_unsaved(connection, run.source, connection.execute(select(slots.c.at).where(*waiting)).scalars().all())
    connection.execute(update(slots).where(*waiting).values(state=state, reason=reason, noted_at=now))


def _note_unsaved(connection: Connection, source: str, times: Sequence[datetime]) -> None:
    unsaved.note(connection, "slot", [(source, str(microseconds(at))) for at in times])


class Slots:
    """Reads the slots of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(
        self,
        source: str | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
    ) -> list[Slot]:
        """List slots, newest first, after `since` and up to `until`."""
        query = select(slots).order_by(slots.c.at.desc(), slots.c.source).limit(limit)
        if source is not None:
            query = query.where(slots.c.source == source)
        if since is not None:
            query = query.where(slots.c.at > since)
        if until is not None:
            query = query.where(slots.c.at <= until)
        with self._database.reading() as connection:
            return [Slot(**row._mapping) for row in connection.execute(query)]

    def prune(self, before: datetime) -> int:
        """Delete finished slots before a moment, and return their number."""
        over = (slots.c.at < before, slots.c.state != "queued")
        with self._database.writing() as connection:
            return int(connection.execute(delete(slots).where(*over)).rowcount)
