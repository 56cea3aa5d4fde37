"""Create the reader of texts that the settings describe."""

from __future__ import annotations

import os

from archive.texts.reader import Reader
from archive.values.observed_file import Observer, unobserved
from config.settings import Settings

_MOST = 4
"""Readers of `auto`; the setting can name more."""


def reader_of(settings: Settings, observer: Observer = unobserved) -> Reader:
    """Create a reader, which the caller closes. No process starts before the first page."""
    reading = settings.reading
    return Reader(
        readers=_cores() if reading.readers == "auto" else reading.readers,
        memory=reading.memory,
        cpu_seconds=max(1, int(reading.timeout.total_seconds())),
        observer=observer,
    )


def _cores() -> int:
    """Return the number of cores that this process may use, up to a limit: each reader takes memory.

    A container may have less time than cores, which the system does not say here.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _MOST)
