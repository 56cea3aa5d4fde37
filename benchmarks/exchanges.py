"""CPU of the download handler alone, in µs per exchange: write a request, read and parse the response.

    python -m benchmarks.exchanges [EXCHANGES]

The page has 5.6 KB in gzip; 16 requests run at a time over persistent connections on loopback. The server is a separate
process, and the lower bound is the same exchange with an asyncio.Protocol that parses nothing.
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import uvloop
from scrapy import Request, Spider
from scrapy.crawler import Crawler

from archive.warc.exchange import Exchange
from benchmarks.machine import called, load, until_input_ends
from crawler.wire.download import RecordingDownloadHandler
from crawler.wire.guard import EVERYTHING, Guard
from crawler.wire.recording import TlsPolicy, WireLimits, attach

AT_ONCE = 16
BODY = os.urandom(5600)
ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Tue, 24 Nov 2026 16:08:20 GMT\r\nContent-Type: text/html\r\n"
    b"Content-Length: %d\r\nLast-Modified: Tue, 24 Nov 2026 16:08:20 GMT\r\nConnection: keep-alive\r\n"
    b'Vary: Accept-Encoding\r\nETag: "5f1-abc"\r\nContent-Encoding: gzip\r\n\r\n' % len(BODY)
) + BODY
FIELDS = {"User-Agent": "pressmark", "Accept": "text/html,*/*", "Accept-Language": "en"}


class Server(asyncio.Protocol):
    """Sends the same response to every request."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(ANSWER * data.count(b"\r\n\r\n"))  # type: ignore[attr-defined]


class Bare(asyncio.Protocol):
    """Counts bytes until a response must be complete."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left <= 0:
            self._done.set_result(None)

    def ask(self, data: bytes) -> asyncio.Future[None]:
        self._left, self._done = len(ANSWER), asyncio.get_running_loop().create_future()
        self._transport.write(data)  # type: ignore[attr-defined]
        return self._done


class Counted:
    """A recording that stores nothing."""

    guard = Guard(allow=EVERYTHING)
    limits = WireLimits()
    tls: TlsPolicy = "strict"
    proxy = None
    signer = None

    def now(self) -> datetime:
        return datetime.now(UTC)

    def record(self, exchange: Exchange, request: Request) -> None:
        pass


async def by_handler(port: int, count: int) -> float:
    crawler = Crawler(Spider, {"TWISTED_REACTOR_ENABLED": False})
    attach(crawler, Counted())
    handler = RecordingDownloadHandler.from_crawler(crawler)
    requests = [Request(f"http://127.0.0.1:{port}/{number}.html", headers=FIELDS) for number in range(count)]

    async def some(first: int) -> None:
        for request in requests[first::AT_ONCE]:
            await handler.download_request(request)

    used = await _cpu_of(some)
    await handler.close()
    return used / count


async def by_nothing(port: int, count: int) -> float:
    data = b"GET /1.html HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: pressmark\r\nAccept-Encoding: gzip\r\n\r\n"

    async def some(first: int) -> None:
        transport, bare = await asyncio.get_running_loop().create_connection(Bare, "127.0.0.1", port)
        for _ in range(first, count, AT_ONCE):
            await bare.ask(data)
        transport.close()

    return await _cpu_of(some) / count


async def _cpu_of(some: Callable[[int], Awaitable[None]]) -> float:
    """Return user and system time of this process in µs."""
    before = _cpu()
    await asyncio.gather(*(some(first) for first in range(AT_ONCE)))
    return _cpu() - before


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1e6


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await until_input_ends()


def main(count: int) -> None:
    command = [sys.executable, "-m", "benchmarks.exchanges", "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        print(load())
        for name, loop in (("uvloop", uvloop.new_event_loop), ("asyncio", asyncio.new_event_loop)):
            for what in (by_nothing, by_handler):
                with asyncio.Runner(loop_factory=loop) as runner:
                    print(f"{name:8} {what.__name__:11} {runner.run(what(port, count)):6.1f} µs CPU an exchange")


if __name__ == "__main__":
    arguments = called("benchmarks.exchanges", __doc__)
    arguments.add_argument("exchanges", type=int, nargs="?", default=20_000)
    arguments.add_argument("--serve", action="store_true", help="be the server alone")
    given = arguments.parse_args()
    if given.serve:
        uvloop.run(serve())
    else:
        main(given.exchanges)
