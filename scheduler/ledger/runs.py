"""The ledger of runs: who requested them, who crawls them, how they ended.

The database enforces its rules, not the caller.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select, update

from archive.database import figures
from archive.database.engine import Database
from archive.database.schema import epochs, runs
from archive.database.writers import retried
from archive.values.counters import Figure, Figures, observed
from crawler.policy.order import Counts, Ending, Outcome
from scheduler import events, unsaved
from scheduler.ledger import totals
from scheduler.ledger.epochs import Epochs
from scheduler.ledger.history import History, get
from scheduler.ledger.next_run import mislaid_run, next_run, start_run
from scheduler.ledger.queue import queue, queue_manual, queue_slot
from scheduler.notices import alarms
from scheduler.run import LOOSE, OUTSIDE, Run, RunOver, StaleEpoch, counts_row, honest, run_of, standing_row
from scheduler.timetables import slots

if TYPE_CHECKING:
    from config.source import Source
    from scheduler.timetables.timetable import Tick

Known = Callable[[Collection[str]], Collection[str]]
"""Returns the sources among some that a worker has."""
ATTEMPTS = 5
"""How often a run is begun whose worker died, before it counts as failed."""


class Runs(History):
    """All runs of a database.

    `attempts` is how many times a run is started whose worker died. Only a live epoch may write about a run that it has
    taken; any other gets StaleEpoch. What this process has `counted` is written with its beat.
    """

    def __init__(
        self,
        database: Database,
        epochs: Epochs,
        *,
        now: Callable[[], datetime],
        attempts: int = ATTEMPTS,
        counted: Figures | None = None,
    ) -> None:
        super().__init__(database)
        self._epochs = epochs
        self._now = now
        self._attempts = attempts
        self._counted = counted or Figures()

    # requesting

    def request(
        self,
        source: str = LOOSE,
        tick: Tick | None = None,
        url: str | None = None,
        *,
        everything: bool = False,
        in_full: bool = False,
    ) -> Run | None:
        """Queue a run of a source, or of a single `url`.

        With `everything`, the run requests all pages, due or not; with `in_full`, it requests them without conditions.
        Without a tick there is always a result: a run of the same kind that is queued already, otherwise a new one.
        With a tick, None means that the slot has had its run, or is skipped (its row says why).
        """
        now = self._now()
        with self._database.writing() as connection:
            if tick is not None:
                return queue_slot(connection, source, tick.at, now)
            return queue_manual(connection, source, url, now, everything=everything, in_full=in_full)

    def cancel(self, run: str, reason: str = "cancelled") -> Run:
        """End a queued run now, or ask the worker of an active run to end it. Raises UnknownRun, RunOver."""
        with self._database.writing() as connection:
            found = get(connection, run)
            if found.status == "over":
                raise RunOver(run)
            if found.status == "queued":
                return self._over(connection, found, "cancelled", reason)
            connection.execute(update(runs).where(runs.c.id == run).values(cancel=True, reason=reason))
            unsaved.note(connection, "run", [(run,)])
            return replace(found, cancel=True, reason=reason)

    # crawling

    def claim(
        self,
        worker: str,
        epoch: int,
        *,
        only: Collection[str] | None = None,
        known: Known | None = None,
    ) -> Run | None:
        """Take, for this epoch, the oldest queued run of a known source that is neither being crawled nor paused.

        `only` are the ids of the runs to choose from: a person wants them here, so each is taken. `known` returns the
        sources among some that the worker has; the runs of others are left for workers that have them. None: it has
        all. Raises StaleEpoch.
        """
        while (chosen := self._choice(only, known)) is not None:
            if taken := self._take(chosen, worker, epoch):
                return taken  # otherwise another worker was faster
        return None

    @retried
    def _take(self, chosen: Row[Any], worker: str, epoch: int) -> Run | None:
        """Take a run, unless it can't start any more. Two runs of a source are never taken at once."""
        now = self._now()
        with self._database.beside(_lock(chosen.source)) as connection:
            self._epochs.fence(connection, epoch)
            if (row := next_run(connection, [chosen.id], ())) is None:
                return None
            if row.tick is not None and row.started_at is None:
                late = max(0.0, (now - row.tick).total_seconds())
                figures.add(connection, observed(Figure.DELAY_SECONDS, late))
            return self._start(connection, chosen.id, worker, epoch, now)

    def _choice(self, only: Collection[str] | None, known: Known | None) -> Row[Any] | None:
        with self._database.reading() as connection:
            others: Collection[str] = ()
            if only is None and known is not None:
                queued = connection.scalars(select(runs.c.source).where(runs.c.status == "queued").distinct())
                asked = set(queued) - {LOOSE}
                others = asked - set(known(asked))
            return next_run(connection, only, others)

    def begin(self, source: str, worker: str, epoch: int) -> Run:
        """Insert a run that is already active, in a program outside our control. Raises StaleEpoch."""
        now = self._now()
        with self._database.writing() as connection:
            self._epochs.fence(connection, epoch)
            return self._start(connection, queue(connection, source, now).id, worker, epoch, now)

    def mislaid(self, epoch: int, held: Collection[str]) -> Run | None:
        """Return a run that this epoch has taken but does not hold: the connection broke before the answer arrived."""
        with self._database.reading() as connection:
            row = mislaid_run(connection, epoch, held)
        return run_of(row) if row else None

    @retried
    def seen(self, epoch: int, counts: Mapping[str, Counts]) -> dict[str, str]:
        """Write the beat of a worker: it is alive, and the state of its runs.

        Returns the runs whose end was requested, and why. Raises StaleEpoch, also when one of the runs no longer
        belongs to this epoch; then nothing is written.
        """
        now = self._now()
        with self._counted.drained() as taken, self._database.beside() as connection:
            self._epochs.renew(connection, epoch)
            figures.add(connection, taken.items())
            for run, counted in sorted(counts.items()):
                self._write(connection, run, epoch, seen_at=now, **standing_row(counted))
            asked = connection.execute(select(runs.c.id, runs.c.reason).where(*_active(epoch), runs.c.cancel.is_(True)))
            return {row.id: row.reason or "cancelled" for row in asked}

    @retried
    def configured(self, run: Run, source: Source) -> Run:
        """Write which description of its source the run follows, and its use. Raises StaleEpoch."""
        with self._writing(run) as connection:
            self._write(connection, run.id, _epoch(run), config_hash=source.config_hash, use=source.use)
            unsaved.note(connection, "run", [(run.id,)])
            return get(connection, run.id)

    @retried
    def finish(self, run: Run, outcome: Outcome) -> Run:
        """Write the end of a run, with its counts. An interrupted run is queued again. Raises StaleEpoch.

        A run that archived nothing is never done: it is written as empty. Calling it again is harmless: a run that this
        epoch has ended or given back stays as it is, because the first answer may have been lost.
        """
        with self._writing(run) as connection:
            found = get(connection, run.id)
            if (found.status, found.epoch) != ("running", run.epoch):
                return found  # only a live epoch itself takes a run from it
            told = json.dumps(outcome.completeness) if outcome.completeness else None
            dropped = json.dumps(dict(outcome.dropped)) if outcome.dropped else None
            standing = standing_row(outcome) | {"dropped": dropped, "completeness": told}
            if outcome.spider is not None:
                standing["spider"] = json.dumps(outcome.spider)
            self._write(connection, run.id, _epoch(run), seen_at=self._now(), **standing)
            found = get(connection, run.id)
            if outcome.outcome in ("interrupted", "running"):
                if found.cancel:
                    return self._over(connection, found, "cancelled", found.reason)
                return self._requeue(connection, found, outcome.reason or "the crawling process stopped", found.attempt)
            ending, reason = honest(outcome)
            return self._over(connection, found, ending, reason)

    # dead workers

    def recover(self) -> list[Run]:
        """Take back the runs of dead epochs: into the queue, or to their end after too many attempts."""
        self._epochs.reap()
        orphans = select(runs).outerjoin(epochs, epochs.c.id == runs.c.epoch)
        orphans = orphans.where(runs.c.status == "running", or_(epochs.c.id.is_(None), epochs.c.ended_at.is_not(None)))
        with self._database.reading() as connection:
            if connection.execute(orphans.limit(1)).first() is None:
                return []
        with self._database.writing() as connection:
            return [self._requeued(connection, run_of(row)) for row in connection.execute(orphans).all()]

    def requeue(self, worker: str, reason: str) -> list[Run]:
        """Take back the runs of a worker that is known to be dead; `reason` is a sentence."""
        with self._database.writing() as connection:
            alive = (epochs.c.worker == worker, epochs.c.ended_at.is_(None))
            connection.execute(update(epochs).where(*alive).values(ended_at=self._now()))
            own = select(runs).where(runs.c.worker == worker, runs.c.status == "running")
            found = [run_of(row) for row in connection.execute(own).all()]
            return [self._requeued(connection, run, f"the run was interrupted: {reason}") for run in found]

    def _requeued(self, connection: Connection, run: Run, why: str | None = None) -> Run:
        why = (
            why
            or f"the run was interrupted, as the crawling process {run.worker} (epoch {run.epoch}) ended or stopped "
            "responding"
        )
        if run.cancel:
            return self._over(connection, run, "cancelled", run.reason)
        if (run.worker or "").startswith(OUTSIDE):
            return self._over(connection, run, "failed", f"{why}; its captures are safe: start it with Scrapy again")
        if run.attempt >= self._attempts:
            last = (
                f"{why}; this was attempt {run.attempt} of {self._attempts}, and Pressmark does not try again; "
                "to try again, start another run"
            )
            return self._over(connection, run, "failed", last)
        return self._requeue(connection, run, f"{why}; the run continues automatically", run.attempt + 1)

    # writing

    def _start(self, connection: Connection, run: str, worker: str, epoch: int, now: datetime) -> Run:
        start_run(connection, run, worker, epoch, now)
        taken = get(connection, run)
        self._note(connection, taken, "run.started", worker=worker, attempt=taken.attempt)
        return taken

    @contextmanager
    def _writing(self, run: Run) -> Iterator[Connection]:
        with self._database.beside(_lock(run.source)) as connection:
            self._epochs.fence(connection, _epoch(run))
            yield connection

    def _write(self, connection: Connection, run: str, epoch: int, **values: Any) -> None:
        if not connection.execute(update(runs).where(runs.c.id == run, *_active(epoch)).values(**values)).rowcount:
            raise StaleEpoch(epoch, f"the run {run} is no longer its own")

    def _over(self, connection: Connection, run: Run, ending: Ending, reason: str | None) -> Run:
        now = self._now()
        over = replace(run, status="over", outcome=ending, reason=reason, ended_at=now)
        values = {"status": "over", "outcome": ending, "reason": reason, "ended_at": now}
        connection.execute(update(runs).where(runs.c.id == run.id).values(**values))
        slots.finish_slots(connection, over, now)
        alarms.turn(connection, over, now)
        totals.add(connection, over)
        self._note(connection, over, "run.over", outcome=ending, reason=reason, **counts_row(over.counts))
        return over

    def _requeue(self, connection: Connection, run: Run, reason: str, attempt: int) -> Run:
        queued = replace(run, status="queued", reason=reason, attempt=attempt, worker=None, epoch=None)
        values = {"status": "queued", "reason": reason, "attempt": attempt, "worker": None, "epoch": None}
        connection.execute(update(runs).where(runs.c.id == run.id).values(**values))
        self._note(connection, queued, "run.interrupted", reason=reason, attempt=attempt)
        return queued

    def _note(self, connection: Connection, run: Run, kind: str, **facts: Any) -> None:
        unsaved.note(connection, "run", [(run.id,)])
        events.note(connection, self._now(), kind, source=run.source, run=run.id, **facts)


def _lock(source: str) -> str:
    return f"runs {source}"


def _epoch(run: Run) -> int:
    if run.epoch is None:
        raise StaleEpoch(0, f"the run {run.id} is not claimed")
    return run.epoch


def _active(epoch: int) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a run is active and belongs to an epoch."""
    return runs.c.epoch == epoch, runs.c.status == "running"
