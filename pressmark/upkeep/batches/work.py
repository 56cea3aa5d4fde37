"""Do one job of a batch: under a lease that a thread renews, and written only by who still has the job."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pressmark.service.threads import in_thread
from pressmark.upkeep.batches.audit import AuditInJobs
from pressmark.upkeep.batches.kinds import Halted, Kind
from pressmark.upkeep.batches.rebuild import RebuildInJobs
from scheduler.ledger.batches import PLAN, SUMMARY, Batches, BatchJob, LateWorker

if TYPE_CHECKING:
    from pressmark.service.service import Service

log = logging.getLogger(__name__)

_BEATS = 6
"""How often within a lease it is renewed."""


def do_job(service: Service, batches: Batches, job: BatchJob, stopped: Halted) -> None:
    """Do a job, and write its result. Raises JobHalted, LateWorker, and what the work of the job raises."""
    kind = _kind(job)
    with _renewing(batches, job) as lost:

        def halted() -> bool:
            return stopped() or lost.is_set()

        if job.name == PLAN:
            names = kind.plan(service)
            batches.finish(job, {"jobs": len(names)}, add=names)
        elif job.name == SUMMARY:
            own, whole = kind.summary(service, batches.results(job.batch), halted)
            batches.finish(job, own, ends=whole)
        else:
            batches.finish(job, kind.part(service, job.name, halted))


def _kind(job: BatchJob) -> Kind:
    return AuditInJobs() if job.kind == "audit" else RebuildInJobs(full=bool(job.options["full"]))


@contextmanager
def _renewing(batches: Batches, job: BatchJob) -> Iterator[threading.Event]:
    """Renew the lease of a job: a segment may take minutes. Yield an event that is set once the job is lost."""
    over, lost = threading.Event(), threading.Event()

    def run() -> None:
        while not over.wait(batches.lease.total_seconds() / _BEATS):
            try:
                batches.renew(job)
            except LateWorker:
                lost.set()
                return  # what it writes is refused
            except Exception as error:
                log.warning("the lease of a job can't be renewed", extra={"reason": str(error)})

    with in_thread("lease of a job", run, over.set):
        yield lost


def facts_of(job: BatchJob) -> dict[str, Any]:
    """Return what the log says of a job."""
    return {"batch": job.batch, "job": job.name}
