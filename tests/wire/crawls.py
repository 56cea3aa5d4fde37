"""Real crawls by Scrapy, without a reactor, whose exchanges are collected in a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import uvloop
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.warc.exchange import Exchange
from crawler.wire.download import RecordingDownloadHandler
from crawler.wire.guard import EVERYTHING, Guard
from crawler.wire.recording import TlsPolicy, WireLimits, attach
from crawler.wire.signatures import RequestSigner

Loop = Literal["asyncio", "uvloop"]
HANDLER = "crawler.wire.download.RecordingDownloadHandler"
SETTINGS: dict[str, Any] = {
    "DOWNLOAD_HANDLERS": {"http": HANDLER, "https": HANDLER, "file": None, "ftp": None, "s3": None, "data": None},
    "TWISTED_REACTOR_ENABLED": False,
    "LOG_LEVEL": "CRITICAL",
    "LOG_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "DOWNLOAD_DELAY": 0,
    "RETRY_ENABLED": False,
    "REDIRECT_ENABLED": False,
    "COMPRESSION_ENABLED": False,
    "HTTPPROXY_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
}


@dataclass
class Kept:
    """A recording that collects its exchanges, each with the URL that Scrapy requested."""

    guard: Guard = field(default_factory=lambda: Guard(allow=EVERYTHING))
    limits: WireLimits = field(default_factory=WireLimits)
    tls: TlsPolicy = "strict"
    proxy: str | None = None
    signer: RequestSigner | None = None
    exchanges: list[Exchange] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def record(self, exchange: Exchange, request: Request) -> None:
        self.exchanges.append(exchange)

    def of(self, url: str) -> list[Exchange]:
        return [exchange for exchange in self.exchanges if exchange.request.url == url]


class Listed(Spider):
    """Requests a list of URLs, and collects what Scrapy makes of each."""

    name = "listed"

    def __init__(self, requests: Iterable[Request], outcomes: dict[str, Response | BaseException]) -> None:
        super().__init__()
        self._requests = requests
        self._outcomes = outcomes

    async def start(self) -> AsyncIterator[Request]:
        for request in self._requests:
            asked = request.replace(callback=self.keep, errback=self.keep_failure, dont_filter=True)
            if "handle_httpstatus_list" not in asked.meta:
                asked.meta["handle_httpstatus_all"] = True
            yield asked

    def keep(self, response: Response) -> None:
        assert response.request is not None
        self._outcomes[response.request.url] = response

    def keep_failure(self, failure: Failure) -> None:
        self._outcomes[failure.request.url] = failure.value  # type: ignore[attr-defined]


def crawl(
    requests: Iterable[Request], recording: Kept, loop: Loop = "asyncio", **settings: object
) -> dict[str, Response | BaseException]:
    """Fetch these; return what Scrapy got for each URL."""
    outcomes: dict[str, Response | BaseException] = {}

    async def whole() -> None:
        runner = AsyncCrawlerRunner({**SETTINGS, **settings})
        crawler: Crawler = runner.create_crawler(Listed)
        attach(crawler, recording)
        await runner.crawl(crawler, requests=requests, outcomes=outcomes)

    in_loop(whole(), loop)
    return outcomes


@asynccontextmanager
async def handling(recording: Kept, **settings: object) -> AsyncIterator[RecordingDownloadHandler]:
    """Run the handler alone, without a crawl around it; closed at the end of the block."""
    crawler = Crawler(Listed, {**SETTINGS, **settings})
    attach(crawler, recording)
    handler = RecordingDownloadHandler.from_crawler(crawler)
    try:
        yield handler
    finally:
        await handler.close()


def in_loop(work: Coroutine[Any, Any, None], loop: Loop) -> None:
    """Run to the end in a new event loop."""
    factory = uvloop.new_event_loop if loop == "uvloop" else asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(work)
