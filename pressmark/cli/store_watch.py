"""Tell who waits for a command that its store does not answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_LOOK_EVERY = 2.0
_AGAIN_AFTER = 30.0
"""Seconds after which a silence that goes on is told again."""
_WAY_OUT = "; look at the store and the network between; the command waits, Ctrl-C ends it"


@contextmanager
def telling_of_silence(
    silence: Callable[[datetime], str | None], tell: Callable[[str], object], *, every: float = _LOOK_EVERY
) -> Iterator[None]:
    """Look every so many seconds whether a call to the store hangs, and `tell` it in a sentence.

    `silence` says since when the store has not answered: `ObjectStore.silence`.
    """
    ended = threading.Event()

    def watch() -> None:
        told_at = -_AGAIN_AFTER
        while not ended.wait(every):
            sentence = silence(datetime.now(UTC))
            if sentence and time.monotonic() - told_at >= _AGAIN_AFTER:
                told_at = time.monotonic()
                tell(sentence + _WAY_OUT)

    thread = threading.Thread(target=watch, name="store watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
