"""Writes that no answer waits for."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from threading import Lock, Thread

log = logging.getLogger(__name__)
_MOST = 1000
"""Writes that wait, while the database is busy; more are left out."""


class Later:
    """Writes one after another, in a thread that lives while there are any. Any thread may call.

    It is a daemon thread: one that waits for a busy database must not keep the process alive.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting = deque[Callable[[], object]]()
        self._thread: Thread | None = None

    def do(self, write: Callable[[], object]) -> None:
        with self._lock:
            if len(self._waiting) >= _MOST:
                log.warning("the database is busy, so the use of a login is not written")
                return
            self._waiting.append(write)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="later", daemon=True)
                self._thread.start()

    def finish(self, within: float) -> None:
        """Wait for what was given, at most for this many seconds."""
        if (thread := self._thread) is not None:
            thread.join(within)

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                write = self._waiting.popleft()
            try:
                write()
            except Exception as error:
                log.warning("the use of a login is not written", extra={"reason": str(error)})
