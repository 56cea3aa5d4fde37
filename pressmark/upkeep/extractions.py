"""Extract texts of captures again, as the doors of Pressmark request it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from archive.intake.reextraction import ReextractedSegment, Reextraction, Task
from archive.shipping.run_texts import RunTexts
from archive.texts.left_jobs import FAILED_OFTEN
from archive.texts.reading_jobs import LateReader, ReadingJob, ReadingJobs
from archive.values.errors import ArchiveError, IntegrityError, ObjectNotFound, SegmentUnknown
from pressmark.service.readers import reader_of
from pressmark.service.service import Service
from pressmark.service.threads import renewing
from pressmark.views.shapes import Shape

if TYPE_CHECKING:
    from archive.texts.reader import Reader


log = logging.getLogger(__name__)


class ExtractionShape(Shape):
    """What was extracted, and what is left."""

    segments: int
    texts: int
    changed: int
    """Texts that differ from before, if only by the version of the extractor."""
    failed: int
    left_segments: int
    left_texts: int


class QueuedShape(Shape):
    """WARC files whose texts services with the role `read` extract."""

    segments: int
    left_segments: int
    failing_segments: int
    """Of those left, the ones that have failed several times; they are tried again."""
    cancelled_segments: int
    """Of those left, the ones that someone has cancelled."""


@contextmanager
def rereading(service: Service) -> Iterator[Reextraction]:
    """Extract from the store of a service, in child processes."""
    with reader_of(service.settings) as reader:
        yield reextraction_by(reader, service)


def reextraction_by(reader: Reader, service: Service) -> Reextraction:
    """Extract from the store of a service, by a reader."""
    run_texts = RunTexts(service.database, service.store, new=service.settings.reading.run_texts)
    return Reextraction(service.index, service.store, reader.read_warc, now=service.now, run_texts=run_texts)


def do_job(again: Reextraction, jobs: ReadingJobs, job: ReadingJob) -> ReextractedSegment:
    """Read the segment of a job, and finish the job. Repeating it changes nothing.

    Raises LateReader if another process took the job since, and what `Reextraction.first` raises.
    """
    with renewing(jobs.lease, partial(jobs.renew, job), LateReader):
        done = _read_segment(again, jobs, job)
    jobs.finish(job)
    return done


def _read_segment(again: Reextraction, jobs: ReadingJobs, job: ReadingJob) -> ReextractedSegment:
    fence = jobs.fence(job)
    if job.records is None:
        return again.first(job.segment, at=job.at, fence=fence)
    done = again.again(Task(job.segment, job.records), at=job.at, fence=fence)
    if done.failed and not done.read:
        raise IntegrityError(f"the file of the segment {job.segment} is damaged or missing")
    return done


def queue(jobs: ReadingJobs, tasks: list[Task], wait: Callable[[], object]) -> Iterator[QueuedShape]:
    """Leave the tasks to services with the role `read`; yield the progress, and call `wait` before each further look.

    It ends when only files are left that have failed several times or were cancelled. The tasks stay when the caller
    ends before.
    """
    before = jobs.add((task.segment, task.record_ids) for task in tasks)
    names = [task.segment for task in tasks]
    while True:
        there = jobs.left_of(names)
        cancelled = jobs.cancelled_since(before).intersection(names)  # after the jobs: none of these counts as done
        failing = sum(failures >= FAILED_OFTEN for failures in there.values())
        left = len(cancelled.union(there))
        yield QueuedShape(
            segments=len(names), left_segments=left, failing_segments=failing, cancelled_segments=len(cancelled)
        )
        if len(there) == failing:
            return
        wait()


def read_again(
    again: Reextraction, tasks: list[Task], jobs: ReadingJobs, limit: int | None = None
) -> Iterator[ExtractionShape]:
    """Extract from segments, at most `limit`; yield the progress at the beginning, and after each of them.

    A segment that a service with the role `read` reads now is left to it.
    """
    left = sum(len(task.record_ids) for task in tasks)
    so_far = ExtractionShape(segments=0, texts=0, changed=0, failed=0, left_segments=len(tasks), left_texts=left)
    yield so_far
    for task in tasks[:limit]:
        done = _read_task(again, jobs, task)
        if done is None:
            continue
        so_far = ExtractionShape(
            segments=so_far.segments + 1,
            texts=so_far.texts + done.read,
            changed=so_far.changed + done.changed,
            failed=so_far.failed + done.failed,
            left_segments=so_far.left_segments - 1,
            left_texts=so_far.left_texts - len(task.record_ids),
        )
        yield so_far


def _read_task(again: Reextraction, jobs: ReadingJobs, task: Task) -> ReextractedSegment | None:
    """Read a segment again; for the first time, as a service does, if nobody has read it: its pages are news then.

    Return None if a service reads it now.
    """
    if not jobs.is_unread(task.segment):
        return again.again(task)
    if (job := jobs.claim_unread("pressmark extract", task.segment)) is None:
        return None
    try:
        done = do_job(again, jobs, job)
    except LateReader:
        return None
    except (IntegrityError, ObjectNotFound, SegmentUnknown) as error:
        log.warning("a segment can't be extracted", extra={"segment": task.segment, "reason": str(error)})
        jobs.give_back(job, str(error))
        return ReextractedSegment(task.segment, 0, 0, len(task.record_ids))
    except BaseException:
        with suppress(ArchiveError):  # without the database, its lease ends
            jobs.give_back(job)
        raise
    return done
