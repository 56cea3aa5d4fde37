"""Create the reader of texts that the settings describe."""

from __future__ import annotations

from archive.texts.reader import Reader
from archive.values.observed_file import Observer, unobserved
from config.settings import Settings
from pressmark.service.core_count import number_of


def reader_of(settings: Settings, observer: Observer = unobserved) -> Reader:
    """Create a reader, which the caller closes. No process starts before the first page."""
    reading = settings.reading
    return Reader(
        readers=number_of(reading.readers),
        memory=reading.memory,
        cpu_seconds=max(1, int(reading.timeout.total_seconds())),
        observer=observer,
    )
