"""Scrapy's scheduler for a run: it asks the run, which keeps everything in its frontier."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

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
        """Take back a request that is over. Links enter the frontier as URLs and never come this way."""
        return True

    def next_request(self) -> Request | None:
        return self._crawl.next_request(self._walk)


def wake(crawler: Crawler) -> None:
    """Make the engine ask for requests now. It does so by itself only when one of its own requests is over.

    Scrapy has no public way to say that the scheduler has requests again, except handing the engine a request.
    """
    engine = crawler._engine
    if engine is not None and engine._slot is not None:
        engine._slot.nextcall.schedule()
