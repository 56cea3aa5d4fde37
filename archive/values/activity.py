"""Record what a thread is doing, and how long it has shown no sign of life, for the supervisor of a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import get_native_id
from typing import NamedTuple, TypeVar

T = TypeVar("T")
_number = count()


class _Piece(NamedTuple):
    number: int
    what: str
    thread: int


class Activity:
    """The work of one part of a process. Its thread reports what it does; another thread checks for progress."""

    def __init__(self, name: str) -> None:
        """Create an activity; `name` is a noun with its article."""
        self.name = name
        self._piece: _Piece | None = None
        self._seen: tuple[_Piece | None, str] = None, ""
        self._still = 0.0

    @contextmanager
    def at(self, what: str) -> Iterator[None]:
        """Mark a piece of work in this thread. `what` describes it, to follow "while it"."""
        self._piece = _Piece(next(_number), what, get_native_id())
        try:
            yield
        finally:
            self._piece = None

    def doing(self, what: str, work: Callable[[], T]) -> T:
        """Do a piece of work in this thread, and return its result."""
        with self.at(what):
            return work()

    def still(self, elapsed: float) -> float:
        """Return the seconds without a sign of life, given that `elapsed` seconds have passed since the last call.

        A sign of life is a new piece of work, or CPU time used by the thread: an upload over a slow line is alive.
        """
        piece = self._piece
        seen = piece, _cpu_of(piece.thread) if piece else ""
        self._still = 0.0 if piece is None or seen != self._seen else self._still + elapsed
        self._seen = seen
        return self._still

    @property
    def what(self) -> str:
        """Return what the thread does, to follow "while it"."""
        return self._piece.what if self._piece else "waits"


def _cpu_of(thread: int) -> str:
    """Return the CPU time of a thread so far, in nanoseconds; empty if the system does not provide it."""
    try:
        return Path(f"/proc/self/task/{thread}/schedstat").read_text().partition(" ")[0]
    except OSError:
        return ""
