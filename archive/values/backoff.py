"""Compute how long to wait after a failure, so that an outage does not cause a storm of requests."""

from __future__ import annotations

import random
import time

LEAST = 1.0
"""Minimum seconds: at most one attempt per second."""
MOST = 15.0
"""Maximum seconds between two attempts, unless the caller says otherwise."""
_FACTOR = 1.5
"""Each wait is this many times as long as the one before."""


class Backoff:
    """Waits that grow with each consecutive failure up to a limit, and that differ between workers."""

    def __init__(self, most: float = MOST) -> None:
        self._most = most
        self._failures = 0
        self._until = 0.0

    def left(self) -> float:
        """Return the seconds until the next attempt is allowed; 0 if it is allowed now."""
        return max(0.0, self._until - time.monotonic())

    def fail(self) -> float:
        """Record a failure, and return how many seconds to wait."""
        wait: float = min(self._most, LEAST * _FACTOR**self._failures) * random.uniform(1, 1.5)  # noqa: S311 - jitter
        self._failures = min(self._failures + 1, 50)
        self._until = time.monotonic() + wait
        return wait

    def succeed(self) -> None:
        self._failures = 0
        self._until = 0.0
