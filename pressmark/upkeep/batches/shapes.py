"""What is shown of audits and rebuilds in jobs, and the wait for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from pressmark.views.shapes import Shape
from scheduler.ledger.batches import Batch, Batches


class BatchShape(Shape):
    """An audit or a rebuild of the whole store, in jobs that services with the role `read` do."""

    id: str
    kind: str
    requested_at: datetime
    requested_by: str
    state: str
    """`open`, `done` or `cancelled`."""
    ended_at: datetime | None
    jobs: int
    """The number grows once the first job has listed the others."""
    left_jobs: int
    failing_jobs: int
    """Of those left, the ones that have failed several times; they are tried again."""
    problem: str | None
    """Why the first of these failed."""
    result: Mapping[str, Any] | None
    """The summary, once all jobs are done."""


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
        result=batch.result,
    )


def followed(batches: Batches, id_: str, wait: Callable[[], object]) -> Iterator[BatchShape]:
    """Yield the progress of a batch, and call `wait` before each further look.

    It ends when the batch is over, or when only jobs are left that have failed several times. The jobs stay when the
    caller ends before.
    """
    while True:
        shape = batch_shape(batches, batches.get(id_))
        yield shape
        if shape.state != "open" or shape.left_jobs == shape.failing_jobs:
            return
        wait()
