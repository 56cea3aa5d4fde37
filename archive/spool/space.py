"""Measure how full the spool is, and hold the ballast: space reserved for sealing and recovery on a full disk."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Literal

from archive.values.errors import SpoolFull, SpoolRefuses

State = Literal["ok", "no-new-runs", "pause", "stop"]
"""What the spool accepts: above 70 % of its budget no new runs start, above 85 % running crawls pause, and above 95 %
or on a full disk nothing is accepted."""

_LIMITS: tuple[tuple[float, State], ...] = ((0.95, "stop"), (0.85, "pause"), (0.70, "no-new-runs"))
_FRESH_SECONDS = 1.0
_REST_SECONDS = 10.0
_LEAST_ROOM = 1 << 20


class Space:
    """The space of the spool at `directory`: `budget` bytes for segments, and `ballast` reserved bytes."""

    def __init__(
        self, directory: Path, *, budget: int, ballast: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._directory, self._budget, self._size, self._monotonic = directory, budget, ballast, monotonic
        self._ballast = directory / "ballast"
        self._filled = False
        self._problem: str | None = None
        """Why the disk accepts no files; None while it does."""
        self._rests_until = 0.0
        self._looked = -_FRESH_SECONDS
        self._fraction = 0.0

    def fraction(self) -> float:
        """Return the used fraction of the budget, 1.0 on a full disk. If the disk has less space than the budget, the
        disk is the budget. The value is at most a second old.
        """
        if self._monotonic() - self._looked >= _FRESH_SECONDS:
            self.check()
        return self._fraction

    def state(self) -> State:
        fraction = self.fraction()
        if self._filled or self._problem or self._monotonic() < self._rests_until:
            return "stop"
        return next((state for limit, state in _LIMITS if fraction > limit), "ok")

    def refusal(self) -> SpoolFull | None:
        """Return why the disk accepts nothing; None if it does, or if uploading segments is enough to free space."""
        full = self.state() in ("stop", "pause")
        if self._problem:
            return SpoolRefuses(self._problem)
        return SpoolFull(f"the disk of the spool {self._directory} is full") if full and self._lacks_disk() else None

    def _lacks_disk(self) -> bool:
        """Return whether the disk has less space than the budget: then shipping may not free enough."""
        return sum(map(_size, _files(self._directory))) + _free(self._directory) < self._budget

    def pressure(self) -> str:
        """Return why nothing new is started, as a sentence."""
        return self._problem or back_pressure(self.fraction())

    def filled(self) -> None:
        """Handle a full disk: free the ballast, and stop until there is space for it again."""
        self._filled = True
        with suppress(OSError):
            self._ballast.unlink(missing_ok=True)
        self._looked = self._monotonic()
        self._fraction = 1.0

    def refused(self, error: OSError) -> None:
        """Handle a disk that accepts no files for another reason: stop until it accepts one again."""
        self._problem = _sentence(error)

    def failed(self) -> None:
        """Handle a disk that refused twice: accept nothing for a while, then try again."""
        self._rests_until = self._monotonic() + _REST_SECONDS

    def check(self) -> None:
        """Measure the disk. A refusal of the disk is a reason to stop, and never an error."""
        try:
            free = _free(self._directory)
            if not self._ballast.exists() and free >= self._size + max(self._size // 4, _LEAST_ROOM):
                self._take_ballast()
            if self._filled or self._problem:
                self._try_files()
                self._filled = not self._ballast.exists()
            self._fraction = fraction_of(self._directory, self._budget)
            self._problem = None
        except OSError as error:
            self._problem = _sentence(error)
        self._looked = self._monotonic()

    def _take_ballast(self) -> None:
        descriptor = os.open(self._ballast, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            if self._size:
                os.posix_fallocate(descriptor, 0, self._size)
        except OSError:
            self._ballast.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)

    def _try_files(self) -> None:
        """Create as many files as a segment has, and remove them. Raises OSError."""
        trials = self._directory / "trial.warc", self._directory / "trial.journal"
        with ExitStack() as stack:
            for trial in trials:
                stack.callback(trial.unlink, missing_ok=True)
                stack.callback(os.close, os.open(trial, os.O_WRONLY | os.O_CREAT, 0o644))


def fraction_of(directory: Path, budget: int) -> float:
    """Return the used fraction of a spool's budget, or of the disk if that has less space."""
    used, free = sum(map(_size, _files(directory))), _free(directory)
    budget = min(budget, used + free)
    return used / budget if budget else 1.0


def _sentence(error: OSError) -> str:
    where = f" {error.filename}" if error.filename else ""
    return f"the disk of the spool refuses files:{where}: {error.strerror}"


def back_pressure(fraction: float) -> str:
    """Return why nothing new is started with a spool this full."""
    return f"back-pressure: the spool is {fraction:.0%} full"


def accepts_runs(fraction: float) -> bool:
    """Return whether a spool this full accepts new runs."""
    return fraction <= _LIMITS[-1][0]


def _files(directory: Path) -> list[Path]:
    return [file for part in ("open", "sealed", "quarantine") for file in (directory / part).glob("*")]


def _size(file: Path) -> int:
    with suppress(FileNotFoundError):
        return file.stat().st_size
    return 0


def _free(directory: Path) -> int:
    at = os.statvfs(directory)
    return at.f_bavail * at.f_frsize
