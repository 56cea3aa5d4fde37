"""One active run: Scrapy's crawler, its timers, and how it ends."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from config.duration import duration_in_words
from crawler.engine.crawl import Crawl
from crawler.engine.downloader import CrawlerOfOneRun, Downloader
from crawler.engine.fetch_metrics import answer_times
from crawler.engine.outcome import counts_of, ended, outcome_of
from crawler.engine.schedule import wake
from crawler.engine.settings import settings_of
from crawler.frontier.completeness import Completeness, completeness
from crawler.frontier.failures import FrontierUnwritable
from crawler.frontier.frontier import Frontier
from crawler.policy.order import Ending, Order, Outcome
from crawler.policy.shared import Parts
from crawler.wire.recording import attach
from extractor.values.urls import normalise

_PROGRESS_SECONDS = 1.0
"""Seconds between two reports of the progress of a run."""
_LIMIT_GRACE = 10.0
"""Seconds that downloads may still take after a limit of the run was reached."""
_ACKNOWLEDGE_SECONDS = 10.0
"""Seconds that a finished run waits for its last receipts."""

Progress = Callable[[Outcome], None]


class ActiveRun:
    """A run in the event loop of the worker, from its first request to its outcome."""

    @classmethod
    async def opened(cls, order: Order, parts: Parts, progress: Progress) -> ActiveRun:
        """Open the frontier in a thread, so that the other runs don't wait for the disk, and set up the run.

        Raises NotPermitted, SecretNotFound, FrontierUnwritable, sqlite3.Error.
        """
        frontier = await asyncio.to_thread(Frontier, order.frontier)
        try:
            return cls(order, parts, progress, frontier)
        except BaseException:
            await asyncio.to_thread(frontier.close if frontier.states else frontier.discard)
            raise

    def __init__(self, order: Order, parts: Parts, progress: Progress, frontier: Frontier) -> None:
        self.over = asyncio.Event()
        self.told: str | None = None
        """Why it was asked to end."""
        self.crawled = False
        """Whether nothing more is fetched or read."""
        self._order, self._progress = order, progress
        self._timers: list[asyncio.TimerHandle] = []
        self._closing: asyncio.Task[None] | None = None
        self._complete: Completeness | None = None
        self.crawl = Crawl(order, parts, self._wake, frontier)
        self.wake = self.crawl.wake
        self._crawler = CrawlerOfOneRun(self.crawl.walk, settings_of(order.source))
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
                self._later(left, partial(self._limit_time, duration_in_words(limit)))
            began = asyncio.get_running_loop().time()
            await self._crawl()
            self.crawled = True
            crawl.frontier.tally["seconds"] += round(asyncio.get_running_loop().time() - began)
            await crawl.result_writer.idle(_ACKNOWLEDGE_SECONDS)
            await self._save()
        finally:
            for timer in self._timers:
                timer.cancel()
            try:
                await crawl.media.close()
                if crawl.drawing is not None:
                    await crawl.drawing.close()
                crawl.close()
                outcome = await self._close()
            finally:
                self.over.set()  # who stops the worker waits for it
        return outcome

    async def _save(self) -> None:
        crawl = self.crawl
        try:
            await crawl.save()
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

    async def _close(self) -> Outcome:
        crawl = self.crawl
        limit = crawl.limit_reached()
        describe = crawl.parts.robots.describe
        outcome = ended(
            crawl.frontier,
            counts_of(crawl.frontier),
            crawl.ending,
            crawl.reason,
            limit=limit,
            belongs=crawl.scope.covers,
            robots=describe,
            incomplete=self._complete.why_partial() if self._complete else None,
            slow=crawl.scope.slow,
            series=_series_of(crawl),
        )
        outcome = replace(outcome, completeness=self._complete.as_json() if self._complete else None)
        crawl.log.event(
            "over",
            outcome=outcome.outcome,
            reason=outcome.reason,
            dropped=outcome.dropped,
            complete=outcome.completeness,
            times=answer_times(crawl.frontier.tally),
        )
        crawl.log.close()
        await asyncio.to_thread(crawl.frontier.close if outcome.outcome == "interrupted" else crawl.frontier.discard)
        self._progress(outcome)
        return outcome

    def _report(self) -> None:
        crawl = self.crawl
        self._progress(outcome_of(crawl.frontier, counts_of(crawl.frontier), None, ""))
        self._later(_PROGRESS_SECONDS, self._report)

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self._timers = [timer for timer in self._timers if timer.when() > asyncio.get_running_loop().time()]
        self._timers.append(asyncio.get_running_loop().call_later(seconds, call))

    def _limit_time(self, limit: str) -> None:
        self.end("limited", f"the time limit of {limit} was reached", _LIMIT_GRACE)

    def _abort(self) -> None:
        self.crawl.media.tasks.abort()
        if self.crawl.drawing is not None:
            self.crawl.drawing.tasks.abort()
        if (engine := self._crawler._engine) is not None and isinstance(engine.downloader, Downloader):
            engine.downloader.abort()

    def _wake(self) -> None:
        wake(self._crawler)


def _series_of(crawl: Crawl) -> dict[str, str] | None:
    """Return the labels of the documents of a series by URL; None for any other run."""
    series = crawl.source.series
    if series is None or crawl.order.urls:
        return None
    items = series.items(crawl.source.seeds, crawl.parts.now().date())
    return {url: item.label for item in items if (url := normalise(item.url))}
