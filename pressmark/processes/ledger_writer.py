"""A thread of the worker that saves the ledger in the store, soon after it changed."""

from __future__ import annotations

import threading
from datetime import timedelta

from pressmark.processes.retrying_loop import RetryingLoop
from pressmark.service.service import Service
from pressmark.upkeep.ledger.saving import LedgerSaving

_LOOK = 1.0
"""Seconds between two looks for changes."""
_AT_MOST_EVERY = timedelta(seconds=10)
"""The least time between two parts of the ledger; the time at which segments are sealed, if that is shorter."""


class LedgerWriter(RetryingLoop):
    """Saves the ledger. Failures are retried: nothing that changed is forgotten."""

    what = "the ledger is not saved in the store"
    reports_after_stop = True

    def __init__(self, service: Service) -> None:
        super().__init__(longest=60)
        self._saving = LedgerSaving(service)
        self._pause = min(_AT_MOST_EVERY, service.settings.spool.seal_after).total_seconds()
        self._busy = threading.Lock()

    def turn(self) -> float:
        """Save what changed; return the seconds until the next time."""
        with self._busy:
            saved = self._saving.save()
        return self._pause if saved else _LOOK

    def finish(self) -> None:
        """Save what is left, once; the next start saves what could not be saved."""
        if self._busy.acquire(blocking=False):  # otherwise the store keeps the thread waiting
            self._busy.release()
            self._turn()
