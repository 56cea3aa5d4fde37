"""How long the calls to a store have waited for an answer: a call that hangs can't say so itself."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock, get_ident
from time import monotonic

SILENT_AFTER = 5.0
"""Seconds without any progress from which on a call is reported."""
SILENT = "has not responded since"
"""Is in the sentence of a silence, and in no other problem."""
_PART = 1 << 14


class Silence:
    """The calls that wait, each known by its thread. All methods are for any thread."""

    def __init__(self, where: str) -> None:
        """`where` names the store to people."""
        self._where = where
        self._since: dict[int, float] = {}
        self._lock = Lock()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """A call of this thread waits for the store."""
        with self._lock:
            self._since[get_ident()] = monotonic()
        try:
            yield
        finally:
            with self._lock:
                self._since.pop(get_ident(), None)

    def heard(self, **_: object) -> None:
        """The call of this thread makes progress. May be used as a handler of an event of botocore."""
        with self._lock:
            if get_ident() in self._since:
                self._since[get_ident()] = monotonic()

    def seconds(self) -> float:
        """How long the call has waited that waits longest; 0 when none waits."""
        with self._lock:
            return max((monotonic() - since for since in self._since.values()), default=0.0)

    def sentence(self, now: datetime) -> str | None:
        """Since when the store has not answered; None when no call has waited for `SILENT_AFTER` seconds."""
        if (seconds := self.seconds()) < SILENT_AFTER:
            return None
        return f"{self._where} {SILENT} {now - timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S} UTC"


class Sent(io.BytesIO):
    """A body on its way to a store: each part that is read from it is progress.

    The parts are small, because a time-out of the client is for each of them.
    """

    def __init__(self, content: bytes, silence: Silence) -> None:
        super().__init__(content)
        self._silence = silence

    def read(self, size: int | None = -1, /) -> bytes:
        self._silence.heard()
        return super().read(size if size is None or size < 0 else min(size, _PART))
