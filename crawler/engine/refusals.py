"""Exchanges that the recorder could not keep: when their pages are tried again, and when there is no use in that."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from archive.values.errors import ArchiveError, SpoolFull
from crawler.policy.answers import backoff

_SPACE_WAIT = 5.0
"""Seconds that a run waits for room in the spool before it tries again."""
_MOST = 100
"""In a row, for other reasons than a full disk."""


class Refusals:
    """Those of one run. Lives in the loop."""

    def __init__(self, tally: Counter[str], *, wake: Callable[[], None], give_up: Callable[[str], None]) -> None:
        """`wake` is called when there may be room again; `give_up` is told why, in a sentence."""
        self._tally, self._wake, self._give_up = tally, wake, give_up
        self.full = False
        """Whether the spool has no room, as far as is known."""
        self._in_a_row = self._kept = 0

    def wait(self, error: ArchiveError) -> float:
        """Seconds until the page is tried again that could not be kept for this reason."""
        if isinstance(error, SpoolFull):
            self._wait_for_room()
            return 0.0
        kept = self._tally["captures"]
        self._in_a_row = self._in_a_row + 1 if self._kept == kept else 1
        self._kept = kept
        if self._in_a_row >= _MOST:
            self._give_up(f"{self._in_a_row} exchanges in a row could not be stored: {error}")
        return backoff(self._in_a_row, 1.0)

    def _wait_for_room(self) -> None:
        if not self.full:
            self.full = True
            asyncio.get_running_loop().call_later(_SPACE_WAIT, self._try)

    def _try(self) -> None:
        self.full = False
        self._wake()
