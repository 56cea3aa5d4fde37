"""The loop that does jobs of audits, rebuilds and exports."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from archive.values.errors import StoreError
from pressmark.processes.reading.job_loop import JobLoop, Said
from pressmark.service.readers import batches_of
from pressmark.service.service import Service
from pressmark.upkeep.batches.kinds import JobHalted
from pressmark.upkeep.batches.work import do_job
from scheduler.ledger.batch_values import BatchJob, LateWorker

log = logging.getLogger(__name__)

_CLEAR_EVERY = 3600.0
"""Seconds between two looks for exports in the store that are too old."""


class BatchLoop(JobLoop[BatchJob]):
    """Does one job after another."""

    what = "jobs of audits, rebuilds and exports can't be done"
    said = Said("a job was done", "a job failed", "a job was taken by another process, or cancelled")
    late, halted = LateWorker, JobHalted
    interruptions = (JobHalted, LateWorker)

    def __init__(self, service: Service) -> None:
        self._service, self._batches = service, batches_of(service)
        super().__init__(service, self._batches, "the worker of audits, rebuilds and exports")
        self._cleared = -_CLEAR_EVERY

    def turn(self) -> float:
        if time.monotonic() - self._cleared >= _CLEAR_EVERY:
            from pressmark.upkeep.batches.exports_kept import delete_old  # it loads all formats

            self._cleared = time.monotonic()
            try:
                delete_old(self._service)
            except StoreError as error:  # such as a bucket without this permission: jobs do not wait for it
                log.warning("old exports could not be deleted", extra={"reason": str(error)})
        return super().turn()

    def work(self, job: BatchJob) -> Mapping[str, object]:
        do_job(self._service, self._batches, job, self._stopped.is_set)
        return {}

    def doing(self, job: BatchJob) -> str:
        return f"does the job {job.name} of {job.batch}"

    def facts(self, job: BatchJob) -> Mapping[str, object]:
        return {"batch": job.batch, "job": job.name}
