"""Scrapy's downloader without what the agenda does already: no slots, no delays, no middleware, no signals per request.

Those cost a quarter of a page's time. What it adds is that a download can be aborted: a run is cancelled in seconds,
whatever the servers do.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers import DownloadHandlers
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.fetch import Fetch


class Stopped(Exception):
    """The run ended before the answer was whole; the page goes back to the frontier."""


class Downloader:
    """What the engine asks of a downloader. Every request has its Fetch in its meta, which is told when it is over."""

    def __init__(self, crawler: Crawler) -> None:
        self._handlers = DownloadHandlers(crawler)
        self._most = crawler.settings.getint("CONCURRENT_REQUESTS")
        self._tasks: set[asyncio.Task[None]] = set()
        self.active: set[Request] = set()

    def fetch(self, request: Request) -> Deferred[Response]:
        deferred: Deferred[Response] = Deferred()
        self.active.add(request)
        task = asyncio.get_running_loop().create_task(self._download(request, deferred))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return deferred

    def needs_backout(self) -> bool:
        return len(self.active) >= self._most

    def abort(self) -> None:
        """End the downloads under way; their exchanges are recorded as they stand."""
        loop = asyncio.get_running_loop()
        for task in self._tasks:
            loop.call_soon(task.cancel)  # not at once: a task that never ran would never answer

    def close(self) -> None:
        """Nothing of its own: the handlers are closed when the engine stops."""

    async def _download(self, request: Request, deferred: Deferred[Response]) -> None:
        outcome: Response | Failure
        try:
            outcome = await self._handlers.download_request_async(request)
        except asyncio.CancelledError:
            outcome = _failure(Stopped("the run was stopped before the answer was whole"))
        except Exception as error:
            outcome = _failure(error)
        self.active.discard(request)
        fetch: Fetch = request.meta["fetch"]
        fetch.left(fetch, outcome)
        deferred.callback(outcome)  # a Failure takes the way of the errbacks


def _failure(error: Exception) -> Failure:
    return Failure(error)  # type: ignore[no-untyped-call]
