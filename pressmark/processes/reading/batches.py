"""The loop that does jobs of audits and rebuilds of the whole store."""

from __future__ import annotations

from collections.abc import Mapping

from pressmark.processes.reading.job_loop import JobLoop, Said
from pressmark.service.readers import batches_of
from pressmark.service.service import Service
from pressmark.upkeep.batches.kinds import JobHalted
from pressmark.upkeep.batches.work import do_job
from scheduler.ledger.batch_values import BatchJob, LateWorker


class BatchLoop(JobLoop[BatchJob]):
    """Does one job after another."""

    what = "jobs of audits and rebuilds can't be done"
    said = Said("a job was done", "a job failed", "a job was taken by another process, or cancelled")
    late, halted = LateWorker, JobHalted
    interruptions = (JobHalted, LateWorker)

    def __init__(self, service: Service) -> None:
        self._service, self._batches = service, batches_of(service)
        super().__init__(service, self._batches, "the worker of audits and rebuilds")

    def work(self, job: BatchJob) -> Mapping[str, object]:
        do_job(self._service, self._batches, job, self._stopped.is_set)
        return {}

    def doing(self, job: BatchJob) -> str:
        return f"does the job {job.name} of {job.batch}"

    def facts(self, job: BatchJob) -> Mapping[str, object]:
        return {"batch": job.batch, "job": job.name}
