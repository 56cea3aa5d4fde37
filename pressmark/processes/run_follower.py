"""Follow runs to their end: crawled here, or by the service that holds the spool."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from socket import gethostname
from typing import NamedTuple

from archive.spool.spool import id_of, lock
from archive.store import ObjectStore
from archive.values.errors import SpoolLocked, StoreError, StoreUnreachable
from archive.warc.keys import MANIFESTS
from pressmark.service.service import Service
from scheduler.ledger.epochs import WorkerNameTaken
from scheduler.run import Run, StaleEpoch

_LOOK_EVERY = 0.3
_SHIPPED_WITHIN = 15.0
"""Seconds that a run crawled by the service waits for its captures to be shipped."""
_ANSWERS_WITHIN = 10.0
_TRY_EVERY = 3.0
"""Seconds after which the spool is tried again: its holder may be gone, or may not crawl for us."""


def requeue_runs(service: Service) -> None:
    """Queue again the runs of a killed worker of our name, so that a new request resumes them.

    The worker is known to be dead when nobody holds its spool. Raises WorkerNameTaken when the runs may be those of
    another machine, whose worker of our name is alive.
    """
    worker, spool = service.settings.worker.name, service.settings.spool_path
    if not service.runs.list(status="running", limit=1):
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(lock(spool, worker))
        except (SpoolLocked, FileNotFoundError):
            return
        service.epochs.end(service.epochs.begin(worker, host=gethostname(), spool=id_of(spool)))
        service.runs.recover()


class FinishedRuns(NamedTuple):
    """Finished runs."""

    runs: list[Run]
    unshipped: Exception | None
    """Why the store refused their captures; these are safe in the spool."""


def see_through(
    service: Service,
    runs: Sequence[str],
    watch: Callable[[Sequence[Run]], None],
    tell: Callable[[str], None] = lambda sentence: None,
) -> FinishedRuns:
    """Follow the runs until they are over, and shipped as far as the store accepts them; `watch` is shown them.

    If this process hung past its lease, it says so by `tell`, and resumes its runs. Raises WorkerNameTaken when another
    machine crawls under our name, and what `crawl_here` raises.
    """
    from pressmark.processes.worker import crawl_here

    unshipped, followed = None, True
    while not _are_over(found := _looked_up(service, runs, watch)):
        try:
            unshipped, followed = crawl_here(service, runs, lambda: _looked_up(service, runs, watch)), False
        except WorkerNameTaken:  # a SpoolLocked that does not end by itself: nobody here crawls these runs
            raise
        except SpoolLocked:
            found, followed = _followed(service, runs, watch), True
        except StaleEpoch as error:  # the next attempt takes the runs back; the ledger counts attempts, and ends them
            tell(f"this command stalled and lost its lease ({error}); it resumes automatically")
    return FinishedRuns(found, _unshipped_by_service(service) if followed else unshipped)


def _unshipped_by_service(service: Service) -> Exception | None:
    """Wait for the service to ship sealed segments; return why the store refuses."""
    until = time.monotonic() + _SHIPPED_WITHIN
    while (waiting := service.index.segments("sealed")) and time.monotonic() < until:
        if problem := next((segment.problem for segment in waiting if segment.problem), None):
            return _refusal(service.store, problem)
        time.sleep(_LOOK_EVERY)
    return None


def _refusal(store: ObjectStore, problem: str) -> Exception | None:
    """Ask the store ourselves, because a problem in the index is a sentence without an error class.

    Returns None when the store answers: something is wrong with that segment alone, and the doctor reports it.
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
