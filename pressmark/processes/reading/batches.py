"""The loop that does jobs of audits and rebuilds of the whole store."""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from socket import gethostname

from archive.values.activity import Activity
from archive.values.errors import ArchiveError, DatabaseUnusable, StoreUnreachable
from pressmark.processes.retrying_loop import RetryingLoop
from pressmark.service.readers import batches_of
from pressmark.service.service import Service
from pressmark.upkeep.batches.kinds import JobHalted
from pressmark.upkeep.batches.work import do_job, facts_of
from scheduler.ledger.batches import BatchJob, LateWorker

log = logging.getLogger(__name__)

_LOOK_EVERY = 1.0
"""Seconds until the next look when there is nothing to do."""


class BatchLoop(RetryingLoop):
    """Does one job after another."""

    what = "jobs of audits and rebuilds can't be done"
    interruptions = (JobHalted, LateWorker)

    def __init__(self, service: Service) -> None:
        super().__init__(longest=60)
        self._service, self._batches = service, batches_of(service)
        self._name = f"{service.settings.worker.name} on {gethostname()}"
        self.activity = Activity("the worker of audits and rebuilds")

    def turn(self) -> float:
        job = self._batches.claim(self._name)
        if job is None:
            return _LOOK_EVERY
        try:
            self.activity.doing(f"does the job {job.name} of {job.batch}", partial(self._do, job))
        except LateWorker as error:
            log.warning("a job was taken by another process, or cancelled", extra={"reason": str(error)})
            raise
        except (JobHalted, StoreUnreachable):
            with suppress(ArchiveError):  # without the database, its lease ends
                self._batches.give_back(job)
            raise
        except DatabaseUnusable:
            raise
        except Exception as error:  # the fault is in this job: the next one may succeed
            self._note_failure(job, error)
            return 0.0
        log.info("a job was done", extra=facts_of(job))
        return 0.0

    def _do(self, job: BatchJob) -> None:
        do_job(self._service, self._batches, job, self._stopped.is_set)

    def _note_failure(self, job: BatchJob, error: Exception) -> None:
        ours = isinstance(error, ArchiveError)
        sentence = str(error) if ours else f"{type(error).__name__}: {error}"
        log.warning("a job failed", extra=facts_of(job) | {"reason": sentence}, exc_info=not ours)
        self._batches.give_back(job, sentence)
