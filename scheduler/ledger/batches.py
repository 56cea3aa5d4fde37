"""Work over the whole store, in jobs that any number of processes take: audits, rebuilds and exports.

A batch begins with one job, which lists the others. All jobs of a stage are done before the next stage begins; the last
job writes the result. A job has an epoch, as a segment to read has (`archive.texts.reading_jobs`): only who has the
newest one may finish it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, exists, func, insert, select, update

from archive.database.columns import microseconds
from archive.database.engine import Database
from archive.database.schema import batch_jobs, batches
from archive.database.statements import announce, clock_of
from archive.database.statements import batches as in_groups
from archive.texts.left_jobs import FAILED_OFTEN, is_free
from archive.texts.reading_jobs import CHANNEL, LONGEST_WAIT, wait_after
from archive.values.timestamps import timestamp14
from archive.values.wrong_clocks import is_due
from scheduler.ledger.batch_values import Batch, BatchIsOver, BatchJob, BatchProgress, LateWorker, UnknownBatch

PRIORITIES: Mapping[str, int] = {"rebuild": 0, "export": 1, "audit": 2}
"""The kinds of batches: the least number goes first. What a rebuild restores is missed by readers, and a person waits
for an export.
"""
PLAN, SUMMARY = "plan", "summary"
"""The names of the first and the last job of a batch."""

_KEPT = 20
"""How many batches that are over keep their rows."""
_AT_ONCE = 500
_BATCH, _JOB = batches.c, batch_jobs.c


class Batches:
    """The batches of a database."""

    def __init__(self, database: Database, *, now: Callable[[], datetime], lease: timedelta) -> None:
        """Set up. `now` is the clock of this machine; a database of several machines has its own. A process that was
        silent for longer than `lease` counts as dead, and others take its job.
        """
        self._database, self._now, self.lease = database, now, lease

    def request(
        self, kind: str, options: Mapping[str, Any], by: str, *, joins_begun: bool = False
    ) -> tuple[Batch, bool]:
        """Request a batch; return it, and whether it is new.

        One that is not over is joined if none of the listed jobs is done: all that it will say is newer than this
        request. With `joins_begun`, it is joined in any case.
        """
        text = json.dumps(options, sort_keys=True)
        with self._database.claiming() as connection:
            same = and_(_BATCH.kind == kind, _BATCH.options == text, _BATCH.ended_at.is_(None))
            begun = exists().where(
                _JOB.batch == _BATCH.id, _JOB.stage > 0, _JOB.until.is_not(None) | _JOB.done_at.is_not(None)
            )
            fresh = () if joins_begun else (~begun,)
            row = connection.execute(select(batches).where(same, *fresh).limit(1)).first()
            if row is not None:
                return _batch(row), False
            at = self._at(connection)
            id_ = f"{kind}-{timestamp14(at)}-{secrets.token_hex(3)}"
            new = {"id": id_, "kind": kind, "options": text, "priority": PRIORITIES[kind], "requested_at": at}
            connection.execute(insert(batches).values(**new, requested_by=by))
            _add(connection, id_, 0, [PLAN], at)
            self._forget_old(connection)
            announce(connection, CHANNEL)
        return self.get(id_), True

    def get(self, id_: str) -> Batch:
        """Return a batch. Raises UnknownBatch."""
        with self._database.reading() as connection:
            row = connection.execute(select(batches).where(_BATCH.id == id_)).first()
        if row is None:
            raise UnknownBatch(id_)
        return _batch(row)

    def newest(self, limit: int = _KEPT) -> list[Batch]:
        """Return the batches, newest first."""
        query = select(batches).order_by(_BATCH.requested_at.desc(), _BATCH.id).limit(limit)
        with self._database.reading() as connection:
            return [_batch(row) for row in connection.execute(query)]

    def open(self) -> list[Batch]:
        """Return the batches that are not over, in the order in which they are done."""
        with self._database.reading() as connection:
            return [_batch(row) for row in connection.execute(_open())]

    def progress(self, id_: str) -> BatchProgress:
        """Return how far a batch is."""
        mine, left = _JOB.batch == id_, _JOB.done_at.is_(None)
        failing = and_(mine, left, _JOB.failures >= FAILED_OFTEN)
        stage = select(func.min(_JOB.stage)).where(mine, left).scalar_subquery()
        now = and_(mine, left, _JOB.stage == stage)
        wanted = (mine, and_(mine, ~left), failing, now)
        counts = [select(func.count()).select_from(batch_jobs).where(one) for one in wanted]
        with self._database.reading() as connection:
            total, done, fail, doable = (int(connection.execute(query).scalar_one()) for query in counts)
            first = connection.execute(select(_JOB.name, _JOB.problem).where(failing).order_by(_JOB.name).limit(1))
            row = first.first()
        why = (row.name, row.problem or "") if row else ("", "")
        return BatchProgress(total, done, fail, 0 < fail == doable, *why)

    def results(self, id_: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the name and the result of each job that is done."""
        after = ""
        while True:
            query = select(_JOB.name, _JOB.result).where(_JOB.batch == id_, _JOB.done_at.is_not(None))
            query = query.where(_JOB.name > after).order_by(_JOB.name).limit(_AT_ONCE)
            with self._database.reading() as connection:
                rows = connection.execute(query).all()
            yield from ((row.name, json.loads(row.result)) for row in rows)
            if not rows:
                return
            after = rows[-1].name

    def left(self, id_: str, limit: int) -> Sequence[Any]:
        """Return at most so many jobs that are not done: name, worker, failures, problem and is_free. Failing ones come
        first, then those that a process has.
        """
        query = select(_JOB.name, _JOB.worker, _JOB.failures, _JOB.problem)
        with self._database.reading() as connection:
            free = is_free(_JOB.until, self._at(connection), self.lease).label("is_free")
            query = query.add_columns(free).where(_JOB.batch == id_, _JOB.done_at.is_(None))
            query = query.order_by(_JOB.failures.desc(), free, _JOB.stage, _JOB.name)
            return connection.execute(query.limit(limit)).all()

    def oldest(self, id_: str) -> datetime | None:
        """Return when the first of the jobs that the plan listed was done; None if none is."""
        listed = and_(_JOB.batch == id_, _JOB.name.not_in((PLAN, SUMMARY)))
        with self._database.reading() as connection:
            at: datetime | None = connection.execute(select(func.min(_JOB.done_at)).where(listed)).scalar()
        return at

    def cancel(self, id_: str) -> Batch:
        """Cancel a batch: no job of it is taken any more, and what its jobs have done stays.

        Raises UnknownBatch, BatchIsOver.
        """
        with self._database.claiming() as connection:
            ended = {"ended_at": self._at(connection), "outcome": "cancelled"}
            mine = and_(_BATCH.id == id_, _BATCH.ended_at.is_(None))
            done = connection.execute(update(batches).where(mine).values(**ended)).rowcount
        batch = self.get(id_)
        if not done:
            raise BatchIsOver(batch.id, batch.outcome)
        return batch

    def claim(self, worker: str) -> BatchJob | None:
        """Take the next job; None if there is none."""
        with self._database.taking() as connection:
            now = self._at(connection)
            known = _open().where(_BATCH.kind.in_(PRIORITIES))  # a later version may know more kinds
            for batch in connection.execute(known).all():
                if (row := self._next(connection, batch.id, now)) is None:
                    continue
                mine = and_(_JOB.batch == batch.id, _JOB.name == row.name)
                taken = {"epoch": row.epoch + 1, "until": now + self.lease, "worker": worker}
                connection.execute(update(batch_jobs).where(mine).values(**taken))
                return BatchJob(batch.id, batch.kind, json.loads(batch.options), row.name, row.stage, taken["epoch"])
        return None

    def _next(self, connection: Connection, batch: str, now: datetime) -> Any:
        """Return the row of the job of a batch that may be taken; None if there is none."""
        left = and_(_JOB.batch == batch, _JOB.done_at.is_(None))
        stage = connection.execute(select(func.min(_JOB.stage)).where(left)).scalar()
        query = select(_JOB.name, _JOB.stage, _JOB.epoch)
        free = is_free(_JOB.until, now, self.lease)
        query = query.where(left, _JOB.stage == stage, free, is_due(_JOB.due_at, now, 2 * LONGEST_WAIT))
        return connection.execute(query.order_by(_JOB.name).limit(1).with_for_update(skip_locked=True)).first()

    def renew(self, job: BatchJob) -> None:
        """Say that the process that has a job is alive. Raises LateWorker, also once the batch is over."""
        with self._database.taking() as connection:
            if not _is_open(connection, job.batch):
                raise LateWorker(job)
            self._write(connection, job, until=self._at(connection) + self.lease)

    def finish(
        self,
        job: BatchJob,
        result: Mapping[str, Any],
        *,
        add: Sequence[str] | None = None,
        ends: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the result of a job, in one transaction with what it leads to. Raises LateWorker.

        `add` are the jobs of the next stage, after which the job SUMMARY follows. `ends` is the result of the batch.
        """
        with self._database.taking() as connection:
            now = self._at(connection)
            self._write(connection, job, until=None, done_at=now, result=json.dumps(result), problem=None)
            if add is not None:
                for names in in_groups(add, _AT_ONCE):
                    _add(connection, job.batch, job.stage + 1, names, now)
                _add(connection, job.batch, job.stage + 2, [SUMMARY], now)
            if ends is not None:
                mine = and_(_BATCH.id == job.batch, _BATCH.ended_at.is_(None))
                values = {"ended_at": now, "outcome": "done", "result": json.dumps(ends)}
                connection.execute(update(batches).where(mine).values(**values))
            announce(connection, CHANNEL)

    def give_back(self, job: BatchJob, problem: str | None = None) -> None:
        """Leave a job to others: at once, or after a failure later and later. Raises LateWorker."""
        with self._database.taking() as connection:
            if problem is None:
                self._write(connection, job, until=None)
                announce(connection, CHANNEL)
                return
            failures = connection.execute(select(_JOB.failures).where(_held(job))).scalar() or 0
            due = self._at(connection) + wait_after(failures)
            self._write(connection, job, until=None, due_at=due, failures=failures + 1, problem=problem)

    def _write(self, connection: Connection, job: BatchJob, **values: object) -> None:
        if not connection.execute(update(batch_jobs).where(_held(job)).values(**values)).rowcount:
            raise LateWorker(job)

    def _forget_old(self, connection: Connection) -> None:
        """Delete the batches that are over but the newest, with their jobs."""
        over = select(_BATCH.id).where(_BATCH.ended_at.is_not(None)).order_by(_BATCH.requested_at.desc())
        old = connection.execute(over.offset(_KEPT).limit(_AT_ONCE)).scalars().all()
        connection.execute(delete(batch_jobs).where(_JOB.batch.in_(old)))
        connection.execute(delete(batches).where(_BATCH.id.in_(old)))

    def _at(self, connection: Connection) -> datetime:
        return clock_of(connection, self._now)


def _open() -> Select[Any]:
    """Select the batches that are not over, the most urgent first."""
    return select(batches).where(_BATCH.ended_at.is_(None)).order_by(_BATCH.priority, _BATCH.requested_at, _BATCH.id)


def _is_open(connection: Connection, id_: str) -> bool:
    query = select(_BATCH.id).where(_BATCH.id == id_, _BATCH.ended_at.is_(None))
    return connection.execute(query).first() is not None


def _held(job: BatchJob) -> ColumnElement[bool]:
    return and_(_JOB.batch == job.batch, _JOB.name == job.name, _JOB.epoch == job.epoch, _JOB.done_at.is_(None))


def _add(connection: Connection, batch: str, stage: int, names: Sequence[str], now: datetime) -> None:
    # from the clock, as the epochs of all jobs
    new = {"batch": batch, "stage": stage, "due_at": now, "epoch": microseconds(now), "failures": 0}
    connection.execute(insert(batch_jobs), [{"name": name, **new} for name in names])


def _batch(row: Row[Any]) -> Batch:
    result = None if row.result is None else json.loads(row.result)
    options = json.loads(row.options)
    who = (row.requested_at, row.requested_by)
    return Batch(row.id, row.kind, options, *who, row.ended_at, row.outcome, result)
