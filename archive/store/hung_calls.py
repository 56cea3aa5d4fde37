"""Measure how long calls to a store have waited for a response: a call that hangs can't report it itself."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock, get_ident
from time import monotonic

SILENT_AFTER = 5.0
"""Seconds without progress after which a call is reported."""
SILENT = "has not responded since"
"""A phrase that is only in the sentence about a silent store."""
_PART = 1 << 14


class Silence:
    """The waiting calls, by thread. Any thread may call the methods."""

    def __init__(self, where: str) -> None:
        """Create it; `where` names the store in messages."""
        self._where = where
        self._since: dict[int, float] = {}
        self._lock = Lock()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Mark that a call of this thread waits for the store."""
        with self._lock:
            self._since[get_ident()] = monotonic()
        try:
            yield
        finally:
            with self._lock:
                self._since.pop(get_ident(), None)

    def note_progress(self, **_: object) -> None:
        """Mark progress of this thread's call. It can be a handler of botocore's events."""
        with self._lock:
            if get_ident() in self._since:
                self._since[get_ident()] = monotonic()

    def seconds(self) -> float:
        """Return the longest time in seconds that a call has waited; 0 if none waits."""
        with self._lock:
            return max((monotonic() - since for since in self._since.values()), default=0.0)

    def sentence(self, now: datetime) -> str | None:
        """Return since when the store has not responded; None if no call has waited for `SILENT_AFTER` seconds."""
        if (seconds := self.seconds()) < SILENT_AFTER:
            return None
        return f"{self._where} {SILENT} {now - timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S} UTC"


class UploadBody(io.BytesIO):
    """The body of an upload: each read from it counts as progress. Reads are small: a timeout applies to each."""

    def __init__(self, content: bytes, silence: Silence) -> None:
        super().__init__(content)
        self._silence = silence

    def read(self, size: int | None = -1, /) -> bytes:
        self._silence.note_progress()
        return super().read(size if size is None or size < 0 else min(size, _PART))
