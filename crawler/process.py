"""All the crawls of a worker process, in its one event loop."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from archive.values.capture import Capture
from archive.values.counters import Figures
from config.duration import format_duration
from config.errors import ConfigError
from crawler.engine.crawl import Crawl
from crawler.engine.downloader import Downloader
from crawler.engine.outcome import ended, outcome_of
from crawler.engine.schedule import wake
from crawler.engine.settings import quieten, settings_of
from crawler.frontier.completeness import Completeness, completeness
from crawler.frontier.failures import FrontierUnwritable, continues, unwritable
from crawler.frontier.page_fetch import Fetch
from crawler.policy.order import Ending, Order, Outcome
from crawler.policy.revisit import Addresses, Captures, Memory
from crawler.policy.shared import ChildLimits, Parts, Receipt, Recorder
from crawler.run.interruptions import Interruptions
from crawler.userspiders.run import SpiderRun
from crawler.wire.guard import Resolver
from crawler.wire.recording import attach

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_log = logging.getLogger(__name__)
_PROGRESS_SECONDS = 1.0
_CANCEL_GRACE = 0.5
"""Seconds that downloads in progress may still take when a run is cancelled."""
_STOP_GRACE = 3.0
_LIMIT_GRACE = 10.0
_ACKNOWLEDGE_SECONDS = 10.0
"""Seconds that a finished run waits for its last receipts."""

Progress = Callable[[Outcome], None]


class Crawls:
    """Runs crawls. Concurrent crawls share the limits of a host and the rules of robots.txt.

    Everything but `acknowledged` must be called in the thread of the event loop.
    """

    def __init__(
        self,
        *,
        recorder: Recorder,
        index: Captures,
        now: Callable[[], datetime],
        reread: Callable[[Capture], bytes | None] | None = None,
        memory: Memory | None = None,
        addresses: Addresses | None = None,
        resolver: Resolver | None = None,
        backoff: float = 2.0,
        figures: Figures | None = None,
        child: ChildLimits | None = None,
    ) -> None:
        """Set up.

        `reread`, `memory`, `addresses` and `figures` are explained in `Parts`; `backoff` is the seconds before the
        first retry; `child` limits the processes of users' spiders.
        """
        quieten()
        counted = figures or Figures()
        self._parts = Parts(recorder, index, now, reread, memory, addresses, resolver, backoff, figures=counted)
        self._parts.child = child or ChildLimits()
        self._running: dict[str, _ActiveRun | SpiderRun] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._interruptions = Interruptions()

    async def crawl(self, order: Order, progress: Progress = lambda _: None) -> Outcome:
        """Crawl a source to its end. The outcome reports errors of the run, too."""
        self._loop = asyncio.get_running_loop()
        if self._stopping:
            return Outcome(outcome="interrupted", reason="the crawling process is stopping")
        try:
            kind = SpiderRun if order.source.spider and not order.urls else _ActiveRun
            running = kind(order, self._parts, progress)
        except ConfigError as error:
            return Outcome(outcome="failed", reason=str(error))
        except Exception as error:
            return self._not_started(order, error)
        self._running[order.run] = running
        self._interruptions.started()
        try:
            outcome = await running.run()
        except Exception as error:
            if not continues(error):
                raise
            _log.warning("the run %s is interrupted: %s", order.run, error)
            self._interruptions.ended(error)
            return Outcome(outcome="interrupted", reason=str(error))
        finally:
            del self._running[order.run]
        self._interruptions.ended(running.refusal)
        return outcome

    def _not_started(self, order: Order, error: Exception) -> Outcome:
        if isinstance(error, sqlite3.OperationalError):
            error = unwritable(order.frontier, error)
        waits = continues(error)
        self._interruptions.ended(error if waits else None)
        if not isinstance(error, FrontierUnwritable):
            _log.error("the run %s could not be started", order.run, exc_info=error)
            return Outcome(
                outcome="interrupted" if waits else "failed", reason=f"the run could not be started: {error}"
            )
        return Outcome(outcome="interrupted" if waits else "failed", reason=str(error))

    def cancel(self, run: str, reason: str) -> None:
        """End a run within seconds; acknowledged exchanges stay."""
        if running := self._running.get(run):
            running.end("cancelled", reason, _CANCEL_GRACE)

    async def stop(self) -> None:
        """Interrupt all runs, and return when they are over; they resume when they are ordered again."""
        self._stopping = True
        running = list(self._running.values())
        for one in running:
            one.end("interrupted", "the crawling process is stopping", _STOP_GRACE)
        await asyncio.gather(*(one.over.wait() for one in running))

    def ending(self) -> dict[str, str]:
        """Return the runs that were asked to end and whose crawl is still active, with the reasons."""
        return {run: one.told for run, one in self._running.items() if one.told and not one.crawled}

    @property
    def problem(self) -> Exception | None:
        """Why the frontier of a run can't be written, or could not be just now; None when all can."""
        problems = (problem for one in self._running.values() if (problem := one.problem))
        return next(problems, None) or self._interruptions.latest

    @property
    def held_back(self) -> str | None:
        """Why no run should start now: the disk interrupted one a moment ago; None when one may. Any thread may ask."""
        return self._interruptions.held_back

    def pause(self, reason: str) -> None:
        """Fetch nothing more until `resume`: the spool is filling up."""
        self._parts.paused = reason

    def resume(self) -> None:
        self._parts.paused = None
        for running in self._running.values():
            running.wake()

    def acknowledged(self, receipts: Sequence[Receipt]) -> None:
        """Take the receipts of a group commit.

        May be called from any thread; the event loop is notified once per group.
        """
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._settle, receipts)

    def _settle(self, receipts: Sequence[Receipt]) -> None:
        touched = {}
        for receipt in receipts:
            if isinstance(receipt.token, Fetch):
                result_writer = receipt.token.result_writer
                touched[id(result_writer)] = result_writer
                try:
                    result_writer.acknowledged(receipt.token, receipt)
                except Exception as error:  # the loop would log it, and the other runs would miss their receipts
                    result_writer.failed(error)
        for result_writer in touched.values():
            result_writer.commit()


