"""The download handler that records every exchange exactly as it was on the wire, and then gives Scrapy a response.

For Scrapy without a reactor (``TWISTED_REACTOR_ENABLED=False``), under asyncio and uvloop. It gets all its rules from
its run (`crawler.wire.recording`).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from functools import lru_cache, partial
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    NotSupported,
)

from crawler.wire.body import Body
from crawler.wire.connect import Dialer, HandshakeFailed, why_of
from crawler.wire.connection import Connection, Pool
from crawler.wire.http1 import Answer
from crawler.wire.incoming import Attempt, failed_exchange, failure_of, shown_to_spiders
from crawler.wire.outgoing import Outgoing, outgoing
from crawler.wire.proxy import Proxy, ProxyRefused, proxy_of
from crawler.wire.recording import recording_of
from crawler.wire.signed import Sign

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

_SENT_AGAIN = "the request was sent again over a new connection"
_TOO_LATE = "the response was not complete in time"
_SILENT = "the server did not begin to answer in time"
_STOPPED = "the crawl was stopped before the response was complete"
_MAY_BE_SENT_AGAIN = ("GET", "HEAD")


class _Fetch(NamedTuple):
    request: Request
    asked: Outgoing
    deadline: float
    """By the clock of the event loop."""
    begins_by: float
    """When the head of the answer must be there, by the same clock."""


class RecordingDownloadHandler(BaseDownloadHandler):
    """Fetches over HTTP/1.1 and has each exchange recorded before Scrapy gets the response.

    It respects these keys of request.meta: download_timeout, answer_begins_within (seconds to the head of the answer,
    at most download_timeout), download_maxsize, download_prefix (when true, the
    beginning of a body that is longer than that is an answer), download_fail_on_dataloss, proxy, and sent (called
    without arguments when the bytes of a request have left). It sets download_latency. It sends neither
    headers_received nor bytes_received.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        """Raise LookupError when nothing records what this crawler fetches."""
        super().__init__(crawler)
        recording = self._recording = recording_of(crawler)
        self._fail_on_dataloss = crawler.settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS")
        self._pool = Pool(recording.limits.idle)
        self._dialer = Dialer(recording.guard, recording.tls, self._pool)
        self._proxy = proxy_of(recording.proxy) if recording.proxy else None

    async def download_request(self, request: Request) -> Response:
        """Fetch one page.

        Raises Scrapy's exceptions for failures (including those that it retries), and AddressForbidden.
        """
        asked = self._outgoing(request)
        began = perf_counter()
        seconds = request.meta.get("download_timeout") or self._recording.limits.timeout
        first = min(seconds, request.meta.get("answer_begins_within", seconds))
        now = asyncio.get_running_loop().time()
        fetch = _Fetch(request, asked, now + seconds, now + first)
        attempt = await self._send_over_idle(fetch)
        if attempt is None:
            connection = await self._dial(fetch)
            if self._recording.signer:  # its nonce may have been sent
                fetch = fetch._replace(asked=self._outgoing(request))
            attempt = await self._send(fetch, connection)
        request.meta["download_latency"] = perf_counter() - began
        return self._deliver(request, attempt)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    def _outgoing(self, request: Request) -> Outgoing:
        """Return a request on its way.

        ``reveal`` of its `meta` is called with the request, and returns it with secrets in place of stand-ins, or
        None: only the bytes that are written have them. Raises NotSupported.
        """
        proxy, sign = self._proxy_for(request), self._sign()
        asked = outgoing(request, proxy, sign)
        reveal: Callable[[Request], Request | None] | None = request.meta.get("reveal")
        if reveal is None or (real := reveal(request)) is None:
            return asked
        try:
            sent = outgoing(real, proxy, sign)
        except NotSupported:  # its message has the URL
            sent = None
        if sent is None or sent.route != asked.route:
            raise NotSupported(f"{asked.url[:200]!r} can't be requested with what the login left in the storage")
        return asked._replace(data=sent.data)

    def _proxy_for(self, request: Request) -> Proxy | None:
        if "proxy" not in request.meta:
            return self._proxy
        url = request.meta["proxy"]
        try:
            return _proxy_of(url, request.headers.get(b"Proxy-Authorization") or b"") if url else None
        except ValueError as error:
            raise NotSupported(str(error)) from error

    def _sign(self) -> Sign | None:
        signer = self._recording.signer
        return partial(signer.lines, at=self._recording.now()) if signer else None

    async def _send_over_idle(self, fetch: _Fetch) -> Attempt | None:
        """Send over an idle connection; return None when there is none, or it was dead after all."""
        connection = self._pool.acquire(fetch.asked.route)
        if connection is None:
            return None
        note = _SENT_AGAIN if fetch.asked.method in _MAY_BE_SENT_AGAIN else ""
        attempt = await self._send(fetch, connection, note)
        return None if note and attempt.unanswered else attempt

    async def _dial(self, fetch: _Fetch) -> Connection:
        host = fetch.asked.route.host
        try:
            async with asyncio.timeout_at(fetch.begins_by):
                return await self._dialer.dial(fetch.asked.route)
        except TimeoutError as error:
            raise DownloadTimeoutError(f"connection to {host} timed out") from error
        except (HandshakeFailed, ProxyRefused) as error:
            self._recording.record(failed_exchange(fetch.asked, self._recording.now(), error), fetch.request)
            raise DownloadFailedError(str(error)) from error
        except socket.gaierror as error:
            raise CannotResolveHostError(f"{host} has no address: {error.strerror}") from error
        except OSError as error:
            raise DownloadConnectionRefusedError(f"no connection to {host}: {why_of(error)}") from error

    async def _send(self, fetch: _Fetch, connection: Connection, note: str = "") -> Attempt:
        """Send once and record the result; `note` is recorded when there is no answer."""
        limits, asked = self._recording.limits, fetch.asked
        body = Body(limits.memory_bytes, limits.directory)
        most = fetch.request.meta.get("download_maxsize", limits.page_bytes)
        answer = Answer(asked.method, limits, body, page_bytes=most, prefix=_takes_prefix(fetch.request))
        at, began = self._recording.now(), perf_counter()
        loop = asyncio.get_running_loop()
        timer = loop.call_at(fetch.deadline, connection.cut, answer, "time", _TOO_LATE)
        silence = timer
        if fetch.begins_by < fetch.deadline:
            silence = loop.call_at(fetch.begins_by, _cut_if_silent, connection, answer)
        try:
            over = connection.send(asked.data, answer)
            if (sent := fetch.request.meta.get("sent")) is not None:
                loop.call_soon(sent)  # uvloop writes at the end of this round of callbacks
            await over
        except asyncio.CancelledError:
            connection.cut(answer, "unspecified", _STOPPED)
            raise
        finally:
            timer.cancel()
            silence.cancel()
            elapsed, whole = perf_counter() - began, body.release()
            textual = fetch.request.meta.get("textual_bytes", limits.textual_bytes)
            shown = shown_to_spiders(whole, body.length, answer.headers, textual)
            attempt = Attempt(asked, answer, connection.peer, at, elapsed, whole, body.length, shown)
            self._recording.record(attempt.exchange(note if attempt.unanswered else ""), fetch.request)
        return attempt

    def _deliver(self, request: Request, attempt: Attempt) -> Response:
        answer = attempt.answer
        torn = answer.truncated in ("disconnect", "unspecified")
        fails = request.meta.get("download_fail_on_dataloss", self._fail_on_dataloss)
        begun = answer.truncated == "length" and attempt.length > 0 and _takes_prefix(request)
        if answer.head and (answer.truncated is None or begun or (torn and not fails)):
            return attempt.response(request.url)
        if (withheld := request.meta.get("withheld")) is not None:  # what the answer says has a secret
            raise DownloadFailedError(withheld)
        raise failure_of(answer)


def _cut_if_silent(connection: Connection, answer: Answer) -> None:
    if not answer.head:
        connection.cut(answer, "time", _SILENT)


def _takes_prefix(request: Request) -> bool:
    return bool(request.meta.get("download_prefix"))


@lru_cache(maxsize=64)
def _proxy_of(url: str, authorization: bytes) -> Proxy:
    return proxy_of(url, authorization)
