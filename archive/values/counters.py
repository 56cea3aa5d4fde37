"""Count events of a process for metrics: in memory, and regularly into the database, which sums all processes.

Nothing depends on a figure: a killed process loses what it counted since its last write.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from threading import Lock


class Figure(StrEnum):
    """What is counted, each with its labels."""

    FETCHES = "fetches"
    """source, class"""
    FETCH_SECONDS = "fetch-seconds"
    FORBIDDEN = "forbidden-addresses"
    """reason"""
    UPLOADS = "uploads"
    """result"""
    UPLOAD_SECONDS = "upload-seconds"
    CHECKED = "checked-files"
    """result"""
    MISSED = "missed-slots"
    """reason"""
    DELAY_SECONDS = "delay-seconds"
    STALLS = "worker-stalls"


BOUNDS: Mapping[Figure, tuple[float, ...]] = {
    Figure.FETCH_SECONDS: (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
    Figure.UPLOAD_SECONDS: (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0),
    Figure.DELAY_SECONDS: (1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0),
}
"""The upper bounds of the buckets of durations; one more bucket counts longer ones."""
SUM = "sum"

Key = tuple[Figure, tuple[str, ...]]
"""A figure and its labels. For a duration, these are the bucket, by its upper bound, or `SUM`."""


def bucket_names(figure: Figure) -> tuple[str, ...]:
    """Return the names of the buckets of a duration, in ascending order."""
    return _BUCKETS[figure]


def observed(figure: Figure, seconds: float) -> tuple[tuple[Key, float], tuple[Key, float]]:
    """Return what one duration adds to: its bucket and the sum of all durations."""
    bucket = _BUCKETS[figure][bisect_left(BOUNDS[figure], seconds)]
    return ((figure, (bucket,)), 1.0), ((figure, (SUM,)), seconds)


_BUCKETS = {figure: (*map(str, bounds), "+Inf") for figure, bounds in BOUNDS.items()}


class Figures:
    """The figures of a process that are not written yet. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counted: defaultdict[Key, float] = defaultdict(float)

    def count(self, figure: Figure, *labels: str) -> None:
        with self._lock:
            self._counted[figure, labels] += 1.0

    def time(self, figure: Figure, seconds: float) -> None:
        """Record a duration of a figure in `BOUNDS`."""
        bucket, whole = observed(figure, seconds)
        with self._lock:
            for key, value in (bucket, whole):
                self._counted[key] += value

    @contextmanager
    def drained(self) -> Iterator[Mapping[Key, float]]:
        """Take what was counted since the last call. If the block fails, it is included in the next call again."""
        with self._lock:
            counted, self._counted = self._counted, defaultdict(float)
        try:
            yield counted
        except BaseException:
            with self._lock:
                for key, value in counted.items():
                    self._counted[key] += value
            raise
