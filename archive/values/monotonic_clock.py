"""A clock that never goes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

_MICROSECOND = timedelta(microseconds=1)


class Steady:
    """Times in UTC, each later than the one before, max(now, last + 1 µs), even if the clock is set back."""

    def __init__(self, now: Callable[[], datetime], last: datetime | None = None) -> None:
        self._now, self._last, self._lock = now, last, Lock()

    def __call__(self) -> datetime:
        with self._lock:
            at = self._now().astimezone(UTC)
            if self._last is not None and at <= self._last:
                at = self._last + _MICROSECOND
            self._last = at
            return at

    def not_before(self, last: datetime | None) -> None:
        """Make all later times follow `last`, a time from before a restart."""
        with self._lock:
            if last is not None and (self._last is None or last > self._last):
                self._last = last
