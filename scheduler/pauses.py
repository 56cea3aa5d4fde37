"""Pauses, of one source or of all crawling. A pause is a row, not an edit of a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select

from archive.database.engine import Database
from archive.database.schema import pauses
from archive.database.statements import insert_missing
from scheduler import unsaved
from scheduler.events import note

EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Pause:
    """`source` is paused since then; `*` means all crawling."""

    source: str
    since: datetime
    reason: str | None


class Pauses:
    """The pauses of a database."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def pause(self, source: str = EVERYTHING, reason: str | None = None) -> bool:
        """Start no run of it from now on; active runs continue. Return False when it was paused already."""
        now = self._now()
        with self._database.writing() as connection:
            row = insert_missing(connection, pauses, "source").values(source=source, since=now, reason=reason)
            new = bool(connection.execute(row).rowcount)
            if new:
                unsaved.note(connection, "pause", [(source,)])
                note(connection, now, "source.paused", source=source, reason=reason)
            return new

    def resume(self, source: str = EVERYTHING) -> bool:
        """Resume it. Return False when it was not paused."""
        with self._database.writing() as connection:
            gone = bool(connection.execute(delete(pauses).where(pauses.c.source == source)).rowcount)
            if gone:
                unsaved.note(connection, "pause", [(source,)])
                note(connection, self._now(), "source.resumed", source=source)
            return gone

    def all(self) -> dict[str, Pause]:
        with self._database.reading() as connection:
            return {row.source: Pause(**row._mapping) for row in connection.execute(select(pauses))}


def why_paused(connection: Connection, source: str) -> str | None:
    """Return a sentence when runs of the source may not start; None when they may."""
    found = select(pauses).where(_about(source)).order_by(pauses.c.source)
    row = connection.execute(found).first()
    if row is None:
        return None
    sentence = "all crawling is paused" if row.source == EVERYTHING else "paused"
    return f"{sentence}: {row.reason}" if row.reason else sentence


def _about(source: str) -> ColumnElement[bool]:
    return pauses.c.source.in_([source, EVERYTHING])
