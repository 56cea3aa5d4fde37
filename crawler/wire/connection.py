"""Connections that carry one exchange after another, and the pool of idle ones."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from typing import NamedTuple, cast

from archive.values.capture import Truncated
from archive.warc.exchange import Tls
from crawler.wire.guard import Address
from crawler.wire.http1 import Answer
from crawler.wire.proxy import Proxy

_MOST_OPEN = 64
_MOST_EARLY = 64 * 1024


class Route(NamedTuple):
    """Where a connection leads. Exchanges of one route may share a connection."""

    secure: bool
    host: str
    port: int
    proxy: Proxy | None = None


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a connection. Behind a proxy, its address is unknown."""

    address: Address | None = None
    ip: str | None = None
    tls: Tls | None = None
    certificate: bytes | None = None
    """DER-encoded."""


class Connection(asyncio.Protocol):
    """One connection. It returns to its pool by itself if the answer allows that."""

    def __init__(self, route: Route, pool: Pool, *, verified: bool = True) -> None:
        self.route = route
        self.peer = Peer()
        self.idle_since = 0.0
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pool = pool
        self._verified = verified
        self._transport: asyncio.Transport
        self._answer: Answer | None = None
        self._done: asyncio.Future[None] | None = None
        self._early: bytes | None = b""  # bytes that came before any request; None from then on

    @property
    def usable(self) -> bool:
        return not (self.lost.done() or self._transport.is_closing())

    def send(self, data: bytes, answer: Answer) -> asyncio.Future[None]:
        """Send a request. The future completes when the answer is over, whatever its result, and never fails."""
        done = self._done = self.lost.get_loop().create_future()
        self._answer = answer
        early, self._early = self._early, None
        if not self.lost.done():
            self._transport.write(data)
        if early:
            self.data_received(early)
        if self.lost.done():
            self._end(reset=False)
        return done

    def cut(self, answer: Answer, truncated: Truncated, why: str) -> None:
        """Stop receiving this answer; if it is over already, another exchange may use the connection by now."""
        if self._answer is answer:
            answer.cut(truncated, why)
            self._over(answer)

    def abort(self) -> None:
        self._transport.abort()

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.peer = _peer(self._transport, verified=self._verified, direct=self.route.proxy is None)
        self._pool.opened(self)

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None:
            self._take_unasked(data)
            return
        try:
            over = answer.feed(data)
        except OSError as error:
            answer.cut("unspecified", f"the body could not be stored: {error.strerror or error}")
            over = True
        if over:
            self._over(answer)

    def _take_unasked(self, data: bytes) -> None:
        """Handle bytes without a request: a server that speaks first is heard.

        One that speaks between exchanges is not.
        """
        if self._early is not None and len(self._early) <= _MOST_EARLY:
            self._early += data
        else:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._pool.forget(self)
        if not self.lost.done():
            self.lost.set_result(None)
        self._end(reset=exc is not None)

    def _end(self, *, reset: bool) -> None:
        if self._answer is not None:
            self._answer.end(reset=reset)
            self._over(self._answer)

    def _over(self, answer: Answer) -> None:
        done, self._answer, self._done = self._done, None, None
        if answer.reusable:
            self._pool.give(self)
        elif not self.lost.done():
            self.abort()
        if done is not None and not done.done():
            done.set_result(None)


class Pool:
    """The open connections of a crawl, idle ones among them."""

    def __init__(self, idle: float) -> None:
        """Set up the pool. A connection that was idle longer than `idle` seconds is not used again."""
        self._idle = idle
        self._open: set[Connection] = set()
        self._waiting: dict[Route, list[Connection]] = {}

    def acquire(self, route: Route) -> Connection | None:
        """Take the idle connection that was used last; it belongs to the caller until its answer is over."""
        waiting = self._waiting.get(route)
        while waiting:
            connection = waiting.pop()
            age = connection.lost.get_loop().time() - connection.idle_since
            if connection.usable and age < self._idle:
                return connection
            connection.abort()
        return None

    def give(self, connection: Connection) -> None:
        connection.idle_since = connection.lost.get_loop().time()
        self._waiting.setdefault(connection.route, []).append(connection)

    def opened(self, connection: Connection) -> None:
        self._open.add(connection)
        if len(self._open) > _MOST_OPEN:
            self._thin_out()

    def forget(self, connection: Connection) -> None:
        self._open.discard(connection)
        waiting = self._waiting.get(connection.route, [])
        if connection in waiting:
            waiting.remove(connection)
        if not waiting:
            self._waiting.pop(connection.route, None)

    async def close(self) -> None:
        """Close all connections, and wait until they are closed."""
        connections = list(self._open)
        for connection in connections:
            connection.abort()
        if connections:
            await asyncio.wait([connection.lost for connection in connections])

    def _thin_out(self) -> None:
        """Close the connection that is idle longest: a walk over many hosts leaves one at each."""
        oldest = [waiting[0] for waiting in self._waiting.values() if waiting]
        if oldest:
            min(oldest, key=lambda connection: connection.idle_since).abort()


def _peer(transport: asyncio.Transport, *, verified: bool, direct: bool) -> Peer:
    session: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    name = transport.get_extra_info("peername") if direct else None
    address = ip_address(name[0]) if name else None
    tls = certificate = None
    if session is not None:
        cipher = session.cipher()
        tls = Tls(session.version() or "", cipher[0] if cipher else "", verified)
        certificate = session.getpeercert(binary_form=True)
    return Peer(address, None if address is None else str(address), tls, certificate)
