"""Which segments still wait for their texts, and which fail: see `archive.texts.reading_jobs`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true

from archive.database.engine import Database
from archive.database.schema import reading_jobs
from archive.database.statements import batches, clock_of
from archive.values.wrong_clocks import is_due

FAILED_OFTEN = 3
"""After this many failures in a row, a job is reported."""
_BATCH = 500
_JOB = reading_jobs.c


@dataclass(frozen=True, slots=True)
class WaitingJobs:
    """The jobs that nobody has finished."""

    count: int
    since: datetime | None
    """When the oldest was requested."""


@dataclass(frozen=True, slots=True)
class FailingJobs:
    """The jobs that have failed several times in a row."""

    count: int
    segment: str
    """The one that was requested first."""
    problem: str


class LeftJobs:
    """What a database knows of jobs that nobody has finished."""

    def __init__(self, database: Database, *, now: Callable[[], datetime], lease: timedelta) -> None:
        """Set up. `now` is the clock of this machine; a database of several machines has its own. A process that was
        silent for longer than `lease` counts as dead, and others take its job.
        """
        self._database, self._now, self.lease = database, now, lease

    def waiting(self, *, again: bool = False) -> WaitingJobs:
        """Return how many segments wait or are being read; with `again`, only those that people want read again."""
        query = select(func.count(), func.min(_JOB.requested_at)).select_from(reading_jobs).where(_among(again))
        with self._database.reading() as connection:
            row = connection.execute(query).one()
        return WaitingJobs(int(row[0]), row[1])

    def left_again(self, limit: int) -> Sequence[Any]:
        """Return at most so many jobs that read again: name, worker, failures, problem, is_free; failing ones first."""
        said = (_JOB.segment.label("name"), _JOB.reader.label("worker"), _JOB.failures, _JOB.problem)
        with self._database.reading() as connection:
            free = is_free(_JOB.until, self._at(connection), self.lease).label("is_free")
            query = select(*said, free).where(_among(again=True))
            return connection.execute(query.order_by(_JOB.failures.desc(), free, _JOB.requested_at).limit(limit)).all()

    def left_of(self, names: Iterable[str]) -> dict[str, int]:
        """Return which of these segments have a job, and how often each has failed in a row."""
        left = dict[str, int]()
        with self._database.reading() as connection:
            for batch in batches(names, _BATCH):
                query = select(_JOB.segment, _JOB.failures).where(_JOB.segment.in_(batch))
                left.update((row.segment, row.failures) for row in connection.execute(query))
        return left

    def failing(self, *, again: bool = False) -> FailingJobs | None:
        """Return the jobs that have failed several times in a row, as `waiting` does; None if there are none."""
        failing = and_(_JOB.failures >= FAILED_OFTEN, _among(again))
        first = select(_JOB.segment, _JOB.problem).where(failing).order_by(_JOB.requested_at, _JOB.segment).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(first).first()
            count = connection.execute(select(func.count()).select_from(reading_jobs).where(failing)).scalar_one()
        return FailingJobs(int(count), row.segment, row.problem or "") if row is not None else None

    def _at(self, connection: Connection) -> datetime:
        return clock_of(connection, self._now)


def is_free(until: ColumnElement[Any], now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Select the jobs that no process has: a lease ended at `until`, or nobody took the job."""
    # twice the lease: another process may take a job after this one looked at the clock
    return or_(until.is_(None), is_due(until, now, 2 * lease))


def unread_among(database: Database, names: Iterable[str]) -> set[str]:
    """Return which of these segments still wait for their first reading."""
    left = set[str]()
    with database.reading() as connection:
        for batch in batches(names, _BATCH):
            query = select(_JOB.segment).where(_JOB.segment.in_(batch), _JOB.records.is_(None))
            left.update(connection.execute(query).scalars())
    return left


def _among(again: bool) -> ColumnElement[bool]:
    return _JOB.records.is_not(None) if again else true()
