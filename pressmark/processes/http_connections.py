"""The limits of HTTP connections: what a client may send, how long it may take, and how many connections it may hold.

They hold before any log-in. The server's parser has no limits of its own: without these, one connection fills the
memory with an endless header, and a thousand silent ones use up the file descriptors.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from config.settings import Settings
from pressmark.service.access.networks import network_of

_SHARE_OF_FILES = 3
"""A third of the file descriptors of the process is for the connections of each of the two servers."""
_MOST_FILES = 1 << 16


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """The limits of one server; 0 turns one off."""

    target: int = 16 << 10
    """Bytes of the request target."""
    head: int = 64 << 10
    """Bytes of a message that are not its body: request line, header, trailer, and framing of chunks."""
    head_seconds: float = 15.0
    """Seconds until the header is complete, from the connection or from the first byte of a further request."""
    stalled_seconds: float = 60.0
    """Seconds that a client may leave an answer unread."""
    connections: int = 1000
    by_address: int = 200
    """Connections from one address, or one IPv6 network of 64 bits. A reverse proxy is one; so is a household."""


def limits_of(settings: Settings, processes: int = 1) -> HttpLimits:
    """Return the limits of each of the processes that answer on a socket: together they hold `http.connections`.

    Each counts the connections of an address by itself, and may hold all that the settings permit: the kernel often
    gives most connections of a client to one process.
    """
    connections = -(-settings.http.connections // processes)
    return HttpLimits(connections=connections, by_address=settings.http.connections_by_address)


def within_files(limits: HttpLimits) -> HttpLimits:
    """Return the limits with no more connections than this process can have open, once its soft limit is raised."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if files > soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    connections = min(limits.connections, files // _SHARE_OF_FILES)
    return replace(limits, connections=connections, by_address=min(limits.by_address, connections))


class Connections:
    """The open connections of a server.

    A new connection that would exceed a limit takes the place of the one that has waited longest without a request:
    so silent connections never keep anybody out.
    """

    def __init__(self, limits: HttpLimits) -> None:
        self._limits = limits
        self._open: dict[str, dict[LimitedConnection, None]] = {}
        self._waiting: dict[LimitedConnection, None] = {}
        """Those without a request in progress, those that wait longest first."""
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def enter(self, connection: LimitedConnection) -> bool:
        """Add a connection; return whether there is room for it."""
        if (crowd := self._crowd(connection.address)) is not None:
            replaced = next((one for one in self._waiting if one in crowd), None)
            if replaced is None:
                return False
            self.leave(replaced)
            replaced.transport.abort()
        self._open.setdefault(connection.address, {})[connection] = None
        self._count += 1
        self.waits(connection)
        return True

    def leave(self, connection: LimitedConnection) -> None:
        here = self._open.get(connection.address, {})
        if connection in here:
            del here[connection]
            self._count -= 1
            if not here:
                del self._open[connection.address]
        self._waiting.pop(connection, None)

    def works(self, connection: LimitedConnection) -> None:
        """A request of the connection is in progress."""
        self._waiting.pop(connection, None)

    def waits(self, connection: LimitedConnection) -> None:
        """The connection has no request in progress."""
        if connection in self._open.get(connection.address, ()):
            self._waiting.pop(connection, None)
            self._waiting[connection] = None

    def _crowd(self, address: str) -> Iterable[LimitedConnection] | None:
        """Return the connections of which one must go before another from this address comes; None if none must."""
        here = self._open.get(address, {})
        if self._limits.by_address and len(here) >= self._limits.by_address:
            return here
        return self._waiting if self._limits.connections and self._count >= self._limits.connections else None


class LimitedConnection(HttpToolsProtocol):
    """A connection of the server, within limits. See `limited` for how it gets them."""

    limits = HttpLimits()
    register = Connections(limits)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = ""
        self._in_head = True
        self._refused = False
        self._other = 0
        """Bytes of this message that are not its body."""
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None

    # --- the transport ----------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = network_of(self.client[0]) if self.client else ""
        if not self.register.enter(self):
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self.register.leave(self)
        self._stop_timers()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._other += len(data)
        super().data_received(data)
        if self._refused or self.transport.is_closing():
            return
        if self.limits.head and self._other > self.limits.head:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._in_head and self._other and self._head_timer is None:
            self._await_head()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    # --- the parser -------------------------------------------------------------------------------------------------

    def on_headers_complete(self) -> None:
        if self._refused:
            return
        if self.limits.target and len(self.url) > self.limits.target:
            self._refuse(HTTPStatus.REQUEST_URI_TOO_LONG)
            return
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if self.limits.head and size > self.limits.head:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        self._in_head = False
        self._stop_head_timer()
        self.register.works(self)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._other -= len(body)
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._refused:
            return
        self._in_head, self._other = True, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        another = bool(self.pipeline)
        super().on_response_complete()
        if not another:
            self.register.waits(self)
        if not another and not self._in_head:  # the answer did not wait for the body: what is left of it is not read
            self.transport.close()
        if self.transport.is_closing() and self.transport.get_write_buffer_size():
            self._await_reader()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        if self.transport.get_write_buffer_size():
            self._await_reader()

    # --- limits -----------------------------------------------------------------------------------------------------

    def _await_head(self) -> None:
        self._head_timer = self._later(self.limits.head_seconds, self._head_is_late)

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self.cycle is not None and not self.cycle.response_complete:
            self._await_head()  # an earlier request of this connection is still being answered
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _await_reader(self) -> None:
        if self._write_timer is None:
            self._write_timer = self._later(self.limits.stalled_seconds, self.transport.abort)

    def _later(self, seconds: float, call: Callable[[], None]) -> asyncio.TimerHandle | None:
        return self.loop.call_later(seconds, call) if seconds else None

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer in the name of the server, unless an answer has begun, and close the connection."""
        self._refused = True
        self._stop_head_timer()
        if self.cycle is None or self.cycle.response_complete:
            text = f"{status.phrase}\n".encode()
            head = (
                f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/plain\r\n"
                f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + text)
        self.transport.close()
        if self.transport.get_write_buffer_size():
            self._await_reader()

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_timers(self) -> None:
        self._stop_head_timer()
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None


def limited(limits: HttpLimits) -> type[LimitedConnection]:
    """Return the kind of connection for one server, which counts its own."""

    class Limited(LimitedConnection):
        pass

    Limited.limits, Limited.register = limits, Connections(limits)
    return Limited
