"""Open a connection: resolve the host once, ask the guard, connect to an approved address, do the TLS handshake."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import ssl
from collections import deque
from collections.abc import Sequence
from functools import lru_cache, partial
from itertools import chain, zip_longest

from crawler.wire.connection import Connection, Pool, Route
from crawler.wire.guard import Guard
from crawler.wire.proxy import ProxyRefused, open_tunnel
from crawler.wire.recording import TlsPolicy

_STAGGER = 0.25
"""Seconds before the next address is tried in parallel (RFC 8305, section 5)."""
_LEGACY_SERVER_CONNECT = 0x4


class HandshakeFailed(Exception):
    """The TLS handshake with the server at `ip` failed."""

    def __init__(self, host: str, ip: str, why: BaseException) -> None:
        sentence = getattr(why, "verify_message", "") or getattr(why, "reason", "") or str(why)
        super().__init__(f"no TLS session with {host} ({ip}): {sentence}")
        self.ip = ip


class Dialer:
    """Opens the connections of a crawl, and puts them into its pool when they are free."""

    def __init__(self, guard: Guard, tls: TlsPolicy, pool: Pool) -> None:
        self._guard = guard
        self._tls = tls
        self._pool = pool
        self._unverified: set[Route] = set()  # hosts whose invalid certificate was accepted

    async def dial(self, route: Route) -> Connection:
        """Open a connection to a route.

        Raises AddressForbidden, socket.gaierror, other OSErrors when no address can be connected to; ProxyRefused and
        HandshakeFailed after a connection was made.
        """
        host, port = (route.proxy.host, route.proxy.port) if route.proxy else (route.host, route.port)
        if route.proxy:
            self._guard.check_literal(route.host, route.port)
        addresses = await self._guard.resolve(host, port)
        if not route.secure:
            return await self._open(route, addresses, None)
        if route not in self._unverified:
            try:
                return await self._open(route, addresses, verifying_context())
            except HandshakeFailed as failure:
                if self._tls == "strict" or isinstance(failure.__cause__, ConnectionAbortedError):
                    raise  # aborted: the event loop has waited long enough for a handshake
        connection = await self._open(route, addresses, accepting_context())
        self._unverified.add(route)
        return connection

    async def _open(self, route: Route, addresses: Sequence[str], context: ssl.SSLContext | None) -> Connection:
        sock = await self._reach(route, addresses)
        ip = sock.getpeername()[0]
        verified = context is None or context.verify_mode == ssl.CERT_REQUIRED
        made = partial(Connection, route, self._pool, verified=verified)
        name = route.host.rstrip(".") if context else None
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                made, sock=sock, ssl=context, server_hostname=name
            )
        except (OSError, ValueError) as error:
            sock.close()
            raise HandshakeFailed(route.host, ip, error) from error
        return connection

    async def _reach(self, route: Route, addresses: Sequence[str]) -> socket.socket:
        """Return a socket connected to the route's host, through its proxy if it has one."""
        port = route.proxy.port if route.proxy else route.port
        sock = await connect_to_first(addresses, port)
        try:
            self._guard.check(sock.getpeername()[0], port, host=route.host)
            if route.proxy and (route.secure or route.proxy.scheme == "socks5"):
                await open_tunnel(sock, route.proxy, route.host, route.port)
        except OSError as error:
            sock.close()
            assert route.proxy is not None
            raise ProxyRefused(route.proxy, str(error)) from error
        except BaseException:
            sock.close()
            raise
        return sock


async def connect_to_first(addresses: Sequence[str], port: int) -> socket.socket:
    """Return a socket connected to the first of these addresses that answers: families in turn, each with a head start.

    Raises the OSError of the last address when none answers. Event loops offer this for names only, and some not at
    all.
    """
    if len(addresses) == 1:
        return await _connect(addresses[0], port)
    waiting, trying = deque(_families_in_turn(addresses)), set[asyncio.Task[socket.socket]]()
    last: BaseException | None = None
    try:
        while waiting or trying:
            if waiting:
                trying.add(asyncio.create_task(_connect(waiting.popleft(), port)))
            head_start = _STAGGER if waiting else None
            done, trying = await asyncio.wait(trying, timeout=head_start, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if (error := task.exception()) is None:
                    trying |= done - {task}
                    return task.result()
                last = error
        raise last or OSError("no address to connect to")
    finally:
        await _give_up(trying)


async def _connect(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except BaseException:
        sock.close()
        raise
    return sock


async def _give_up(tasks: set[asyncio.Task[socket.socket]]) -> None:
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, socket.socket):
            outcome.close()


def _families_in_turn(addresses: Sequence[str]) -> list[str]:
    six = [address for address in addresses if ":" in address]
    four = [address for address in addresses if ":" not in address]
    first, second = (six, four) if addresses[0] in six else (four, six)
    return [address for address in chain.from_iterable(zip_longest(first, second)) if address]


@lru_cache(maxsize=1)
def verifying_context() -> ssl.SSLContext:
    """Return a context that requires valid certificates.

    It is made once: reading the system's certificates takes tens of milliseconds.
    """
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


@lru_cache(maxsize=1)
def accepting_context() -> ssl.SSLContext:
    """Return a context that accepts any certificate, and old versions and ciphers: such servers are archived, too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.options |= _LEGACY_SERVER_CONNECT
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.set_alpn_protocols(["http/1.1"])
    return context


def why_of(error: Exception) -> str:
    """Return why there is no connection, without the address that asyncio adds.

    After several attempts, return why the first failed.
    """
    number = getattr(error, "errno", None)
    if number is None and (first := re.search(r"\[Errno (\d+)\]", str(error))):
        number = int(first[1])
    return str(error) if number is None or isinstance(error, ssl.SSLError) else os.strerror(number)
