"""Events of preservation, in the terms of PREMIS 3: what was checked, found, copied and deleted; when, by whom, where.

A check that finds an object intact leaves no event of its own: the last one is in the table of copies, and each audit
has an event that counts them. Each event is noted for the ledger in the store, in the transaction that adds it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from archive.database.engine import Database
from archive.database.schema import preservation_events, unsaved
from archive.warc.exchange_records import software

Type = Literal["fixity check", "replication", "deletion"]
"""Terms of the vocabulary of event types of the Library of Congress. A repair is the replication of a healthy copy."""
Result = Literal["success", "fail"]


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    type: Type
    outcome: Result
    note: str
    place: str
    """The store, a replica by its name, or the spool."""
    object: str | None = None
    """The key of the object, or the file of the spool; None for a whole audit."""
    agent: str = ""
    """The program that did it, with its version."""
    id: int = 0


class Events:
    """The events in a database. They are only ever added."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, *found: Event) -> None:
        rows = [
            {
                "at": event.at,
                "type": event.type,
                "outcome": event.outcome,
                "note": event.note,
                "agent": event.agent or software(),
                "place": event.place,
                "object": event.object,
            }
            for event in found
        ]
        if rows:
            with self._database.writing() as connection:
                for row in rows:
                    added = connection.execute(preservation_events.insert().values(row)).inserted_primary_key
                    assert added is not None
                    connection.execute(unsaved.insert().values(kind="event", key=json.dumps([str(added[0])])))

    def newest(self, limit: int, *, before: int | None = None, key: str | None = None) -> list[Event]:
        """Return events, newest first: those with ids below `before`, and of one object if `key` is given."""
        table = preservation_events
        query = select(*(table.c[name] for name in _FIELDS)).order_by(table.c.id.desc()).limit(limit)
        query = query if before is None else query.where(table.c.id < before)
        query = query if key is None else query.where(table.c.object == key)
        with self._database.reading() as connection:
            return [Event(*row) for row in connection.execute(query)]

    def all(self, page: int = 1000) -> Iterator[Event]:
        """Yield all events, newest first."""
        before: int | None = None
        while found := self.newest(page, before=before):
            yield from found
            before = found[-1].id


_FIELDS = ("at", "type", "outcome", "note", "place", "object", "agent", "id")
