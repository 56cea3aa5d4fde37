"""A thread that works as long as a block of code runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


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
