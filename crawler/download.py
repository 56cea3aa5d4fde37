"""The download handler that records: every exchange exactly as it was on the wire, then a response for Scrapy.

For Scrapy without a reactor (``TWISTED_REACTOR_ENABLED=False``), under asyncio and uvloop. It asks the run that it
works for (`crawler.recording`) for all its rules.
"""

from __future__ import annotations

import asyncio
import socket
from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    NotSupported,
)

from crawler.body import Body
from crawler.connection import Connection, Pool
from crawler.dialing import Dialer, HandshakeFailed
from crawler.http1 import Answer
from crawler.incoming import Attempt, failed_exchange, failure_of, shown_to_spiders
from crawler.outgoing import Outgoing, outgoing
from crawler.proxy import Proxy, ProxyRefused, proxy_of
from crawler.recording import recording_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

_SENT_AGAIN = "the request was sent again over a new connection"
_MAY_BE_SENT_AGAIN = ("GET", "HEAD")


class RecordingDownloadHandler(BaseDownloadHandler):
    """Fetches over HTTP/1.1 and has each exchange recorded before Scrapy hears of it.

    Of request.meta it heeds download_timeout, download_maxsize, download_fail_on_dataloss and proxy, and it sets
    download_latency. It sends neither headers_received nor bytes_received.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        """Raises LookupError when nobody records what this crawler fetches."""
        super().__init__(crawler)
        recording = self._recording = recording_of(crawler)
        self._fail_on_dataloss = crawler.settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS")
        self._pool = Pool(recording.limits.idle)
        self._dialer = Dialer(recording.guard, recording.tls, self._pool)
        self._proxy = proxy_of(recording.proxy) if recording.proxy else None

    async def download_request(self, request: Request) -> Response:
        """Fetch one page.

        Raises the exceptions of Scrapy for what went wrong (those that it retries among them), and AddressForbidden.
        """
        asked = outgoing(request, self._proxy_for(request))
        began = perf_counter()
        deadline = asyncio.get_running_loop().time() + (
            request.meta.get("download_timeout") or self._recording.limits.timeout
        )
        attempt = await self._send_over_kept(request, asked, deadline)
        if attempt is None:
            connection = await self._dial(request, asked, deadline)
            attempt = await self._send(request, asked, connection, deadline)
        request.meta["download_latency"] = perf_counter() - began
        return self._deliver(request, attempt)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    def _proxy_for(self, request: Request) -> Proxy | None:
        if "proxy" not in request.meta:
            return self._proxy
        url = request.meta["proxy"]
        try:
            return _proxy_of(url, request.headers.get(b"Proxy-Authorization") or b"") if url else None
        except ValueError as error:
            raise NotSupported(str(error)) from error

    async def _send_over_kept(self, request: Request, asked: Outgoing, deadline: float) -> Attempt | None:
        """Over a connection that was kept, if there is one; None when there is none, or it was dead after all."""
        connection = self._pool.take(asked.route)
        if connection is None:
            return None
        note = _SENT_AGAIN if asked.method in _MAY_BE_SENT_AGAIN else ""
        attempt = await self._send(request, asked, connection, deadline, note)
        return None if note and attempt.unanswered else attempt

    async def _dial(self, request: Request, asked: Outgoing, deadline: float) -> Connection:
        try:
            async with asyncio.timeout_at(deadline):
                return await self._dialer.dial(asked.route)
        except TimeoutError as error:
            raise DownloadTimeoutError(f"no connection to {asked.route.host} in time") from error
        except (HandshakeFailed, ProxyRefused) as error:
            self._recording.record(failed_exchange(asked, self._recording.now(), error), request)
            raise DownloadFailedError(str(error)) from error
        except socket.gaierror as error:
            raise CannotResolveHostError(f"{asked.route.host} has no address: {error.strerror}") from error
        except OSError as error:
            why = error.strerror or str(error)
            raise DownloadConnectionRefusedError(f"no connection to {asked.route.host}: {why}") from error

    async def _send(
        self, request: Request, asked: Outgoing, connection: Connection, deadline: float, note: str = ""
    ) -> Attempt:
        """Send once and record what came of it; `note` is for when nothing did."""
        limits = self._recording.limits
        body = Body(limits.memory_bytes, limits.directory)
        most = request.meta.get("download_maxsize", limits.page_bytes)
        answer = Answer(asked.method, limits, body, page_bytes=most)
        loop = asyncio.get_running_loop()
        at, began = self._recording.now(), perf_counter()
        timer = loop.call_at(deadline, connection.cut, answer, "time", "the answer was not whole in time")
        try:
            await connection.ask(asked.data, answer)
        except asyncio.CancelledError:
            connection.cut(answer, "unspecified", "the crawl was stopped before the answer was whole")
            raise
        finally:
            timer.cancel()
            whole, elapsed = body.taken(), perf_counter() - began
            shown = shown_to_spiders(whole, body.length, answer.headers, limits.textual_bytes)
            attempt = Attempt(asked, answer, connection.peer, at, elapsed, whole, body.length, shown)
            self._recording.record(attempt.exchange(note if attempt.unanswered else ""), request)
        return attempt

    def _deliver(self, request: Request, attempt: Attempt) -> Response:
        answer = attempt.answer
        torn = answer.truncated in ("disconnect", "unspecified")
        fails = request.meta.get("download_fail_on_dataloss", self._fail_on_dataloss)
        if answer.head and (answer.truncated is None or (torn and not fails)):
            return attempt.response(request.url)
        raise failure_of(answer)


@lru_cache(maxsize=64)
def _proxy_of(url: str, authorization: bytes) -> Proxy:
    return proxy_of(url, authorization)
