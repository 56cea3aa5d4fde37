"""Which run a worker gets. In process: whatever the ledger has for it, unless there is no room to start anything."""

from __future__ import annotations

from collections.abc import Callable, Collection

from scheduler.run import Run
from scheduler.runs import Runs


class Dispatch:
    """Hands the runs of a ledger to workers. `held_back` gives a sentence while none may start, else None."""

    def __init__(
        self,
        runs: Runs,
        *,
        held_back: Callable[[], str | None] = lambda: None,
        only: Collection[str] | None = None,
    ) -> None:
        self._runs = runs
        self._held_back = held_back
        self._only = only

    def take(self, worker: str, epoch: int, held: Collection[str] = ()) -> Run | None:
        """The next run for a worker that holds some. Raises StaleEpoch."""
        if mislaid := self._runs.mislaid(epoch, held):
            return mislaid
        return None if self._held_back() else self._runs.take(worker, epoch, only=self._only)
