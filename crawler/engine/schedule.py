"""Scrapy's scheduler for a run, which keeps everything in its frontier, and what comes before and after `start`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Self, cast

from scrapy.core.scheduler import BaseScheduler

from crawler.spiders.walk import Walk

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler

    from crawler.engine.crawl import Crawl


class Schedule(BaseScheduler):
    """The setting SCHEDULER of all runs."""

    def open(self, spider: Spider) -> None:
        self._walk = cast("Walk", spider)
        self._crawl = cast("Crawl", self._walk.crawl)

    def has_pending_requests(self) -> bool:
        return self._crawl.pending

    def enqueue_request(self, request: Request) -> bool:
        """Take a seed."""
        self._crawl.plan(request.url, request.meta.get("modified"))
        return True

    def next_request(self) -> Request | None:
        return self._crawl.next_request(self._walk)


class StartMiddleware:
    """A spider middleware, around `start` alone: the login before the seeds, and what earlier runs left behind them."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Raises CloseSpider when the run is to end before it has begun."""
        walk = cast("Walk", self._crawler.spider)
        crawl = cast("Crawl", walk.crawl)
        await crawl.prepare(walk)
        async for request in start:
            yield request
        await crawl.begin()


def wake(crawler: Crawler) -> None:
    """Make the engine ask for requests now. It does so by itself only when one of its own requests is over.

    Scrapy has no public way to say that the scheduler has requests again, except handing the engine a request.
    """
    engine = crawler._engine
    if engine is not None and engine._slot is not None:
        engine._slot.nextcall.schedule()
