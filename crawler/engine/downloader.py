"""Scrapy's downloader without slots, delays, middleware and a signal per request: other modules do that work.

The spider reads an answer when it arrives; then the request is over. Scrapy's own path to a callback (a queue, four
tasks, a chain of asynchronous generators) would take a sixth of the CPU time of a page, for items and requests that our
callbacks never yield, and its path from the scheduler to the downloader (a chain of six callbacks, two generators and a
signal for each request) another 4 %. This downloader can also abort its downloads: a run is cancelled within seconds,
however slow the servers are.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, cast

from scrapy.core.downloader.handlers import DownloadHandlers
from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import Crawler
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from crawler.frontier.page_fetch import Stopped

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.frontier.page_fetch import Fetch

_log = logging.getLogger(__name__)


class Downloader:
    """The interface that the engine expects of a downloader.

    Every request has its Fetch in its meta; the Fetch is notified of the result. A request without a callback is
    answered to its caller (`engine.download_async`).
    """

    def __init__(self, crawler: Crawler) -> None:
        self._handlers = DownloadHandlers(crawler)
        self._most = crawler.settings.getint("CONCURRENT_REQUESTS")
        self._tasks: set[asyncio.Task[None]] = set()
        self.active: set[Request] = set()

    def fetch(self, request: Request) -> Deferred[Response | Request]:
        """Download for a caller who waits for the answer."""
        deferred: Deferred[Response | Request] = Deferred()
        self.start(request, deferred.callback)
        return deferred

    def start(self, request: Request, over: Callable[[Response | Request | Failure], object]) -> None:
        """Download. `over` gets the request once its callback is done; without a callback, its outcome."""
        self.active.add(request)
        task = asyncio.get_running_loop().create_task(self._download(request, over))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def needs_backout(self) -> bool:
        return len(self.active) >= self._most

    def abort(self) -> None:
        """Abort the downloads in progress; their exchanges are recorded as far as they got."""
        loop = asyncio.get_running_loop()
        for task in self._tasks:
            loop.call_soon(task.cancel)  # not immediately: a task that never ran would never answer

    def close(self) -> None:
        """Do nothing: the handlers are closed when the engine stops."""

    async def _download(self, request: Request, over: Callable[[Response | Request | Failure], object]) -> None:
        outcome: Response | Failure
        began = perf_counter()
        try:
            outcome = await self._handlers.download_request_async(request)
        except asyncio.CancelledError:
            outcome = _failure(Stopped("the run was stopped before the response was complete"))
        except Exception as error:
            outcome = _failure(error)
        self.active.discard(request)
        fetch: Fetch = request.meta["fetch"]
        fetch.seconds = perf_counter() - began
        fetch.left(fetch, outcome)
        if request.callback is None:
            over(outcome)  # a Failure goes to the errback
            return
        try:
            _call_back(request, outcome)
        except Exception:  # our bug to fix; the engine must learn that the request is over
            _log.exception("the response of %s could not be processed", request.url)
        over(request)


def _call_back(request: Request, outcome: Response | Failure) -> None:
    """Call the callback or the errback, as Scrapy does."""
    if isinstance(outcome, Failure):
        outcome.request = request  # type: ignore[attr-defined]
        if request.errback is not None:
            request.errback(outcome)
    elif request.callback is not None:
        outcome.request = request
        request.callback(outcome)


def _failure(error: Exception) -> Failure:
    return Failure(error)  # type: ignore[no-untyped-call]


class CrawlerOfOneRun(Crawler):
    """Scrapy's crawler, with our engine. Scrapy has no setting for the engine."""

    def _create_engine(self) -> ExecutionEngine:
        return _Engine(self, lambda _: self.stop_async())


class _Engine(ExecutionEngine):
    """Scrapy's engine. It hands the requests of the scheduler to the downloader directly, since no part of ours hears
    the signals of a request. Those of `download_async` go Scrapy's way.
    """

    def _start_scheduled_request(self) -> bool:
        """Start the next request; return False when there is none now."""
        slot = self._slot
        if slot is None or (request := slot.scheduler.next_request()) is None:
            return False

        def over(_: object) -> None:
            slot.remove_request(request)
            slot.nextcall.schedule()

        slot.add_request(request)
        cast(Downloader, self.downloader).start(request, over)
        return True
