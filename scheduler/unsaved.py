"""Note what changes in the ledger, in the transaction of the change: it is to be written to the store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from sqlalchemy import Connection, delete, insert, select

from archive.database.engine import Database
from archive.database.schema import unsaved
from archive.database.writers import retried

Kind = Literal[
    "run", "slot", "pause", "alarm", "timetable", "event", "review", "takedown", "hold", "note", "everything"
]
_AT_ONCE = 500
_MOST = 20_000
"""Changes that are read at once; the rest follows."""


class Change(NamedTuple):
    """A row that was inserted, changed or deleted. The same row may have several changes."""

    id: int
    kind: Kind
    key: tuple[str, ...]


def note(connection: Connection, kind: Kind, keys: Iterable[Sequence[str]]) -> None:
    """Note that the rows with these keys changed."""
    rows = [{"kind": kind, "key": f"[{', '.join(map(json.dumps, key))}]"} for key in keys]
    if rows:
        connection.execute(insert(unsaved), rows)


def changes(connection: Connection) -> list[Change]:
    """Return the oldest changes."""
    query = select(unsaved).order_by(unsaved.c.id).limit(_MOST)
    return [Change(row.id, row.kind, tuple(json.loads(row.key))) for row in connection.execute(query)]


def keys_of(connection: Connection, kind: Kind) -> set[tuple[str, ...]]:
    """Return the keys of the rows of a kind that changed."""
    query = select(unsaved.c.key).where(unsaved.c.kind == kind).distinct()
    return {tuple(json.loads(key)) for key in connection.execute(query).scalars()}


@retried
def saved(database: Database, known: Sequence[Change]) -> None:
    """Delete these changes: the store has them."""
    with database.beside("unsaved") as connection:
        for first in range(0, len(known), _AT_ONCE):
            ids = [change.id for change in known[first : first + _AT_ONCE]]
            connection.execute(delete(unsaved).where(unsaved.c.id.in_(ids)))
