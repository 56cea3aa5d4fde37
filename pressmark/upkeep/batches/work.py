"""Do one job of a batch: under a lease that a thread renews, and written only by who still has the job."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pressmark.service.threads import renewing
from pressmark.upkeep.batches.audit import AuditInJobs
from pressmark.upkeep.batches.export import ExportInJobs
from pressmark.upkeep.batches.kinds import Halted, Kind
from pressmark.upkeep.batches.rebuild import RebuildInJobs
from scheduler.ledger.batch_values import BatchJob, LateWorker
from scheduler.ledger.batches import PLAN, SUMMARY, Batches

if TYPE_CHECKING:
    from pressmark.service.service import Service


def do_job(service: Service, batches: Batches, job: BatchJob, stopped: Halted) -> None:
    """Do a job, and write its result. Raises JobHalted, LateWorker, and what the work of the job raises."""
    try:
        _do_job(service, batches, job, stopped)
    finally:
        if job.kind == "export":  # it may have been cancelled or deleted while its file was being uploaded
            from pressmark.upkeep.batches.exports_kept import delete_if_gone  # it loads all formats

            delete_if_gone(service, job.batch)


def _do_job(service: Service, batches: Batches, job: BatchJob, stopped: Halted) -> None:
    kind = _kind(batches, job)
    with renewing(batches.lease, partial(batches.renew, job), LateWorker) as lost:

        def halted() -> bool:
            return stopped() or lost.is_set()

        if job.name == PLAN:
            names = kind.plan(service, halted)
            batches.finish(job, {"jobs": len(names)}, add=names)
        elif job.name == SUMMARY:
            own, whole = kind.summary(service, batches.results(job.batch), batches.oldest(job.batch), halted)
            batches.finish(job, own, ends=whole)
        else:
            batches.finish(job, kind.part(service, job.name, halted))


def _kind(batches: Batches, job: BatchJob) -> Kind:
    if job.kind == "export":
        return ExportInJobs(batches.get(job.batch))
    return AuditInJobs() if job.kind == "audit" else RebuildInJobs(full=bool(job.options["full"]))
