"""Segments in the store that wait for their texts: any number of processes take them, each segment one at a time.

A job has an epoch, which grows each time that it is taken. Only who has the newest one may finish it, so that a process
that was taken for dead changes nothing when it wakes up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, select, update

from archive.database.columns import microseconds
from archive.database.schema import marks, reading_jobs, segments
from archive.database.statements import announce, batches, begins_with
from archive.texts.left_jobs import LeftJobs, is_free
from archive.values.errors import ArchiveError
from archive.values.wrong_clocks import is_due

CHANNEL = "pressmark_reading"
"""Where PostgreSQL announces new jobs."""
_CANCELLED, _KEPT = "reading/cancelled/", 20
"""Marks with the segments whose jobs were cancelled, one for each time, and how many are kept."""
_FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
_MOST_DOUBLINGS, _BATCH = 20, 500
_mark = f"{_CANCELLED}{{:09}}".format
_JOB = reading_jobs.c

Fence = Callable[[Connection | None], None]
"""Raises an error if the caller may not write any more; with the transaction of a write, until its end."""


def unfenced(_: Connection | None) -> None:
    """Permit every write."""


class LateReader(ArchiveError):
    """Another process has taken the job since."""

    def __init__(self, segment: str) -> None:
        super().__init__(f"the texts of the segment {segment} are read by another process now")


@dataclass(frozen=True, slots=True)
class ReadingJob:
    """A segment to read, as one process has it."""

    segment: str
    records: frozenset[str] | None
    """The record ids to read again; None: all, since nobody has read them."""
    epoch: int
    at: datetime
    """When it took it: what a process writes that took it earlier sorts before."""


class ReadingJobs(LeftJobs):
    """The jobs of a database."""

    def add(self, wanted: Iterable[tuple[str, Collection[str] | None]]) -> int:
        """Add jobs: segments, each with the records to read again; None: all, since nobody has read them.

        A job that waits gets the records in addition. If a process has it, that process is late from now on. Return how
        often jobs had been cancelled before: see `cancelled_since`.
        """
        before = -1
        for batch in batches(wanted, _BATCH):
            with self._database.claiming() as connection:
                before = _times_cancelled(connection) if before < 0 else before
                self._add(connection, dict(batch))
                announce(connection, CHANNEL)
        return before

    def add_unread(self, segment: str) -> None:
        """Add the job of a segment that nobody has read."""
        self.add([(segment, None)])

    def _add(self, connection: Connection, wanted: Mapping[str, Collection[str] | None]) -> None:
        now = self._at(connection)
        query = select(_JOB.segment, _JOB.records).where(_JOB.segment.in_(wanted))
        there = connection.execute(query.with_for_update()).all()  # no job ends meanwhile
        known = {row.segment: None if row.records is None else frozenset(json.loads(row.records)) for row in there}
        # from the clock, so that no earlier job of the segment had this epoch
        new = {"requested_at": now, "due_at": now, "epoch": microseconds(now), "failures": 0}
        rows = [{"segment": each, "records": _text_of(wanted[each]), **new} for each in wanted if each not in known]
        if rows:
            connection.execute(insert(reading_jobs), rows)
        for segment, records in known.items():
            more = wanted[segment]
            if records is not None and more is not None and not records.issuperset(more):
                values = {"records": _text_of(records.union(more)), "epoch": _JOB.epoch + 1, "until": None}
                connection.execute(update(reading_jobs).where(_JOB.segment == segment).values(**values))

    def claim(self, reader: str) -> ReadingJob | None:
        """Take the job that is due first, of the segments in the store; None if there is none."""
        return self._claim(reader, lambda now: is_due(_JOB.due_at, now, 2 * LONGEST_WAIT))

    def claim_unread(self, reader: str, segment: str) -> ReadingJob | None:
        """Take the job of a segment that nobody has read, due or not; None if another process has it."""
        return self._claim(reader, lambda _: and_(_JOB.segment == segment, _JOB.records.is_(None)))

    def is_unread(self, segment: str) -> bool:
        """Return whether nobody has read a segment that was shipped without its texts."""
        query = select(_JOB.segment).where(_JOB.segment == segment, _JOB.records.is_(None))
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def _claim(self, reader: str, which: Callable[[datetime], ColumnElement[bool]]) -> ReadingJob | None:
        with self._database.taking() as connection:
            now = self._at(connection)
            queries = (_free(now, self.lease, kind).where(which(now)) for kind in _KINDS)
            rows = (connection.execute(query).first() for query in queries)
            row = next(filter(None, rows), None)
            if row is None:
                return None
            values = {"epoch": row.epoch + 1, "until": now + self.lease, "reader": reader}
            connection.execute(update(reading_jobs).where(_JOB.segment == row.segment).values(**values))
        records = None if row.records is None else frozenset(json.loads(row.records))
        return ReadingJob(row.segment, records, row.epoch + 1, now)

    def renew(self, job: ReadingJob) -> None:
        """Say that the process that has a job is alive. Raises LateReader."""
        with self._database.taking() as connection:
            self._write(connection, job, until=self._at(connection) + self.lease)

    def fence(self, job: ReadingJob) -> Fence:
        """Return what raises LateReader unless the caller still has the job, and renews it for a write elsewhere."""

        def check(connection: Connection | None) -> None:
            if connection is None:
                self.renew(job)
            elif connection.execute(select(_JOB.segment).where(_held(job)).with_for_update()).first() is None:
                raise LateReader(job.segment)

        return check

    def finish(self, job: ReadingJob) -> None:
        """Delete a job that is done. Raises LateReader."""
        with self._database.taking() as connection:
            if not connection.execute(reading_jobs.delete().where(_held(job))).rowcount:
                raise LateReader(job.segment)

    def give_back(self, job: ReadingJob, problem: str | None = None) -> None:
        """Leave a job to others: at once, or after a failure later and later. Raises LateReader."""
        with self._database.taking() as connection:
            if problem is None:
                self._write(connection, job, until=None)
                announce(connection, CHANNEL)
                return
            failures = connection.execute(select(_JOB.failures).where(_held(job))).scalar()
            if failures is None:
                raise LateReader(job.segment)
            due = self._at(connection) + wait_after(failures)
            self._write(connection, job, until=None, due_at=due, failures=failures + 1, problem=problem)

    def cancel_again(self) -> int:
        """Delete the jobs that read records again, and return how many. Who has one is late from now on.

        Segments that nobody has read keep their job.
        """
        mine = reading_jobs.delete().where(_JOB.records.is_not(None)).returning(_JOB.segment)
        with self._database.claiming() as connection:
            names = list(connection.execute(mine).scalars())
            if names:
                number = _times_cancelled(connection) + 1
                connection.execute(insert(marks), {"name": _mark(number), "value": json.dumps(names)})
                old = marks.c.name <= _mark(number - _KEPT)
                connection.execute(marks.delete().where(begins_with(marks.c.name, _CANCELLED), old))
        return len(names)

    def cancelled_since(self, times: int) -> set[str]:
        """Return the segments whose jobs were cancelled since: `times` is what `add` returned."""
        query = select(marks.c.value).where(begins_with(marks.c.name, _CANCELLED), marks.c.name > _mark(times))
        with self._database.reading() as connection:
            return {name for names in connection.execute(query).scalars() for name in json.loads(names)}

    def _write(self, connection: Connection, job: ReadingJob, **values: object) -> None:
        if not connection.execute(update(reading_jobs).where(_held(job)).values(**values)).rowcount:
            raise LateReader(job.segment)


def wait_after(failures: int) -> timedelta:
    """Return how long a job waits that has failed once more after so many failures in a row."""
    wait: timedelta = _FIRST_WAIT * 2 ** min(failures, _MOST_DOUBLINGS)
    return min(wait, LONGEST_WAIT)


def _times_cancelled(connection: Connection) -> int:
    last = select(func.max(marks.c.name)).where(begins_with(marks.c.name, _CANCELLED))
    return int((connection.execute(last).scalar() or "0").removeprefix(_CANCELLED))


def _held(job: ReadingJob) -> ColumnElement[bool]:
    return and_(_JOB.segment == job.segment, _JOB.epoch == job.epoch)


def _text_of(records: Collection[str] | None) -> str | None:
    return None if records is None else json.dumps(sorted(records))


_KINDS = (_JOB.records.is_(None), _JOB.records.is_not(None))
"""New segments go before those that are read again. Each kind has an index, so that no claim sorts all jobs."""


def _free(now: datetime, lease: timedelta, kind: ColumnElement[bool]) -> Select[tuple[str, str | None, int]]:
    """Select the job of a kind that may be taken and was requested first."""
    return (
        select(_JOB.segment, _JOB.records, _JOB.epoch)
        .join(segments, segments.c.name == _JOB.segment)
        .where(kind, segments.c.object_key.is_not(None), is_free(_JOB.until, now, lease))
        .order_by(_JOB.requested_at, _JOB.segment)
        .limit(1)
        .with_for_update(of=reading_jobs, skip_locked=True)
    )
