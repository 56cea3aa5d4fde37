"""A thread of the worker that checks runs by replay, as people request it on the pages and by the API."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from archive.values.backoff import Backoff
from archive.values.errors import ArchiveError
from crawler.policy.shared import BrowserLimits
from pressmark.service.service import Service
from pressmark.service.threads import in_thread
from pressmark.views.review.replay_jobs import BeingChecked, ReplayJob, ReplayJobs

if TYPE_CHECKING:
    from pressmark.upkeep.qa.perform_check import PerformedCheck

log = logging.getLogger(__name__)
_LOOK_EVERY = 2.0
_ENDS_WITHIN = 5.0
_NICE = 10
_TRIES = 3
"""Processes that may end while they check the same run."""


@contextmanager
def replay_checks_in_background(service: Service, limits: BrowserLimits) -> Iterator[None]:
    """Perform the checks that people request, one at a time, until the block ends."""
    checking = RequestedChecks(service, limits)
    with in_thread("replay checks", checking.run, checking.stop, ends_within=_ENDS_WITHIN):
        yield


class RequestedChecks:
    """Performs requested checks. It gives way to all other work of the machine."""

    def __init__(self, service: Service, limits: BrowserLimits) -> None:
        self._service, self._limits = service, limits
        self._jobs, self._worker = ReplayJobs(service.database), service.settings.worker.name
        self._stopped = threading.Event()
        self._patience = Backoff(most=600)
        self._stop_check: tuple[asyncio.AbstractEventLoop, asyncio.Task[None]] | None = None

    def run(self) -> None:
        """Work until `stop` is called."""
        with suppress(OSError, AttributeError):  # of this thread and its browser alone, where the system can
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        while not self._stopped.is_set():
            self._stopped.wait(self._turn())

    def stop(self) -> None:
        """Make `run` return; the next process continues a check that is under way."""
        self._stopped.set()
        if self._stop_check is not None:
            loop, task = self._stop_check
            with suppress(RuntimeError):  # the loop is closed: the check has ended
                loop.call_soon_threadsafe(task.cancel)

    def _turn(self) -> float:
        """Perform the next check, if there is one; return the seconds until the next look."""
        try:
            job = self._jobs.claim(self._worker, self._service.now())
            if job is not None:
                self._perform(job)
        except Exception as error:
            if not self._stopped.is_set():  # the database may be closed by then
                log.warning("runs can't be checked by replay", extra={"reason": str(error)}, exc_info=error)
            return self._patience.fail()
        self._patience.succeed()
        return _LOOK_EVERY if job is None else 0.0

    def _perform(self, job: ReplayJob) -> None:
        """Perform a check, and note how it ends. Raises DatabaseUnusable."""
        from crawler.browser.chromium import BrowserMissing
        from pressmark.upkeep.qa.perform_check import PerformedCheck

        if job.begun > _TRIES:
            self._end(job, f"the processes that checked the pages ended before the check, {_TRIES} times")
            return
        performed = PerformedCheck(self._service, job, self._limits)
        try:
            asyncio.run(self._run(performed))
        except asyncio.CancelledError:
            self._jobs.give_back(performed.job)
        except BeingChecked as error:
            log.warning("a check by replay was taken over", extra={"run": job.run, "reason": str(error)})
        except (BrowserMissing, ArchiveError) as error:
            self._end(performed.job, str(error))
        except Exception:  # its text may name paths of this machine, and every reader gets the reason
            log.exception("a run could not be checked by replay")
            self._end(performed.job, "an unexpected error ended the check; the log of the service names it")
        else:
            self._end(performed.job)

    async def _run(self, performed: PerformedCheck) -> None:
        task = asyncio.ensure_future(performed.run())
        self._stop_check = asyncio.get_running_loop(), task
        try:
            if self._stopped.is_set():
                task.cancel()
            await task
        finally:
            self._stop_check = None

    def _end(self, job: ReplayJob, reason: str | None = None) -> None:
        try:
            self._jobs.end(job, self._service.now(), reason)
        except BeingChecked as error:
            log.warning("a check by replay was taken over", extra={"run": job.run, "reason": str(error)})
            return
        log.info("a run was checked by replay", extra={"run": job.run, "pages": job.checked, "reason": reason})
