"""Whether a call to the store hangs, in this process or in the worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from archive.store.hung_calls import SILENT
from pressmark.service.service import Service
from pressmark.service.threads import in_thread

_LOOK_EVERY = 2.0
_AGAIN_AFTER = 30.0
"""Seconds after which a continuing silence is logged again."""
_WAY_OUT = "; look at the store and the network between; the command waits, Ctrl-C ends it"


def store_silence(service: Service) -> str | None:
    """Return since when the store has not answered, as a sentence; None when no call has waited for some seconds.

    The worker notes it at the segment that it ships.
    """
    problems = (segment.problem or "" for segment in service.index.segments("sealed"))
    return service.store.silence(service.now()) or next((each for each in problems if SILENT in each), None)


@contextmanager
def reporting_silence(
    silence: Callable[[datetime], str | None], tell: Callable[[str], object], *, every: float = _LOOK_EVERY
) -> Iterator[None]:
    """Check periodically whether a call to the store hangs, and `tell` it in a sentence.

    `silence` returns since when the store has not answered: `ObjectStore.silence`.
    """
    ended = threading.Event()

    def watch() -> None:
        told_at = -_AGAIN_AFTER
        while not ended.wait(every):
            sentence = silence(datetime.now(UTC))
            if sentence and time.monotonic() - told_at >= _AGAIN_AFTER:
                told_at = time.monotonic()
                tell(sentence + _WAY_OUT)

    with in_thread("store watch", watch, ended.set):
        yield
