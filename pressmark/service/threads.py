"""Threads that work as long as a block of code runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

log = logging.getLogger(__name__)

_BEATS = 6
"""How often within a lease it is renewed."""


@contextmanager
def in_thread(
    name: str, run: Callable[[], object], stop: Callable[[], object], *, ends_within: float | None = None
) -> Iterator[None]:
    """Call `run` in a thread; at the end call `stop`, and wait for the thread, at most for this many seconds.

    It is a daemon thread: one that hangs must not keep the process alive.
    """
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join(ends_within)


@contextmanager
def renewing(lease: timedelta, renew: Callable[[], object], late: type[Exception]) -> Iterator[threading.Event]:
    """Renew the lease of a job, which may take minutes, until `renew` raises `late`: what is written then is refused.

    Yield an event that is set once the job is lost.
    """
    over, lost = threading.Event(), threading.Event()

    def run() -> None:
        while not over.wait(lease.total_seconds() / _BEATS):
            try:
                renew()
            except late:
                lost.set()
                return
            except Exception as error:
                log.warning("the lease of a job can't be renewed", extra={"reason": str(error)})

    with in_thread("lease of a job", run, over.set):
        yield lost
