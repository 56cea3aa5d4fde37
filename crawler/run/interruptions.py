"""Runs that a full disk, or a database that refuses, has interrupted: when the next one may start."""

from __future__ import annotations

import time
from collections.abc import Callable

_FIRST_WAIT, _LONGEST_WAIT = 5.0, 60.0
"""Seconds until a run may start after one was interrupted: twice as long each time in a row."""
_SHOWS = 3.0
"""Seconds that a run must continue to show that the disk accepts writes again."""


class Interruptions:
    """The latest interruptions of a worker's runs. Any thread may ask."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._error: Exception | None = None
        self._in_a_row = 0
        self._at = self._started = 0.0

    def started(self) -> None:
        """Note that a run starts."""
        self._started = self._monotonic()

    def ended(self, error: Exception | None) -> None:
        """Note the end of a run, and what interrupted it, if that was a disk or a database that refuses."""
        self._in_a_row = self._in_a_row + 1 if error else 0
        self._error, self._at = error, self._monotonic()

    @property
    def held_back(self) -> str | None:
        """Why no run should start now, as a sentence; None when one may."""
        error = self._error
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (self._in_a_row - 1))
        return str(error) if error is not None and self._monotonic() - self._at < wait else None

    @property
    def latest(self) -> Exception | None:
        """What interrupted the latest run; None once another one continues."""
        continues = self._started > self._at and self._monotonic() - self._started >= _SHOWS
        return None if continues else self._error
