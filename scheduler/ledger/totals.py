"""Sums over the ledger, for metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, func, select

from archive.database.columns import day, day_number
from archive.database.engine import Database
from archive.database.schema import run_totals, runs
from archive.database.statements import insert_or_add
from scheduler.run import UNFINISHED, Run

Query = TypeVar("Query", bound=Select[Any])
_SUMS = ("captures", "revisits", "failures", "bytes")
_GOOD = ("done", "unchanged", "partial", "limited")
_NAMED = 500
"""Sources that are named in a query."""
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


@dataclass(frozen=True, slots=True)
class Day:
    """What the runs of a source archived that were requested on one day (UTC), without runs of a single page."""

    day: date
    runs: int
    captures: int
    changed: int
    """Captures of new or changed content."""
    bytes: int
    """Bytes received."""


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


def over(database: Database, sources: Sequence[str]) -> dict[str, int]:
    """Return how many runs of each source are over."""
    query = select(run_totals.c.source, func.sum(run_totals.c.runs)).group_by(run_totals.c.source)
    query = among(query, run_totals.c.source, sources)
    with database.reading() as connection:
        return {source: int(runs) for source, runs in connection.execute(query)}


def among(query: Query, column: ColumnElement[str], sources: Sequence[str]) -> Query:
    """Restrict a query to these sources, unless they are so many that all are read faster."""
    return query.where(column.in_(sources)) if len(sources) <= _NAMED else query


def captured(database: Database, sources: Sequence[str]) -> dict[str, int]:
    """Return the total captures of finished runs, for each of those sources that has finished runs."""
    query = select(run_totals.c.source, func.sum(run_totals.c.captures)).group_by(run_totals.c.source)
    with database.reading() as connection:
        rows = connection.execute(query.where(run_totals.c.source.in_(sources)))
        return {source: int(captures) for source, captures in rows}


def by_day(database: Database, source: str, since: datetime) -> list[Day]:
    """Return the days since a time on which finished runs of a source were requested, oldest first."""
    number = day_number(runs.c.requested_at).label("day")
    sums = [func.sum(column) for column in (runs.c.captures, runs.c.captures - runs.c.revisits, runs.c.bytes)]
    query = select(number, func.count(), *sums).group_by(number).order_by(number)
    query = query.where(runs.c.source == source, runs.c.requested_at >= since)
    over = runs.c.status.concat("") == "over"  # as an expression: SQLite might read all finished runs by their index
    query = query.where(over, runs.c.url.is_(None))
    with database.reading() as connection:
        rows = connection.execute(query).all()
    return [Day(day(at), *map(int, counts)) for at, *counts in rows]


def last_successes(found: list[Total]) -> dict[str, datetime]:
    """Return when the last run of each source ended that archived something, or found no changes."""
    latest: dict[str, datetime] = {}
    for total in found:
        if total.outcome in _GOOD and total.last is not None:
            latest[total.source] = max(latest.get(total.source, total.last), total.last)
    return latest
