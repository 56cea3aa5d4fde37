"""End a command that gets nowhere: no worker comes after it, and nobody repairs the disk while it waits silently.

Under `pressmark serve` a worker waits instead, for as long as it takes: the service names the state.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Sequence

from archive.values.errors import DatabaseUnreachable

log = logging.getLogger(__name__)

_LOOK_EVERY = 1.0
_PATIENCE, _PATIENCE_AWAY = 10.0, 300.0
"""Seconds. The server of a database may be away for longer: one that restarts continues by itself."""

Look = Callable[[], Exception | None]
"""Why one part can't write; None when it can."""


class WriteTimeout:
    """Looks at the parts of a worker every second, and stops it when one of them can't write for long."""

    def __init__(
        self, looks: Sequence[Look], stop: Callable[[], None], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._looks, self._stop, self._monotonic = looks, stop, monotonic
        self._since = [math.inf] * len(looks)
        self.reason: Exception | None = None
        """Why the worker was stopped."""

    async def run(self) -> None:
        """Look until cancelled, or until there is a reason to stop."""
        while self.reason is None:
            await asyncio.to_thread(self.check)
            if self.reason is not None:
                log.error("the command ends", extra={"reason": str(self.reason)})
                self._stop()
            await asyncio.sleep(_LOOK_EVERY)

    def check(self) -> None:
        """Look at each part once."""
        for number, look in enumerate(self._looks):
            error = look()
            if error is None:
                self._since[number] = math.inf
                continue
            since = self._since[number] = min(self._since[number], self._monotonic())
            if self._monotonic() - since >= _patience_for(error):
                self.reason = self.reason or error


def _patience_for(error: Exception) -> float:
    return _PATIENCE_AWAY if isinstance(error, DatabaseUnreachable) else _PATIENCE
