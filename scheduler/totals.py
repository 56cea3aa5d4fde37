"""Sums over the ledger, for those who measure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from archive.database.engine import Database
from archive.database.schema import runs

_GOOD = ("done", "unchanged", "partial", "limited")


@dataclass(frozen=True, slots=True)
class Total:
    """All runs of a source that ended in one way; those that are not over have no outcome."""

    source: str
    outcome: str | None
    runs: int
    captures: int
    revisits: int
    failures: int
    bytes: int


def totals(database: Database) -> list[Total]:
    """One for each source and outcome."""
    sums = [
        func.coalesce(func.sum(runs.c[name]), 0).label(name) for name in ("captures", "revisits", "failures", "bytes")
    ]
    query = select(runs.c.source, runs.c.outcome, func.count().label("runs"), *sums)
    with database.reading() as connection:
        rows = connection.execute(query.group_by(runs.c.source, runs.c.outcome)).all()
    return [Total(**row._mapping) for row in rows]


def last_successes(database: Database) -> dict[str, datetime]:
    """When the last run of each source ended that kept something, or found that nothing had changed."""
    query = select(runs.c.source, func.max(runs.c.ended_at, type_=runs.c.ended_at.type))
    with database.reading() as connection:
        rows = connection.execute(query.where(runs.c.outcome.in_(_GOOD)).group_by(runs.c.source)).all()
    return {source: at for source, at in rows if at is not None}