class _ActiveRun:
    """One active run: Scrapy's crawler, its timers, and how it ends."""

    def __init__(self, order: Order, parts: Parts, progress: Progress) -> None:
        from scrapy.crawler import Crawler

        self.over = asyncio.Event()
        self.told: str | None = None
        """Why it was asked to end."""
        self.crawled = False
        """Whether nothing more is fetched or read."""
        self._order, self._progress = order, progress
        self._timers: list[asyncio.TimerHandle] = []
        self._closing: asyncio.Task[None] | None = None
        self._complete: Completeness | None = None
        self.crawl = Crawl(order, parts, self._wake)
        self.wake = self.crawl.wake
        self._crawler: Crawler = Crawler(self.crawl.walk, settings_of(order.source))
        attach(self._crawler, self.crawl.run_recorder)

    @property
    def problem(self) -> FrontierUnwritable | None:
        """Why the frontier can't be written; None when it can."""
        return self.crawl.result_writer.problem or self.crawl.frontier.problem

    @property
    def refusal(self) -> Exception | None:
        """What interrupted the run: a disk or a database that accepts nothing now."""
        return self.crawl.refusal

    async def run(self) -> Outcome:
        crawl, limit = self.crawl, self._order.source.limits.time
        try:
            self._report()
            if limit is not None:
                left = max(limit.total_seconds() - crawl.frontier.tally["seconds"], 0.0)
                self._later(left, partial(self._limit_time, format_duration(limit)))
            began = asyncio.get_running_loop().time()
            await self._crawl()
            self.crawled = True
            crawl.frontier.tally["seconds"] += round(asyncio.get_running_loop().time() - began)
            await crawl.result_writer.idle(_ACKNOWLEDGE_SECONDS)
            await self._remember()
        finally:
            for timer in self._timers:
                timer.cancel()
            try:
                crawl.close()
                outcome = self._close()
            finally:
                self.over.set()  # who stops the worker waits for it
        return outcome

    async def _remember(self) -> None:
        crawl = self.crawl
        try:
            await crawl.remember()
            if crawl.walk.reads_lists:
                self._complete = await completeness(crawl.frontier)
        except sqlite3.OperationalError as error:  # usually a full disk
            crawl.fail(error)

    def end(self, ending: Ending, reason: str, grace: float) -> None:
        """Start nothing more; abort downloads in progress after `grace` seconds."""
        if self.told:
            return
        self.told = reason
        self.crawl.end(ending, reason)
        self._later(grace, self._abort)
        # None until Scrapy gets that far; then Scrapy finds by itself that there is nothing to do
        engine = self._crawler._engine
        if engine is not None and engine.running:
            self._closing = asyncio.get_running_loop().create_task(engine.close_spider_async(reason=ending))

    async def _crawl(self) -> None:
        try:
            await self._crawler.crawl_async(crawl=self.crawl)
            if self._closing is not None:
                await self._closing
        except Exception as error:
            self.crawl.fail(error)

    def _close(self) -> Outcome:
        crawl = self.crawl
        limit = crawl.limit_reached()
        told = crawl.parts.robots.told
        outcome = ended(
            crawl.frontier,
            crawl.counts(),
            crawl.ending,
            crawl.reason,
            limit=limit,
            belongs=crawl.scope.takes_in,
            robots=told,
            incomplete=self._complete.why_partial() if self._complete else None,
            slow=crawl.scope.slow,
        )
        outcome = replace(outcome, completeness=self._complete.as_json() if self._complete else None)
        crawl.log.event(
            "over",
            outcome=outcome.outcome,
            reason=outcome.reason,
            dropped=outcome.dropped,
            complete=outcome.completeness,
        )
        crawl.log.close()
        crawl.frontier.close()
        if outcome.outcome != "interrupted":
            crawl.frontier.delete()
        self._progress(outcome)
        return outcome

    def _report(self) -> None:
        crawl = self.crawl
        self._progress(outcome_of(crawl.frontier, crawl.counts(), None, ""))
        self._later(_PROGRESS_SECONDS, self._report)

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self._timers = [timer for timer in self._timers if timer.when() > asyncio.get_running_loop().time()]
        self._timers.append(asyncio.get_running_loop().call_later(seconds, call))

    def _limit_time(self, limit: str) -> None:
        self.end("limited", f"the time limit of {limit} was reached", _LIMIT_GRACE)

    def _abort(self) -> None:
        if (engine := self._crawler._engine) is not None and isinstance(engine.downloader, Downloader):
            engine.downloader.abort()

    def _wake(self) -> None:
        wake(self._crawler)
