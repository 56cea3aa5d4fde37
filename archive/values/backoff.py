"""How long to wait after a failure, so that no outage is met with a storm."""

from __future__ import annotations

import random
import time

LEAST = 1.0
"""Seconds: never more than one try in a second."""


class Patience:
    """Waits that grow with each failure in a row, to a bound, and that differ between workers."""

    def __init__(self, most: float = 15.0) -> None:
        self._most = most
        self._failures = 0
        self._until = 0.0

    def left(self) -> float:
        """Seconds until the next try may be made; 0 when it may be made now."""
        return max(0.0, self._until - time.monotonic())

    def fail(self) -> float:
        """Note a failure; how many seconds to wait now."""
        wait: float = min(self._most, LEAST * 1.5**self._failures) * random.uniform(1, 1.5)  # noqa: S311 - jitter
        self._failures = min(self._failures + 1, 50)
        self._until = time.monotonic() + wait
        return wait

    def succeed(self) -> None:
        self._failures = 0
        self._until = 0.0
