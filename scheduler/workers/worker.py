"""A worker: it takes runs, several at once, has them crawled, and records how they end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, replace
from datetime import timedelta
from functools import partial
from math import inf
from typing import Protocol, TypeVar

from archive.values.activity import Activity
from archive.values.errors import DatabaseUnusable
from config.errors import ConfigError, SourcesUnreadable
from crawler.frontier.failures import continues
from crawler.policy.backoff import patiently
from crawler.policy.order import Counts, Ending, Order, Outcome
from crawler.run.interruptions import Interruptions
from scheduler.ledger.runs import Runs
from scheduler.run import Run, StaleEpoch
from scheduler.workers.dispatch import Dispatch
from scheduler.workers.orders import QuotaUsedUp, within_quota

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
POLL = timedelta(seconds=1)
"""The time between two looks for a run."""
BEAT = timedelta(seconds=5)
"""The time between two signs of life of a worker."""
_GIVES_BACK_WITHIN = 5.0
"""Seconds that a stopping worker retries to record how its runs end. After that, the next worker takes them back."""


class CrawlRunner(Protocol):
    """The crawler. `crawl` ends with an outcome; `cancel` and `stop` make it end soon."""

    async def crawl(self, order: Order, progress: Callable[[Outcome], None]) -> Outcome: ...

    def cancel(self, run: str, reason: str) -> None: ...

    async def stop(self) -> None:
        """End every crawl as interrupted."""


class Worker:
    """Crawls the runs that the dispatch hands out, up to `parallel` at once, under one epoch.

    The epoch must be beaten within its lease: `beat` is a fraction of it.
    """

    def __init__(
        self,
        runs: Runs,
        dispatch: Dispatch,
        order: Callable[[Run], Order],
        crawling: CrawlRunner,
        *,
        name: str,
        epoch: int,
        parallel: int = 4,
        poll: timedelta = POLL,
        beat: timedelta = BEAT,
    ) -> None:
        self._runs = runs
        self._dispatch = dispatch
        self._order = order
        self._crawling = crawling
        self._name = name
        self._epoch = epoch
        self._parallel = parallel
        self._poll = poll.total_seconds()
        self._beat = beat.total_seconds()
        self._progress: dict[str, Outcome] = {}
        self._tasks: dict[asyncio.Task[None], str] = {}
        """By the run: the task that crawls it and records its end in the ledger."""
        self._ledger = asyncio.Lock()
        self.activity = Activity("the worker's ledger")
        self._wake = asyncio.Event()
        self._interruptions = Interruptions()
        self._stopping = False
        self._tries_until = inf
        self._unwritten: dict[str, Exception] = {}
        """By the run: why what it follows, or its end, is not recorded yet."""
        self._refused: Exception | None = None
        """Why the last query of the ledger failed."""
        self._stale: StaleEpoch | None = None
        self._broken: BaseException | None = None
        """The exception that ended a task which must not end."""

    @property
    def running(self) -> tuple[str, ...]:
        """The runs that are being crawled now."""
        return tuple(self._progress)

    @property
    def problem(self) -> Exception | None:
        """Why the ledger can't be written, or interrupted the latest run before its crawl; None when it can."""
        return next(iter(self._unwritten.values()), self._refused) or self._interruptions.latest

    def stop(self) -> None:
        """Take no more runs, and queue the active ones again. `run` returns when that is done, or is impossible."""
        self._stopping = True
        self._wake.set()

    def wake(self) -> None:
        """Look for runs at once."""
        self._wake.set()

    async def run(self) -> None:
        """Work until stopped.

        Raises StaleEpoch when this worker was declared dead: then nothing more was written. An exception in one of its
        tasks stops it, and is raised.
        """
        beating = asyncio.create_task(self._keep_beating())
        beating.add_done_callback(self._check)
        try:
            while not self._stopping:
                if len(self._tasks) >= self._parallel or not await self._begin_one():
                    await self._rest()
            await self._crawling.stop()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating
        if error := self._stale or self._broken:
            raise error

    async def _rest(self) -> None:
        """Wait until a run ends, a stop, or the next poll."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), self._poll)
        if not self._stopping:
            self._wake.clear()

    async def _begin_one(self) -> bool:
        if self._interruptions.held_back:
            return False
        held = list(self._tasks.values())
        run = await self._asked(lambda: self._dispatch.claim(self._name, self._epoch, held))
        if run is None:
            return False
        self._interruptions.started()
        self._progress[run.id] = _outcome(run.counts)
        task = asyncio.create_task(self._see_through(run))
        self._tasks[task] = run.id
        task.add_done_callback(self._ended)
        return True

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        self._wake.set()
        self._check(task)

    def _check(self, task: asyncio.Task[None]) -> None:
        """Stop when a task has ended by an exception: without it, runs would wait forever."""
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a task of the worker failed: the worker stops", exc_info=error)
            self._broken = self._broken or error
            self.stop()

    async def _see_through(self, run: Run) -> None:
        """Crawl a run, and retry to record its end until that succeeds, or the worker must stop."""
        outcome = await self._crawl(run)
        self._progress.pop(run.id)
        if not await self._written(run, lambda: self._runs.finish(run, outcome)) and self._stale is None:
            _log.error("the end of %s could not be recorded: the next worker takes it over", run.id)

    async def _written(self, run: Run, write: Callable[[], Run]) -> bool:
        """Retry to write about a run in the ledger; return whether that succeeded before the worker had to stop."""
        while self._stale is None and await self._asked(write) is None:
            if self._refused:
                self._unwritten[run.id] = self._refused
            if self._stopping:
                self._tries_until = min(self._tries_until, time.monotonic() + _GIVES_BACK_WITHIN)
            if time.monotonic() >= self._tries_until:
                return False
            await asyncio.sleep(self._poll)
        self._unwritten.pop(run.id, None)
        return self._stale is None

    async def _crawl(self, run: Run) -> Outcome:
        try:
            order = await asyncio.to_thread(self._order, run)
            outcome = await self._crawled(run, order)
            self._interruptions.ended(None)
            return outcome
        except QuotaUsedUp as error:
            return self._ended_as(run, "limited", str(error))
        except SourcesUnreadable as error:
            self._interruptions.ended(error)
            return self._ended_as(run, "interrupted", str(error))
        except ConfigError as error:
            return self._ended_as(run, "failed", str(error))
        except Exception as error:
            if continues(error):
                self._interruptions.ended(error)
                return self._ended_as(run, "interrupted", str(error))
            _log.exception("the crawl of %s failed", run.id)
            return self._ended_as(run, "failed", f"the crawl failed: {type(error).__name__}: {error}")

    async def _crawled(self, run: Run, order: Order) -> Outcome:
        described = order.source
        # what is captured is handed out as its `use` says, so that is written first
        if not await self._written(run, lambda: self._runs.configured(run, described)):
            return self._ended_as(run, "interrupted", "the crawling process is stopping")
        if order.source.limits.quota is not None:
            order = await patiently(partial(asyncio.to_thread, self._limited, order), lambda: not self._stopping)
        return await self._crawling.crawl(order, lambda so_far: self._note(run, so_far))

    def _limited(self, order: Order) -> Order:
        return replace(order, source=within_quota(order.source, lambda: self._runs.received(order.source.name)))

    def _ended_as(self, run: Run, ending: Ending, reason: str) -> Outcome:
        return replace(self._progress[run.id], outcome=ending, reason=reason)

    def _note(self, run: Run, so_far: Outcome) -> None:
        if run.id in self._progress:
            self._progress[run.id] = so_far

    async def _keep_beating(self) -> None:
        while self._stale is None:
            await asyncio.sleep(self._beat)
            cancelled = await self._asked(lambda: self._runs.seen(self._epoch, dict(self._progress)))
            for run, reason in (cancelled or {}).items():
                self._crawling.cancel(run, reason)

    async def _asked(self, work: Callable[[], _T]) -> _T | None:
        """Ask the ledger, one question at a time, in a thread. Return None when it can't answer now."""
        async with self._ledger:
            try:
                answer = await asyncio.to_thread(self.activity.doing, "asks the database about its runs", work)
                self._refused = None
                return answer
            except StaleEpoch as error:
                self._stale = self._stale or error
                self.stop()
            except DatabaseUnusable as error:
                self._refused = error
                _log.warning("the ledger could not be read: %s", error)
            except Exception as error:
                self._refused = error
                _log.exception("the ledger could not be read")
        return None


def _outcome(counts: Counts) -> Outcome:
    return Outcome(**{field.name: getattr(counts, field.name) for field in fields(Counts)})
