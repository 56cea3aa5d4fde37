"""Which events a webhook gets while collections are closed to it.

An event is left out for what this machine knows, or the database: its source is known here and its collection is
closed, or captures of its run are in a closed collection. A source that is not known here was removed, or another
machine on the same database has it; its events are left out once any of its runs has captures in a closed collection.
A webhook gets each event once, so what was left out for a lack of knowledge would be lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, exists, select

from archive.database.schema import captures, events, runs, segments, texts


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is closed to a webhook; by default nothing."""

    collections: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    """The sources of these collections that this machine knows."""
    open_sources: frozenset[str] = frozenset()
    """The other ones that it knows."""


def open_events(connection: Connection, rows: Sequence[Row[Any]], hidden: Hidden) -> list[Row[Any]]:
    """Return the events, as rows of their table, that are not of closed collections."""
    rows = [row for row in rows if row.source not in hidden.sources]
    if not rows or not hidden.collections:
        return rows
    closed_runs = _with_closed_runs(connection, (row.id for row in rows), hidden.collections)
    unknown = {row.source for row in rows if row.source is not None} - hidden.open_sources
    closed_sources = _with_closed_captures(connection, unknown, hidden.collections)
    hits = {row.id: json.loads(row.facts).get("record_id") for row in rows if row.kind == "watch.matched"}
    open_hits = _of_open_texts(connection, hits.values(), hidden.collections)
    return [
        row
        for row in rows
        if row.id not in closed_runs
        and row.source not in closed_sources
        and (row.id not in hits or hits[row.id] in open_hits)
    ]


def _with_closed_runs(connection: Connection, ids: Iterable[int], closed: frozenset[str]) -> set[int]:
    """Return the events whose run has captures in a closed collection."""
    inside = exists().where(captures.c.run == events.c.run, captures.c.collection.in_(closed))
    return set(connection.scalars(select(events.c.id).where(events.c.id.in_(list(ids)), inside)))


def _with_closed_captures(connection: Connection, sources: Iterable[str], closed: frozenset[str]) -> set[str]:
    """Return the sources of which a run has captures in a closed collection."""
    inside = exists().where(captures.c.run == runs.c.id, captures.c.collection.in_(closed))
    query = select(runs.c.source).where(runs.c.source.in_(list(sources)), inside)
    return set(connection.scalars(query.distinct())) if sources else set()


def _of_open_texts(connection: Connection, records: Iterable[str], closed: frozenset[str]) -> set[str]:
    """Return the records whose texts are in a collection that is not closed. The event of a hit names no run."""
    if not (wanted := list(records)):
        return set()
    query = select(texts.c.record_id).join(segments, segments.c.name == texts.c.segment)
    return set(connection.scalars(query.where(texts.c.record_id.in_(wanted), segments.c.collection.not_in(closed))))
