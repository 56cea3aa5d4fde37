"""The thread that indexes what the recorder has put on disk: in order, and retried until it succeeds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from archive.values.activity import Activity
from archive.values.capture import Capture

if TYPE_CHECKING:
    from archive.index.index import Index
    from archive.spool.spool import Sealed

log = logging.getLogger(__name__)

_BATCH = 2_000
"""Captures of one transaction, at most: a backlog takes few transactions."""
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 30.0

_Work = Callable[[], object]


class Indexer:
    """Indexes captures. They are on disk already, and recovery finds them again if they get lost here.

    All methods may be called from any thread.
    """

    def __init__(self, index: Index, *, opened: Callable[..., object], sealed: Callable[[Sealed], None]) -> None:
        """Set up. `opened` writes down a new segment (name, path, collection); `sealed` gets one that the index has."""
        self._index = index
        self._opened = opened
        self._sealed = sealed
        self._queue: SimpleQueue[Sequence[Capture] | _Work | None] = SimpleQueue()
        self._stopped = threading.Event()
        self.activity = Activity("the indexer")
        self.problem: str | None = None
        """Why the index lags behind, as a sentence; None when it does not."""

    def opened(self, name: str, path: Path, collection: str) -> None:
        self._queue.put(partial(self._opened, name, path, collection))

    def add(self, captures: Sequence[Capture]) -> None:
        self._queue.put(captures)

    def sealed(self, sealed: Sealed) -> None:
        def work() -> None:
            self._index.sealed(sealed)
            self._sealed(sealed)

        self._queue.put(work)

    def then(self, work: Callable[[], object]) -> None:
        """Call this once the index has everything that was handed in before."""
        self._queue.put(work)

    def flush(self, timeout: float) -> bool:
        """Wait until the index has everything that was handed in before; return whether it has."""
        done = threading.Event()
        self.then(done.set)
        return done.wait(timeout)

    def stop(self) -> None:
        """Make `run` return once it has written what it can; what the index refuses now is left to recovery."""
        self._stopped.set()
        self._queue.put(None)

    def run(self) -> None:
        """Write until stopped."""
        waiting: list[Capture] = []
        while (item := self._queue.get()) is not None:
            work: _Work | None = None
            if callable(item):
                work = item
            else:
                waiting += item
                work = self._gather(waiting)
            self._write(waiting)
            waiting = []
            if work:
                self._until_done(work)

    def _gather(self, waiting: list[Capture]) -> _Work | None:
        """Take what else is waiting, up to the next call that has its place behind it."""
        while len(waiting) < _BATCH:
            try:
                item = self._queue.get_nowait()
            except Empty:
                return None
            if item is None:
                self._queue.put(None)
                return None
            if callable(item):
                return item
            waiting += item
        return None

    def _write(self, captures: list[Capture]) -> None:
        if captures:
            self._until_done(partial(self._index.add, captures))

    def _until_done(self, work: _Work) -> None:
        wait = _FIRST_WAIT
        while True:
            try:
                self.activity.doing("writes to the index", work)
            except Exception as error:
                if self.problem is None:
                    log.exception("the index does not follow")
                self.problem = f"{type(error).__name__}: {error}"
                if self._stopped.is_set():
                    return
                time.sleep(wait)
                wait = min(wait * 2, _LONGEST_WAIT)
            else:
                self.problem = None
                return
