"""Which run a worker gets. In process: the next one in the ledger, unless there is no space to start any."""

from __future__ import annotations

from collections.abc import Callable, Collection

from scheduler.ledger.runs import Known, Runs
from scheduler.run import Run


class Dispatch:
    """Hands the runs of a ledger to workers. `held_back` returns a sentence while no run may start, otherwise None.

    `known` returns the sources among some that this worker has; runs of others are left for workers that have them.
    None: it has all.
    """

    def __init__(
        self,
        runs: Runs,
        *,
        held_back: Callable[[], str | None] = lambda: None,
        only: Collection[str] | None = None,
        known: Known | None = None,
    ) -> None:
        self._runs = runs
        self._held_back = held_back
        self._only = only
        self._known = known

    def claim(self, worker: str, epoch: int, held: Collection[str] = ()) -> Run | None:
        """Take the next run for a worker that already crawls some. Raises StaleEpoch."""
        if mislaid := self._runs.mislaid(epoch, held):
            return mislaid
        return None if self._held_back() else self._runs.claim(worker, epoch, only=self._only, known=self._known)
