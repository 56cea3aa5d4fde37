"""The loop that takes segments, reads their texts, and writes them."""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from socket import gethostname

from archive.intake.reextraction import ReextractedSegment, Reextraction
from archive.texts.reading_jobs import LateReader, ReadingJob
from archive.values.activity import Activity
from archive.values.errors import ArchiveError, DatabaseUnusable, ReaderClosed, StoreUnreachable
from pressmark.processes.retrying_loop import RetryingLoop
from pressmark.service.readers import reading_jobs
from pressmark.service.service import Service
from pressmark.upkeep.extractions import do_job, renewing

log = logging.getLogger(__name__)

_LOOK_EVERY = 1.0
"""Seconds until the next look when there is nothing to read."""


class ReadingLoop(RetryingLoop):
    """Reads one segment after another."""

    what = "texts can't be read"
    interruptions = (ReaderClosed, LateReader)

    def __init__(self, service: Service, again: Reextraction) -> None:
        super().__init__(longest=60)
        self._again = again
        self._jobs = reading_jobs(service)
        self._name = f"{service.settings.worker.name} on {gethostname()}"
        self.activity = Activity("the reader of texts")

    def turn(self) -> float:
        job = self._jobs.claim(self._name)
        if job is None:
            return _LOOK_EVERY
        try:
            with renewing(self._jobs, job):
                done = self.activity.doing(f"reads the segment {job.segment}", partial(self._read, job))
            self._jobs.finish(job)
        except LateReader as error:
            log.warning("a segment was taken by another process", extra={"reason": str(error)})
            raise
        except (ReaderClosed, StoreUnreachable):
            with suppress(ArchiveError):  # without the database, its lease ends
                self._jobs.give_back(job)
            raise
        except DatabaseUnusable:
            raise
        except Exception as error:  # the fault is in this segment: the next one may succeed
            self._note_failure(job, error)
            return 0.0
        facts = {"segment": job.segment, "texts": done.read, "changed": done.changed, "failed": done.failed}
        log.info("the texts of a segment were read", extra=facts)
        return 0.0

    def _read(self, job: ReadingJob) -> ReextractedSegment:
        return do_job(self._again, self._jobs, job)

    def _note_failure(self, job: ReadingJob, error: Exception) -> None:
        ours = isinstance(error, ArchiveError)
        sentence = str(error) if ours else f"{type(error).__name__}: {error}"
        facts = {"segment": job.segment, "reason": sentence}
        log.warning("the texts of a segment can't be read", extra=facts, exc_info=not ours)
        self._jobs.give_back(job, sentence)
