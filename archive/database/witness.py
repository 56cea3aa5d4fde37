"""Notice that a database in use lost its tables, its rows or its newest state."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Table, exists, func, select
from sqlalchemy.exc import SQLAlchemyError

from archive.database.database_name import where
from archive.database.lost_tables import ID, TABLES, note_lost_rows, tables_in
from archive.database.schema import captures, events, marks, texts, wordings
from archive.database.statements import insert_missing
from archive.values.errors import DatabaseUnusable

_LOOK_EVERY = 5.0
"""Seconds between two checks: each costs two queries."""
_LASTING: tuple[Table, ...] = (captures, texts, wordings)
"""Tables that Pressmark never empties."""


@dataclass(frozen=True, slots=True)
class _DatabaseState:
    id: str | None
    """Random, written once for each database."""
    event: int
    """The id of the newest event. It grows, or is 0 once all events are expired."""
    filled: frozenset[str]
    """The lasting tables that have rows."""


class Witness:
    """Remembers the state of a database at the last check."""

    def __init__(self, engine: Engine, *, every: float = _LOOK_EVERY) -> None:
        """Create a witness. Two checks are at least `every` seconds apart."""
        self._engine, self._every = engine, every
        self._seen: _DatabaseState | None = None
        self._trouble: str | None = None
        self._next = 0.0

    def trouble(self) -> str | None:
        """Return what was lost, as a sentence; None if nothing was, or if the database can't be queried now."""
        if self._trouble is None and time.monotonic() >= self._next:
            self._next = time.monotonic() + self._every
            try:
                self._trouble = self._check()
            except (DatabaseUnusable, SQLAlchemyError):  # reported by the next code that uses the database
                return None
        return self._trouble

    def _check(self) -> str | None:
        with self._engine.connect() as connection:
            if missing := TABLES - tables_in(connection):
                return f"the database {self._where} has lost tables: {', '.join(sorted(missing))}"
            seen = _seen(connection)
        before, self._seen = self._seen, seen
        if before is None:
            self._seen = seen if seen.id else self._marked(seen)
            return None
        return self._lost(before, seen)

    def _lost(self, before: _DatabaseState, seen: _DatabaseState) -> str | None:
        if seen.id is None:
            return f"the database {self._where} was emptied"
        if seen.id != before.id:
            return f"another database is in the place of {self._where}"
        if 0 < seen.event < before.event:
            return f"an older copy was written over the database {self._where}"
        if gone := sorted(before.filled - seen.filled):
            with self._engine.connect().execution_options(pressmark_writes=True) as connection, connection.begin():
                note_lost_rows(connection, gone)
            return f"the database {self._where} has lost all rows of: {', '.join(gone)}"
        return None

    def _marked(self, seen: _DatabaseState) -> _DatabaseState:
        """Write the id of the database, unless another process did so first."""
        with self._engine.connect().execution_options(pressmark_writes=True) as connection, connection.begin():
            connection.execute(insert_missing(connection, marks, "name").values(name=ID, value=secrets.token_hex(8)))
            return _seen(connection)

    @property
    def _where(self) -> str:
        return where(self._engine.url)


def _seen(connection: Connection) -> _DatabaseState:
    row = connection.execute(
        select(
            select(marks.c.value).where(marks.c.name == ID).scalar_subquery(),
            select(func.coalesce(func.max(events.c.id), 0)).scalar_subquery(),
            *(exists(select(1).select_from(table)) for table in _LASTING),
        )
    ).one()
    filled = frozenset(table.name for table, has_rows in zip(_LASTING, row[2:], strict=True) if has_rows)
    return _DatabaseState(row[0], row[1], filled)
