"""Runs seen through to their end: crawled here, or by the service that holds the spool."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from archive.errors import SpoolLocked
from archive.spool import lock
from pressmark.service import Service
from scheduler.run import Run, StaleEpoch

_LOOK_EVERY = 0.3
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


def see_through(
    service: Service,
    runs: Sequence[str],
    watch: Callable[[Sequence[Run]], None],
    tell: Callable[[str], None] = lambda sentence: None,
) -> list[Run]:
    """The runs when they are over; `watch` is shown them meanwhile.

    If this process stood still past its lease, it says so by `tell`, and goes on with the runs that it had.
    """
    from pressmark.working import crawl_here

    while not _are_over(found := _looked_up(service, runs, watch)):
        try:
            crawl_here(service, runs, lambda: _looked_up(service, runs, watch))
        except SpoolLocked:
            found = _followed(service, runs, watch)
        except StaleEpoch as error:  # the next attempt takes the runs back; the ledger counts attempts, and ends them
            tell(f"this command stood still and lost its lease ({error}); it goes on by itself")
    return found


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
