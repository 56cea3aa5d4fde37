"""Sums over the ledger, for those who measure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from archive.database.engine import Database
from archive.database.schema import runs

_UNFINISHED = ("queued", "running")
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
    last: datetime | None
    """When the last of them ended."""


def totals(database: Database) -> list[Total]:
    """One for each source and outcome."""
    sums = [
        func.coalesce(func.sum(runs.c[name]), 0).label(name) for name in ("captures", "revisits", "failures", "bytes")
    ]
    last = func.max(runs.c.ended_at, type_=runs.c.ended_at.type).label("last")
    query = select(runs.c.source, runs.c.outcome, func.count().label("runs"), *sums, last)
    query = query.group_by(runs.c.source, runs.c.outcome)
    with database.reading() as connection:
        over = connection.execute(query.where(runs.c.outcome.is_not(None))).all()  # an index has all of it
        others = connection.execute(query.where(runs.c.status.in_(_UNFINISHED), runs.c.outcome.is_(None))).all()
    return [Total(**row._mapping) for row in (*over, *others)]


def last_successes(found: list[Total]) -> dict[str, datetime]:
    """When the last run of each source ended that kept something, or found that nothing had changed."""
    latest: dict[str, datetime] = {}
    for total in found:
        if total.outcome in _GOOD and total.last is not None:
            latest[total.source] = max(latest.get(total.source, total.last), total.last)
    return latest
