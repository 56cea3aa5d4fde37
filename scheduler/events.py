"""What happened, in order, for followers: a reader keeps the number of the last event it has seen."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select

from archive.database.engine import Database
from archive.database.schema import events
from archive.database.writers import add_events, retried

KEPT = timedelta(days=30)
"""How long events are kept."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: ``run.over`` with its outcome, ``source.paused`` with its reason."""

    id: int
    """Grows with each event and is never reused: a reader's cursor."""
    at: datetime
    kind: str
    source: str | None
    run: str | None
    facts: Mapping[str, Any]


def note(
    connection: Connection, at: datetime, kind: str, *, source: str | None = None, run: str | None = None, **facts: Any
) -> None:
    """Write an event in the transaction of the change that it reports."""
    values = {"at": at, "kind": kind, "source": source, "run": run}
    add_events(connection, [{**values, "facts": json.dumps(facts, ensure_ascii=False, default=str)}])


def newest(connection: Connection) -> int:
    """Return the number of the newest event; 0 if there is none."""
    return int(connection.execute(select(func.coalesce(func.max(events.c.id), 0))).scalar_one())


def of_row(row: Any) -> Event:
    """Return the event in a row of the table."""
    return Event(row.id, row.at, row.kind, row.source, row.run, json.loads(row.facts))


class Events:
    """The events of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @retried
    def append(
        self, at: datetime, kind: str, *, source: str | None = None, run: str | None = None, **facts: Any
    ) -> None:
        with self._database.beside() as connection:
            note(connection, at, kind, source=source, run=run, **facts)

    def after(
        self,
        cursor: int = 0,
        *,
        limit: int = 100,
        source: str | None = None,
        run: str | None = None,
        kinds: Collection[str] = (),
    ) -> list[Event]:
        """Return the events after `cursor`, oldest first."""
        query = select(events).where(events.c.id > cursor).order_by(events.c.id).limit(limit)
        if source is not None:
            query = query.where(events.c.source == source)
        if run is not None:
            query = query.where(events.c.run == run)
        if kinds:
            query = query.where(events.c.kind.in_(kinds))
        with self._database.reading() as connection:
            return [of_row(row) for row in connection.execute(query)]

    def since(self, cursor: int, *, limit: int) -> list[tuple[int, str | None]]:
        """The numbers and sources of the events past `cursor`, oldest first."""
        query = select(events.c.id, events.c.source).where(events.c.id > cursor).order_by(events.c.id).limit(limit)
        with self._database.reading() as connection:
            return [(number, source) for number, source in connection.execute(query)]

    def latest(self) -> int:
        """Return the number of the newest event, the start for a reader that wants only new ones."""
        with self._database.reading() as connection:
            return newest(connection)

    def prune(self, now: datetime, kept: timedelta = KEPT) -> int:
        """Delete what is older than `kept`, and return the number of events."""
        with self._database.writing() as connection:
            return int(connection.execute(delete(events).where(events.c.at < now - kept)).rowcount)
