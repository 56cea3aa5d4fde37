"""Fetch for a user's spider or a browser: under the guard, robots.txt and politeness, with each exchange recorded.

An answer is handed on once its exchanges are safe on disk.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, IgnoreRequest, NotSupported
from twisted.python.failure import Failure

from archive.values.capture import Capture, Context
from archive.values.errors import SpoolFull
from config.errors import NotPermitted
from config.values.secret import Secret
from crawler.engine.fetch_metrics import measure
from crawler.engine.host_load import note_load
from crawler.engine.receipts import FetchReceipts, RobotsWaiters
from crawler.engine.robots_fetch import RobotsFetches
from crawler.engine.run_recorder import RunRecorder
from crawler.engine.settings import settings_of
from crawler.frontier.page_fetch import Fetch, Stopped, context_of
from crawler.policy.backoff import backoff
from crawler.policy.order import Order
from crawler.policy.robots import origin_of, product
from crawler.policy.rows import host_of
from crawler.policy.shared import Parts
from crawler.policy.skip_reasons import RESERVED, count_dropped
from crawler.policy.uses import not_kept
from crawler.run.requests import Requests
from crawler.run.run_log import RunLog
from crawler.run.stand_ins import StandIns
from crawler.run.token_answers import Withheld
from crawler.wire.download import RecordingDownloadHandler
from crawler.wire.guard import AddressForbidden
from crawler.wire.recording import attach
from extractor.values.urls import normalise

if TYPE_CHECKING:
    from scrapy.http import Response

_MOST_BACKLOG = 512
_LOOK = 0.2
_SPACE_WAIT = 5.0
"""Seconds until a request is made again whose exchange found no space in the spool."""
_NOT_KEPT = 5
"""The number of requests for a page whose exchange the recorder refused, other than for want of space."""


class DirectRequests:
    """Requests of a run that are not in its frontier. It is also the `FetchContext` of `RobotsFetches`."""

    def __init__(
        self,
        order: Order,
        parts: Parts,
        failed: Callable[[str], None],
        *,
        log: RunLog | None = None,
        tally: Counter[str] | None = None,
        stand_ins: StandIns | None = None,
    ) -> None:
        """Set up. `failed` gets the reason when the recorder can't write any more; `log`, `tally` and `stand_ins` are
        those of the run, if it has them. Raises SecretNotFound.
        """
        source = self.source = order.source
        self.order, self.parts, self._failed = order, parts, failed
        self.identity = source.identity(contact=order.contact, user_agent=order.user_agent)
        self.log = log or RunLog(order.log, parts.now)
        self.run_recorder = RunRecorder(order, parts, stand_ins)
        self.requests = Requests(source, self.identity, (), order.permissions)
        self.result_writer = FetchReceipts()
        self.fetch_queue = RobotsWaiters()
        self.robots = RobotsFetches(self)  # type: ignore[arg-type]
        self.tally: Counter[str] = Counter() if tally is None else tally
        """The counts of this process: pages, captures, revisits, bytes, robots."""
        self.reserved_by: str | None = None
        """What reserves the use of the first page that this process therefore did not keep."""
        self.politeness_client = parts.politeness.politeness_client(self._free)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._freed: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._tasks: set[asyncio.Task[None]] = set()
        found = (value for value in source.arguments.values() if isinstance(value, Secret))
        self._secrets = [order.permissions.reveal(value).encode() for value in found]
        crawler = Crawler(Spider, settings_of(source))
        attach(crawler, self.run_recorder)
        self._handler = RecordingDownloadHandler(crawler)

    async def answer(
        self, request: Request, *, page: bool = True, context: Context | None = None
    ) -> tuple[Response, Sequence[Capture], float]:
        """Fetch, and wait until the exchange is on disk; return the response, its captures, and the seconds it took.

        `page` says whether it counts as a page; `context` is what is recorded beside it, by default only its run.
        Raises the exceptions of the download handler, and IgnoreRequest for what robots.txt forbids.
        """
        if (url := normalise(request.url)) is None:
            raise DownloadFailedError(f"{request.url!r:.200} can't be requested over HTTP")
        self._check_proxy(request)
        delay = await self._allowed(request, url)
        nth = 0
        while nth < _NOT_KEPT:
            fetch = self.fetch(host_of(url), secret=self._has_secret(request))
            said = self.parts.robots.reservations(url, self._agent_of(request))
            fetch.context = replace(context or fetch.context, reservations=said)
            request.meta.update(fetch=fetch, sent=fetch.note_sent)
            outcome = await self._in_turn(fetch, request, delay)
            captures = await self.result_writer.of(fetch)
            if fetch.error is None:
                self._count(outcome, captures, page=page and fetch.reserved is None)
                if fetch.reserved is not None:
                    self._count_reserved(fetch.reserved)
                if isinstance(outcome, Exception):
                    raise outcome
                if fetch.reserved is not None:
                    raise IgnoreRequest(f"Reserved by the site: {fetch.reserved}")
                if fetch.withheld is not None:
                    raise Withheld(fetch.withheld, outcome)
                return outcome, captures, fetch.seconds
            self.log.event("not-kept", url=request.url, reason=str(fetch.error))
            if isinstance(fetch.error, SpoolFull):  # it ends some day, and this exchange did not cause it
                await asyncio.sleep(_SPACE_WAIT)
                continue
            await asyncio.sleep(backoff(nth, self.parts.backoff))
            nth += 1
        self._failed(str(fetch.error))
        raise DownloadFailedError(str(fetch.error))

    def _check_proxy(self, request: Request) -> None:
        """Raise NotSupported for a proxy of the spider's own choice that the operator does not permit."""
        if proxy := request.meta.get("proxy"):
            try:
                self.order.permissions.check_proxy(str(proxy))
            except NotPermitted as error:
                raise NotSupported(str(error)) from error

    def fetch(self, host: str, *, secret: bool = False) -> Fetch:
        """Begin to fetch something from a host."""
        context = context_of(self.source, self.order.run)
        return Fetch(self.result_writer, host, context, self._left, secret=secret, sent=self.politeness_client.sent)

    def wake(self) -> None:
        """Send the requests for robots.txt, and let waiting requests check again."""
        while (request := self.robots.next_request()) is not None:
            self._send_robots(request)

    async def close(self) -> None:
        """Close connections, hosts and the log."""
        self.robots.close()  # first: a cancelled request frees its host
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.politeness_client.leave()
        await self._handler.close()

    # --- robots.txt -------------------------------------------------------------------------------------------------

    async def _allowed(self, request: Request, url: str) -> float:
        """Return the Crawl-delay for a URL. Raises IgnoreRequest when robots.txt forbids it."""
        obeys = self.source.politeness.robots == "obey"
        origin, agent, use = origin_of(url), self._agent_of(request), self.order.use
        if not obeys and use is None:
            return 0.0
        while (rules := self.parts.robots.of(origin, complete=use is not None)) is None:
            learnt = self.fetch_queue.learnt_of[origin]
            if not self.parts.robots.wait(origin, self.fetch_queue.rules_known):
                self._send_robots(self.robots.request(origin), host_of(origin + "/"))
            await learnt.wait()
        if obeys and not rules.allow(url, agent):
            count_dropped(self.tally, rules.word)
            raise IgnoreRequest(f"Forbidden by robots.txt: {rules.reason}")
        if why := not_kept(use, rules.site.of(url, agent)):
            self._count_reserved(why)
            raise IgnoreRequest(f"Reserved by the site: {why}")
        return rules.delay(agent) if obeys else 0.0

    def _agent_of(self, request: Request) -> str:
        """Return the product token that a request names."""
        sent = request.headers.get(b"User-Agent")
        return product(sent.decode("latin-1") if sent else self.identity)

    def _send_robots(self, request: Request, host: str | None = None) -> None:
        """Send a request for robots.txt, once `host` may be requested. Its task outlives the page that needs it."""
        task = asyncio.ensure_future(self._fetch_robots(request, host))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fetch_robots(self, request: Request, host: str | None) -> None:
        fetch: Fetch = request.meta["fetch"]
        if host is not None:
            await self._turn(host, 0.0)
        outcome = await self._download(fetch, request)
        self._count(outcome, await self.result_writer.of(fetch), page=False)
        if isinstance(outcome, Exception):
            failure = Failure(outcome)  # type: ignore[no-untyped-call]
            failure.request = request  # type: ignore[attr-defined]
            if request.errback is not None:
                request.errback(failure)
        elif request.callback is not None:
            outcome.request = request
            request.callback(outcome)

    # --- turns ------------------------------------------------------------------------------------------------------

    async def _in_turn(self, fetch: Fetch, request: Request, delay: float) -> Response | Exception:
        await self._turn(fetch.host, delay)
        return await self._download(fetch, request)

    async def _turn(self, host: str, delay: float) -> None:
        """Wait until the host may be requested, and begin. Waiting requests proceed in order of arrival."""
        politeness = self.source.politeness
        delay = max(delay, politeness.delay.total_seconds())
        async with self._turns[host]:
            while True:
                while self.parts.paused or self.parts.recorder.backlog >= _MOST_BACKLOG:
                    await asyncio.sleep(_LOOK)
                self._freed[host].clear()
                wait = self.politeness_client.wait_for(host, delay=delay, concurrency=politeness.concurrency)
                if wait <= 0:
                    break
                try:
                    async with asyncio.timeout(None if wait == inf else wait):
                        await self._freed[host].wait()
                except TimeoutError:
                    pass
            self.politeness_client.started(host)

    async def _download(self, fetch: Fetch, request: Request) -> Response | Exception:
        began = perf_counter()
        outcome: Response | Exception
        try:
            outcome = await self._handler.download_request(request)
        except asyncio.CancelledError:
            self._over(fetch, Stopped("the run was stopped before the response was complete"), began)
            raise
        except Exception as error:
            outcome = error
        self._over(fetch, outcome, began)
        return outcome

    def _over(self, fetch: Fetch, outcome: Response | Exception, began: float) -> None:
        fetch.seconds = perf_counter() - began
        told = Failure(outcome) if isinstance(outcome, Exception) else outcome  # type: ignore[no-untyped-call]
        fetch.left(fetch, told)

    def _left(self, fetch: Fetch, outcome: Response | Failure) -> None:
        measure(self.parts.figures, fetch, outcome)
        if not isinstance(outcome, Failure):
            note_load(fetch, outcome, self.politeness_client, pause=self.parts.backoff, now=self.parts.now())
        self.politeness_client.ended(fetch.host)
        self._free(fetch.host)

    def _free(self, host: str) -> None:
        self._freed[host].set()
        self.wake()

    # --- counting ---------------------------------------------------------------------------------------------------

    def _count_reserved(self, why: str) -> None:
        count_dropped(self.tally, RESERVED)
        self.reserved_by = self.reserved_by or why

    def _count(self, outcome: Response | Exception, captures: Sequence[Capture], *, page: bool = True) -> None:
        self.tally["captures"] += len(captures)
        for capture in captures:
            if capture.status is None:
                self.tally["unanswered"] += 1
            else:
                self.tally["bytes"] += capture.payload_length
                self.tally["revisits"] += capture.kind != "response"
        if isinstance(outcome, AddressForbidden):
            self.tally[f"dropped:forbidden address ({outcome.reason})"] += 1
        elif page and not isinstance(outcome, Exception):
            self.tally.update(page_counts(outcome, captures))

    def _has_secret(self, request: Request) -> bool:
        """Return whether the body contains a secret argument of the spider, and must not be readable in the archive."""
        body = request.body
        return any(one in body or quote_plus(one).encode() in body for one in self._secrets)


def page_counts(response: Response, captures: Sequence[Capture]) -> dict[str, int]:
    """Return what an answer counts as a page of the run."""
    page = 200 <= response.status < 300
    return {"pages": int(page), "new": int(page and any(capture.kind == "response" for capture in captures))}
