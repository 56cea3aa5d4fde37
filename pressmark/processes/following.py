"""Runs seen through to their end: crawled here, or by the service that holds the spool."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from archive.spool.spool import lock
from archive.store import ObjectStore
from archive.values.errors import SpoolLocked, StoreError, StoreUnreachable
from archive.warc.keys import MANIFESTS
from pressmark.service.service import Service
from scheduler.run import Run, StaleEpoch

_LOOK_EVERY = 0.3
_SHIPPED_WITHIN = 15.0
"""Seconds that a run which the service crawled waits for what it captured to be shipped."""
_ANSWERS_WITHIN = 10.0
_TRY_EVERY = 3.0
"""Seconds after which the spool is tried again: who held it may be gone, or may not have meant to crawl for us."""


def take_back(service: Service) -> None:
    """Queue again what a killed worker of our name was at, so that who asks for a run goes on with that one.

    It is known to be dead when nobody holds its spool.
    """
    worker = service.settings.worker.name
    if not service.runs.list(status="running", limit=1):
        return
    with suppress(SpoolLocked, FileNotFoundError), lock(service.settings.spool_path, worker):
        service.epochs.end(service.epochs.begin(worker))
        service.runs.recover()


class SeenThrough(NamedTuple):
    """Finished runs."""

    runs: list[Run]
    unshipped: Exception | None
    """Why the store did not take what they captured; it is safe in the spool."""


def see_through(
    service: Service,
    runs: Sequence[str],
    watch: Callable[[Sequence[Run]], None],
    tell: Callable[[str], None] = lambda sentence: None,
) -> SeenThrough:
    """See the runs through until they are over, and shipped as far as the store takes it; `watch` is shown them.

    If this process stood still past its lease, it says so by `tell`, and goes on with the runs that it had.
    """
    from pressmark.processes.worker import crawl_here

    unshipped, followed = None, True
    while not _are_over(found := _looked_up(service, runs, watch)):
        try:
            unshipped, followed = crawl_here(service, runs, lambda: _looked_up(service, runs, watch)), False
        except SpoolLocked:
            found, followed = _followed(service, runs, watch), True
        except StaleEpoch as error:  # the next attempt takes the runs back; the ledger counts attempts, and ends them
            tell(f"this command stalled and lost its lease ({error}); it resumes automatically")
    return SeenThrough(found, _unshipped_by_service(service) if followed else unshipped)


def _unshipped_by_service(service: Service) -> Exception | None:
    """Wait for the service to ship what is sealed; why the store takes nothing."""
    until = time.monotonic() + _SHIPPED_WITHIN
    while (waiting := service.index.segments("sealed")) and time.monotonic() < until:
        if problem := next((segment.problem for segment in waiting if segment.problem), None):
            return _refusal(service.store, problem)
        time.sleep(_LOOK_EVERY)
    return None


def _refusal(store: ObjectStore, problem: str) -> Exception | None:
    """Ask the store ourselves, since a problem in the index is a sentence without a kind.

    None when the store answers: something is wrong with that segment alone, and the doctor knows it.
    """
    found: list[Exception | None] = []

    def ask() -> None:
        try:
            next(iter(store.keys(MANIFESTS)), None)
        except StoreError as error:
            found.append(error)
        else:
            found.append(None)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_ANSWERS_WITHIN)
    return found[0] if found else StoreUnreachable(problem)


def _followed(service: Service, runs: Sequence[str], watch: Callable[[Sequence[Run]], None]) -> list[Run]:
    until = time.monotonic() + _TRY_EVERY
    while not _are_over(found := _looked_up(service, runs, watch)) and time.monotonic() < until:
        time.sleep(_LOOK_EVERY)
    return found


def _looked_up(service: Service, runs: Sequence[str], watch: Callable[[Sequence[Run]], None]) -> list[Run]:
    found = [service.runs.get(run) for run in runs]
    watch(found)
    return found


def _are_over(runs: Sequence[Run]) -> bool:
    return all(run.status == "over" for run in runs)
