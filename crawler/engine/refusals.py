"""Exchanges that the recorder could not write: when to retry their pages, and when to give up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from archive.values.errors import ArchiveError, SpoolFull
from archive.warc.exchange_records import OriginalGone
from crawler.policy.backoff import backoff

_SPACE_WAIT = 5.0
"""Seconds that a run waits for free space in the spool before it retries."""
_MOST = 100
"""Consecutive refusals for other reasons than a full disk."""


class Refusals:
    """The refusals of one run. Lives in the event loop."""

    def __init__(self, tally: Counter[str], *, wake: Callable[[], None], give_up: Callable[[str], None]) -> None:
        """`wake` is called when there may be space again; `give_up` gets the reason as a sentence."""
        self._tally, self._wake, self._give_up = tally, wake, give_up
        self.full = False
        """Whether the spool is full, as far as is known."""
        self._in_a_row = self._kept = 0

    def wait(self, error: ArchiveError) -> float:
        """Return the seconds until the page refused for this reason is retried."""
        if isinstance(error, OriginalGone):  # the next request is another one
            return 0.0
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
