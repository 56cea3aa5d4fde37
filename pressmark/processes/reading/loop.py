"""The loop that takes segments, reads their texts, and writes them."""

from __future__ import annotations

from collections.abc import Mapping

from archive.intake.reextraction import Reextraction
from archive.texts.reading_jobs import LateReader, ReadingJob
from archive.values.errors import ReaderClosed
from pressmark.processes.reading.job_loop import JobLoop, Said
from pressmark.service.readers import reading_jobs
from pressmark.service.service import Service
from pressmark.upkeep.extractions import do_job


class ReadingLoop(JobLoop[ReadingJob]):
    """Reads one segment after another."""

    what = "texts can't be read"
    said = Said(
        "the texts of a segment were read",
        "the texts of a segment can't be read",
        "a segment was taken by another process",
    )
    late, halted = LateReader, ReaderClosed
    interruptions = (ReaderClosed, LateReader)

    def __init__(self, service: Service, again: Reextraction) -> None:
        self._reading_jobs = reading_jobs(service)
        super().__init__(service, self._reading_jobs, "the reader of texts")
        self._again = again

    def work(self, job: ReadingJob) -> Mapping[str, object]:
        done = do_job(self._again, self._reading_jobs, job)
        return {"texts": done.read, "changed": done.changed, "failed": done.failed}

    def doing(self, job: ReadingJob) -> str:
        return f"reads the segment {job.segment}"

    def facts(self, job: ReadingJob) -> Mapping[str, object]:
        return {"segment": job.segment}
