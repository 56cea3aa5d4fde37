"""Checks of runs by replay that people requested: what waits, what is under way, and how each ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from archive.database.engine import Database
from archive.database.marks import Marks
from pressmark.service.service import Service
from pressmark.views.shapes import Shape

_Found = TypeVar("_Found")
MOST_PAGES = 100_000
"""Pages of a run that one check looks at."""
SILENT = timedelta(minutes=5)
"""After this time without a beat, another process takes a check that is under way."""
_ACTIVE = "active"


class ReplayJob(Shape):
    """A check of the pages of a run by replay."""

    run: str
    limit: int
    """The number of pages that it checks at most."""
    by: str
    """Who requested it."""
    state: Literal["waiting", "running", "over", "failed"]
    requested_at: datetime
    started_at: datetime | None = None
    beat_at: datetime | None = None
    """When the process that checks last said that it works."""
    ended_at: datetime | None = None
    worker: str | None = None
    """The process that checks."""
    begun: int = 0
    """How many processes began it, without those that stopped in order."""
    pages: int | None = None
    """The number of pages to check; null before they are counted."""
    unchecked: int = 0
    """The number of pages of the run beyond the limit."""
    checked: int = 0
    reason: str | None = None
    """Why it failed, as a sentence; null unless it did."""

    @property
    def is_active(self) -> bool:
        return self.state in ("waiting", "running")


class BeingChecked(ValueError):
    """Another process checks the run."""

    def __init__(self, run: str) -> None:
        super().__init__(f"the pages of the run {run} are being checked already; wait until the check has ended")


class ReplayJobs:
    """The checks of a database: at most one for each run. A new one replaces the one before."""

    def __init__(self, database: Database) -> None:
        self._marks = Marks(database, "qa-jobs/")

    def of_run(self, run: str) -> ReplayJob | None:
        """Return the last check of a run; None if there was none. Raises DatabaseUnusable."""
        if (active := self.active().get(run)) is not None:
            return active
        value = self._marks.get(f"run/{run}")
        return ReplayJob.model_validate_json(value) if value else None

    def active(self) -> dict[str, ReplayJob]:
        """Return what waits and what is under way, by run, in the order of the requests. Raises DatabaseUnusable."""
        return _jobs(self._marks.get(_ACTIVE))

    def request(self, run: str, limit: int, *, by: str, now: datetime) -> ReplayJob:
        """Request a check; return the one that waits or is under way, if there is one. Raises DatabaseUnusable."""
        asked = ReplayJob(run=run, limit=limit, by=by, state="waiting", requested_at=now)

        def change(jobs: dict[str, ReplayJob]) -> ReplayJob:
            return jobs.setdefault(run, asked)

        return self._change(change)

    def claim(self, worker: str, now: datetime) -> ReplayJob | None:
        """Take the oldest check that waits, or that no process works on any more. Raises DatabaseUnusable."""

        def change(jobs: dict[str, ReplayJob]) -> ReplayJob | None:
            for run, job in jobs.items():
                if job.state == "waiting" or job.worker == worker or _is_silent(job, now):
                    jobs[run] = _begun(job, worker, now)
                    return jobs[run]
            return None

        return self._change(change) if self.active() else None

    def begin(self, run: str, limit: int, *, by: str, worker: str, now: datetime) -> ReplayJob:
        """Begin a check in this process. One that was requested and waits is begun instead, with the larger limit.

        Raises BeingChecked, DatabaseUnusable.
        """
        asked = ReplayJob(run=run, limit=limit, by=by, state="waiting", requested_at=now)

        def change(jobs: dict[str, ReplayJob]) -> ReplayJob:
            there = jobs.get(run)
            if there is not None and there.state == "running" and not _is_silent(there, now):
                raise BeingChecked(run)
            waiting = there is not None and there.state == "waiting"
            wanted = there.model_copy(update={"limit": max(limit, there.limit)}) if there and waiting else asked
            jobs[run] = _begun(wanted, worker, now)
            return jobs[run]

        return self._change(change)

    def note(self, job: ReplayJob, now: datetime, **facts: Any) -> ReplayJob:
        """Note how far a check is. Raises BeingChecked if another process has taken it, DatabaseUnusable."""
        noted = job.model_copy(update={**facts, "beat_at": now})

        def change(jobs: dict[str, ReplayJob]) -> ReplayJob:
            there = jobs.get(job.run)
            if there is None or (there.worker, there.started_at) != (job.worker, job.started_at):
                raise BeingChecked(job.run)
            jobs[job.run] = noted
            return noted

        return self._change(change)

    def give_back(self, job: ReplayJob) -> None:
        """Have a check that was begun continued by the next process. Raises DatabaseUnusable."""

        def change(jobs: dict[str, ReplayJob]) -> None:
            there = jobs.get(job.run)
            if there is not None and (there.worker, there.started_at) == (job.worker, job.started_at):
                jobs[job.run] = there.model_copy(update={"state": "waiting", "worker": None, "begun": there.begun - 1})

        self._change(change)

    def end(self, job: ReplayJob, now: datetime, reason: str | None = None) -> ReplayJob:
        """Note that a check has ended, or why it failed.

        Raises BeingChecked if another process has taken it, DatabaseUnusable.
        """
        there = self.active().get(job.run)
        if there is None or (there.worker, there.started_at) != (job.worker, job.started_at):
            raise BeingChecked(job.run)
        ended = job.model_copy(update={"state": "failed" if reason else "over", "reason": reason, "ended_at": now})
        self._marks.set(f"run/{job.run}", ended.model_dump_json())

        def change(jobs: dict[str, ReplayJob]) -> None:
            there = jobs.get(job.run)
            if there is not None and (there.worker, there.started_at) == (job.worker, job.started_at):
                del jobs[job.run]

        self._change(change)
        return ended

    def _change(self, change: Callable[[dict[str, ReplayJob]], _Found]) -> _Found:
        """Change what is active, and return what `change` does; again, if another process changed it meanwhile."""
        while True:
            before = self._marks.get(_ACTIVE)
            if before is None:
                self._marks.put(_ACTIVE, "[]")
                continue
            jobs = _jobs(before)
            found = change(jobs)
            after = json.dumps([job.model_dump(mode="json") for job in jobs.values()])
            if after == before or self._marks.replace(_ACTIVE, before, after):
                return found


def _jobs(value: str | None) -> dict[str, ReplayJob]:
    return {job.run: job for job in map(ReplayJob.model_validate, json.loads(value or "[]"))}


def _is_silent(job: ReplayJob, now: datetime) -> bool:
    return job.state == "running" and (job.beat_at is None or now - job.beat_at > SILENT)


def _begun(job: ReplayJob, worker: str, now: datetime) -> ReplayJob:
    begun = {"state": "running", "worker": worker, "started_at": now, "beat_at": now, "begun": job.begun + 1}
    return job.model_copy(update=begun)


def request_check(service: Service, run: str, limit: int, *, by: str) -> ReplayJob:
    """Request a check of a run; return the one that waits or is under way, if there is one.

    Raises UnknownRun, ValueError for a run that is not over, DatabaseUnusable.
    """
    check_is_over(service, run)
    return ReplayJobs(service.database).request(run, limit, by=by, now=service.now())


def check_is_over(service: Service, run: str) -> None:
    """Raise ValueError for a run that still archives pages. Raises UnknownRun."""
    if service.runs.get(run).status != "over":
        raise ValueError(f"the run {run} has not ended; its pages can be checked by replay after its end")
