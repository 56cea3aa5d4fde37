"""What a page still waits for: requests that are not answered, answers that it has not read, scripts that run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_UNREAD = 5.0
"""Seconds after which an answer that the page does not read is waited for no more: some pages never read one."""


class Activity:
    """The requests of one page, as the recorder answers them and as the page reports them.

    The page reports a request before the recorder hears of it, and reads the answer after the recorder gave it. Without
    both, a page on a slow machine would look complete between two of its requests.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        """Start now. `now` returns seconds of a clock that never goes back."""
        self._now = now
        self._unread: set[str] = set()
        self._asked = 0
        self.changes = 0
        """How often something changed; while it stays the same, the page did nothing."""
        self._changed_at = now()

    def began(self) -> None:
        """Note that the recorder fetches something."""
        self._asked += 1
        self._change()

    def ended(self) -> None:
        """Note that it does not any more."""
        self._asked -= 1
        self._change()

    def happened(self, method: str, facts: dict[str, Any]) -> None:
        """Take an event of the DevTools domain Network."""
        match method:
            case "Network.requestWillBeSent":
                self._unread.add(facts["requestId"])
                self._change()
            case "Network.loadingFinished" | "Network.loadingFailed":
                self._unread.discard(facts["requestId"])
                self._change()

    def is_quiet(self, seconds: float) -> bool:
        """Return whether nothing was requested or read for this long, and nothing is waited for."""
        wanted = seconds + _UNREAD if self._unread else seconds
        return not self._asked and self._now() - self._changed_at >= wanted

    def touch(self) -> None:
        """Count the quiet from now on."""
        self._changed_at = self._now()

    def _change(self) -> None:
        self.changes += 1
        self.touch()
