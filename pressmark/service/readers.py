"""Create the reader of texts that the settings describe, and the lists of what waits for services that read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.texts.reading_jobs import ReadingJobs
from archive.values.observed_file import Observer, unobserved
from config.settings import Settings
from pressmark.service.core_count import number_of
from scheduler.ledger.batches import Batches

if TYPE_CHECKING:
    from archive.texts.reader import Reader
    from pressmark.service.service import Service


def reader_of(settings: Settings, observer: Observer = unobserved) -> Reader:
    """Create a reader, which the caller closes. No process starts before the first page."""
    from archive.texts.reader import Reader

    reading = settings.reading
    return Reader(
        readers=number_of(reading.readers),
        memory=reading.memory,
        cpu_seconds=max(1, int(reading.timeout.total_seconds())),
        observer=observer,
    )


def reading_jobs(service: Service) -> ReadingJobs:
    """Return the segments in the store whose texts are to be read."""
    return ReadingJobs(service.database, now=service.now, lease=service.settings.worker.lease)


def batches_of(service: Service) -> Batches:
    """Return the audits, rebuilds and exports that services do in jobs."""
    return Batches(service.database, now=service.now, lease=service.settings.worker.lease)
