"""What a thread is doing, and for how long without a sign of life: for whoever watches over a process."""

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
    """The work of one part of a process. Its thread says what it does; another thread looks whether that goes on."""

    def __init__(self, name: str) -> None:
        """`name` is that of the part, as a noun with its article."""
        self.name = name
        self._piece: _Piece | None = None
        self._seen: tuple[_Piece | None, str] = None, ""
        self._still = 0.0

    @contextmanager
    def at(self, what: str) -> Iterator[None]:
        """Do a piece of work in this thread; `what` says which, after "while it"."""
        self._piece = _Piece(next(_number), what, get_native_id())
        try:
            yield
        finally:
            self._piece = None

    def doing(self, what: str, work: Callable[[], T]) -> T:
        """Do a piece of work in this thread, and give what it gives."""
        with self.at(what):
            return work()

    def still(self, elapsed: float) -> float:
        """Seconds without a sign of life; `elapsed` of them have passed since the last look.

        A sign of life is another piece of work, or CPU time that the thread got: an upload over a slow line is alive.
        """
        piece = self._piece
        seen = piece, _cpu_of(piece.thread) if piece else ""
        self._still = 0.0 if piece is None or seen != self._seen else self._still + elapsed
        self._seen = seen
        return self._still

    @property
    def what(self) -> str:
        """What the thread does, after "while it"."""
        return self._piece.what if self._piece else "waits"


def _cpu_of(thread: int) -> str:
    """The CPU time of a thread so far, in nanoseconds; empty where the system does not tell."""
    try:
        return Path(f"/proc/self/task/{thread}/schedstat").read_text().partition(" ")[0]
    except OSError:
        return ""
