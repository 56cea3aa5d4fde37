"""What is shown of jobs that services share, and the wait for them: audits, rebuilds, and texts to extract again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from archive.texts.left_jobs import FAILED_OFTEN
from pressmark.service.readers import batches_of, reading_jobs
from pressmark.service.service import Service
from pressmark.views.shapes import Shape
from scheduler.ledger.batch_values import Batch, BatchIsOver
from scheduler.ledger.batches import Batches

EXTRACTION = "extraction"
"""The id and the kind of what is left of all requests to extract texts again: each job is a WARC file."""


class BatchShape(Shape):
    """An audit or a rebuild of the whole store, an export, or the extraction of texts again, in jobs that services with
    the role `read` do.
    """

    id: str
    kind: str
    requested_at: datetime
    """Of an extraction: when the oldest job was requested."""
    requested_by: str
    """Empty for an extraction, which is of several people."""
    state: str
    """`open`, `done` or `cancelled`."""
    ended_at: datetime | None
    jobs: int
    """The number grows once the first job has listed the others. An extraction counts only the jobs that are left."""
    left_jobs: int
    failing_jobs: int
    """Of those left, the ones that have failed several times; they are tried again."""
    problem: str | None
    """Why the first of these failed."""
    is_stuck: bool
    """Whether nothing is left that could be done now but these."""
    result: Mapping[str, Any] | None
    """The summary, once all jobs are done."""


class PartShape(Shape):
    """A job that is left."""

    name: str
    worker: str
    """The process that took it last; empty if nobody did."""
    state: str
    failures: int
    problem: str | None


def batch_shape(batches: Batches, batch: Batch) -> BatchShape:
    """Return what is shown of a batch."""
    so_far = batches.progress(batch.id)
    return BatchShape(
        id=batch.id,
        kind=batch.kind,
        requested_at=batch.requested_at,
        requested_by=batch.requested_by,
        state=batch.outcome or "open",
        ended_at=batch.ended_at,
        jobs=so_far.total,
        left_jobs=so_far.total - so_far.done,
        failing_jobs=so_far.failing,
        problem=f"{so_far.first}: {so_far.problem}" if so_far.first else None,
        is_stuck=so_far.is_stuck,
        result=batch.result,
    )


def listed(service: Service) -> list[BatchShape]:
    """Return all that is known, newest first; what is left to extract again comes before that."""
    batches = batches_of(service)
    again = _extraction(service)
    return [*([again] if again.left_jobs else []), *(batch_shape(batches, one) for one in batches.newest())]


def shape_of(service: Service, id_: str) -> BatchShape:
    """Return what is shown of an id. Raises UnknownBatch."""
    if id_ == EXTRACTION:
        return _extraction(service)
    batches = batches_of(service)
    return batch_shape(batches, batches.get(id_))


def parts_left(service: Service, id_: str, limit: int) -> list[PartShape]:
    """Return the jobs that are not done: those that fail, those that are being done, then those that wait."""
    lists = reading_jobs(service).left_again if id_ == EXTRACTION else partial(batches_of(service).left, id_)
    return [
        PartShape(
            name=row.name,
            worker=row.worker or "",
            state=_state_of(row.failures, row.is_free),
            failures=row.failures,
            problem=row.problem,
        )
        for row in lists(limit)
    ]


def _state_of(failures: int, is_free: bool) -> str:
    if failures >= FAILED_OFTEN:
        return "failed several times"
    return "waits" if is_free else "is being done"


def cancel(service: Service, id_: str) -> BatchShape:
    """Cancel an audit, a rebuild, an export, or what is left to extract again; return how it was left.

    What jobs have done stays; the parts of an export are deleted. Raises UnknownBatch, BatchIsOver.
    """
    batches = batches_of(service)
    if id_ != EXTRACTION:
        batch = batches.cancel(id_)
        if batch.kind == "export":
            from pressmark.upkeep.batches.exports_kept import delete_if_gone  # it loads all formats

            delete_if_gone(service, id_)
        return batch_shape(batches, batch)
    before = _extraction(service)
    if not (count := reading_jobs(service).cancel_again()):
        raise BatchIsOver(EXTRACTION, "done")
    return before.model_copy(
        update={"state": "cancelled", "ended_at": service.now(), "jobs": count, "left_jobs": count}
    )


def _extraction(service: Service) -> BatchShape:
    jobs = reading_jobs(service)
    left, failing = jobs.waiting(again=True), jobs.failing(again=True)
    failed = failing.count if failing else 0
    return BatchShape(
        id=EXTRACTION,
        kind=EXTRACTION,
        requested_at=left.since or service.now(),
        requested_by="",
        state="open" if left.count else "done",
        ended_at=None,
        jobs=left.count,
        left_jobs=left.count,
        failing_jobs=failed,
        problem=f"{failing.segment}: {failing.problem}" if failing else None,
        is_stuck=0 < failed == left.count,
        result=None,
    )


def followed(service: Service, id_: str, wait: Callable[[], object]) -> Iterator[BatchShape]:
    """Yield the progress of a batch, and call `wait` before each further look.

    It ends when the batch is over, or when all jobs that could be done now have failed several times. The jobs stay
    when the caller ends before.
    """
    while True:
        shape = shape_of(service, id_)
        yield shape
        if shape.state != "open" or shape.is_stuck:
            return
        wait()
