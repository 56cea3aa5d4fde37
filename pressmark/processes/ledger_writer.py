"""A thread of the worker that saves the ledger in the store, soon after it changed."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from archive.values.backoff import Backoff
from archive.values.errors import ArchiveError
from pressmark.service.service import Service
from pressmark.upkeep.ledger_saving import LedgerSaving

log = logging.getLogger(__name__)

_LOOK = 1.0
"""Seconds between two looks for changes."""
_AT_MOST_EVERY = timedelta(seconds=10)
"""The least time between two parts of the ledger; the time at which segments are sealed, if that is shorter."""


class LedgerWriter:
    """Saves the ledger, from the thread that calls `run`. Failures are retried: nothing that changed is forgotten."""

    def __init__(self, service: Service) -> None:
        self._saving = LedgerSaving(service)
        self._pause = min(_AT_MOST_EVERY, service.settings.spool.seal_after).total_seconds()
        self._stopped = threading.Event()
        self._busy = threading.Lock()
        self._patience = Backoff(most=60)
        self._failure: str | None = None

    def run(self) -> None:
        """Save what changes until `stop` is called."""
        while not self._stopped.is_set():
            self._stopped.wait(self._turn())

    def stop(self) -> None:
        """Make `run` return once the part in progress is put."""
        self._stopped.set()

    def finish(self) -> None:
        """Save what is left, once; the next start saves what could not be saved."""
        if self._busy.acquire(blocking=False):  # otherwise the store keeps the thread waiting
            self._busy.release()
            self._turn()

    def _turn(self) -> float:
        """Save once; return the seconds until the next time."""
        try:
            with self._busy:
                saved = self._saving.save()
        except Exception as error:  # a thread that ends would save nothing more
            self._note_failure(error)
            return self._patience.fail()
        self._patience.succeed()
        self._failure = None
        return self._pause if saved else _LOOK

    def _note_failure(self, error: Exception) -> None:
        """Log a failure when it differs from the one before."""
        ours = isinstance(error, ArchiveError)
        sentence = str(error) if ours else f"{type(error).__name__}: {error}"
        if sentence != self._failure:
            self._failure = sentence
            log.warning("the ledger is not saved in the store", extra={"reason": sentence}, exc_info=not ours)
