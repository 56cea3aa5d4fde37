"""Sums over the ledger, for metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from archive.database.engine import Database
from archive.database.schema import run_totals, runs
from archive.database.statements import insert_or_add
from scheduler.run import UNFINISHED, Run

_SUMS = ("captures", "revisits", "failures", "bytes")
_GOOD = ("done", "unchanged", "partial", "limited")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Total:
    """All runs of a source that ended in one way; unfinished runs have no outcome."""

    source: str
    outcome: str | None
    runs: int
    captures: int
    revisits: int
    failures: int
    bytes: int
    last: datetime | None
    """When the last of them ended, without runs of a single page; None when there was none."""


def add(connection: Connection, run: Run) -> None:
    """Count a run that is over under its source and outcome, in the run's own transaction."""
    row = {"source": run.source, "outcome": run.outcome, "runs": 1, "last": run.ended_at if run.url is None else _NEVER}
    row |= {name: getattr(run.counts, name) for name in _SUMS}
    connection.execute(insert_or_add(connection, run_totals, "runs", *_SUMS, latest="last"), row)


def totals(database: Database) -> list[Total]:
    """Return one total for each source and outcome."""
    sums = [func.sum(runs.c[name]).label(name) for name in _SUMS]
    unfinished = select(runs.c.source, func.count().label("runs"), *sums)
    unfinished = unfinished.where(runs.c.status.in_(UNFINISHED)).group_by(runs.c.source)
    with database.reading() as connection:
        over = [_total(row._asdict()) for row in connection.execute(select(run_totals))]
        others = [Total(outcome=None, last=None, **row._mapping) for row in connection.execute(unfinished)]
    return over + others


def _total(row: dict[str, Any]) -> Total:
    return Total(**{**row, "last": None if row["last"] == _NEVER else row["last"]})


def over(database: Database) -> dict[str, int]:
    """Return how many runs of each source are over."""
    query = select(run_totals.c.source, func.sum(run_totals.c.runs)).group_by(run_totals.c.source)
    with database.reading() as connection:
        return {source: int(runs) for source, runs in connection.execute(query)}


def captured(database: Database, sources: Sequence[str]) -> dict[str, int]:
    """Return the total captures of finished runs, for each of those sources that has finished runs."""
    query = select(run_totals.c.source, func.sum(run_totals.c.captures)).group_by(run_totals.c.source)
    with database.reading() as connection:
        rows = connection.execute(query.where(run_totals.c.source.in_(sources)))
        return {source: int(captures) for source, captures in rows}


def last_successes(found: list[Total]) -> dict[str, datetime]:
    """Return when the last run of each source ended that archived something, or found no changes."""
    latest: dict[str, datetime] = {}
    for total in found:
        if total.outcome in _GOOD and total.last is not None:
            latest[total.source] = max(latest.get(total.source, total.last), total.last)
    return latest
