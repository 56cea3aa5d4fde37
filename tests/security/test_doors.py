"""Clients that send without end, send nothing, or read nothing are stopped; without the limits they succeed."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

import pytest
import uvicorn
from services.attacks import BEGINNINGS, ENDLESS, HALF_OPEN, MIB, many_files, sent
from services.waiting import eventually
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from uvicorn.server import ServerState

from config.settings import Settings
from pressmark.http.body_limit import BodyLimit, BodyLimits
from pressmark.processes.http_connections import HttpLimits, LimitedConnection, limited, limits_of

OFF = HttpLimits(target=0, head=0, head_seconds=0, stalled_seconds=0, connections=0, by_address=0)
NO_BODY_LIMITS = BodyLimits(size=0, form=0, seconds=0, values=0)


class Door:
    """A server with these limits, in a thread of this process."""

    def __init__(self, limits: HttpLimits, bodies: BodyLimits) -> None:
        self.kind: type[LimitedConnection] = limited(limits)
        routes = [
            Route("/healthz", lambda request: PlainTextResponse("ok")),
            Route("/api/echo", _length, methods=["POST"]),
            Route("/form", _length, methods=["POST"]),
            Route("/large", lambda request: StreamingResponse(_large())),
        ]
        app = Starlette(routes=routes)
        app.add_middleware(BodyLimit, limits=bodies)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.port = self._listener.getsockname()[1]
        config = uvicorn.Config(app, http=self.kind, log_config=None, lifespan="off", access_log=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve([self._listener])))

    @property
    def held(self) -> int:
        return len(self.kind.register)

    def __enter__(self) -> Door:
        self._thread.start()
        eventually(lambda: self._server.started)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()
        self._listener.close()

    def connect(self, address: str = "127.0.0.1") -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30, source_address=(address, 0))

    def is_well(self, address: str = "127.0.0.1") -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(address, 0))
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().read() == b"ok"
        finally:
            connection.close()


async def _length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def _large() -> AsyncIterator[bytes]:
    for _ in range(64):
        yield bytes(MIB)


@contextmanager
def door(limits: HttpLimits | None = None, bodies: BodyLimits | None = None) -> Iterator[Door]:
    with Door(limits or HttpLimits(), bodies or BodyLimits()) as opened:
        yield opened


def answer(sock: socket.socket) -> bytes:
    """Return what comes before the end of the connection."""
    found = b""
    try:
        while piece := sock.recv(65536):
            found += piece
    except OSError:
        pass
    return found


def is_open(sock: socket.socket, seconds: float) -> bool:
    """Return whether nothing comes within these seconds, not even the end."""
    sock.settimeout(seconds)
    try:
        sock.recv(1)
    except TimeoutError:
        return True
    except OSError:
        return False
    return False


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_everything_but_the_body_ends_at_a_limit(kind: str) -> None:
    begin, more = BEGINNINGS[kind]
    with door() as limited_door, limited_door.connect() as sock:
        sock.sendall(begin)
        taken = sent(sock, more, ENDLESS)
        assert taken < ENDLESS
        eventually(lambda: limited_door.held == 0)
        assert limited_door.is_well()
    with door(OFF, NO_BODY_LIMITS) as open_door, open_door.connect() as sock:  # the control
        sock.sendall(begin)
        assert sent(sock, more, 4 * MIB) >= 4 * MIB


@pytest.mark.parametrize(
    "request_head, status",
    [
        (b"GET /" + b"v" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + b"v" * 66_000 + b"\r\n\r\n", 431),
        (b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + b"v" * 60_000 + b"\r\n\r\n", 200),
        (b"GET /healthz?" + b"v" * 16_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 200),
    ],
)
def test_the_answer_says_what_is_too_long(request_head: bytes, status: int) -> None:
    with door() as limited_door, limited_door.connect() as sock:
        sock.sendall(request_head)
        assert sock.recv(65536).startswith(f"HTTP/1.1 {status} ".encode())


def test_silent_connections_keep_nobody_out() -> None:
    limits = HttpLimits(connections=120, by_address=50)
    with many_files(), door(limits) as limited_door, ExitStack() as stack:
        for _ in range(HALF_OPEN):
            sock = stack.enter_context(limited_door.connect())
            sock.send(b"GET /healthz HTTP/1.1\r\nHost: a\r\n")
        assert limited_door.held <= 50
        assert limited_door.is_well()
        assert limited_door.is_well("127.0.0.2")
        for host in range(3, 8):
            for _ in range(40):
                stack.enter_context(limited_door.connect(f"127.0.0.{host}"))
        assert limited_door.held <= 120
        assert limited_door.is_well("127.0.0.9")
    with door(OFF) as open_door, ExitStack() as stack:  # the control
        for _ in range(300):
            stack.enter_context(open_door.connect())
        eventually(lambda: open_door.held == 300)


def test_the_processes_share_the_connections_and_each_holds_all_that_one_address_may() -> None:
    settings = Settings()
    alone, shared = limits_of(settings), limits_of(settings, 4)

    assert (alone.connections, shared.connections) == (settings.http.connections, settings.http.connections // 4)
    assert alone.by_address == shared.by_address == settings.http.connections_by_address


class Peer(asyncio.Transport):
    """A connection from an address that this machine may not have."""

    def __init__(self, address: str) -> None:
        super().__init__({"peername": (address, 1)})
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


def test_the_addresses_of_one_ipv6_network_count_as_one() -> None:
    async def replaced(addresses: list[str]) -> int:
        kind = limited(replace(OFF, by_address=50))
        config = uvicorn.Config(PlainTextResponse("ok"), http=kind, log_config=None)
        config.load()
        peers = [Peer(address) for address in addresses]
        for peer in peers:
            kind(config=config, server_state=ServerState(), app_state={}).connection_made(peer)
        return sum(peer.aborted for peer in peers)

    assert asyncio.run(replaced([f"2001:db8:1:2::{host:x}" for host in range(60)])) == 10
    assert asyncio.run(replaced([f"2001:db8:1:{network:x}::1" for network in range(60)])) == 0  # the control


def test_requests_in_progress_are_not_replaced() -> None:
    limits = HttpLimits(connections=8, by_address=4)
    with door(limits) as limited_door, ExitStack() as stack:
        busy = [stack.enter_context(limited_door.connect()) for _ in range(4)]
        for sock in busy:
            sock.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            assert sock.recv(100).startswith(b"HTTP/1.1 200 ")
        with limited_door.connect() as one_more:
            assert answer(one_more).startswith(b"HTTP/1.1 503 ")
        assert limited_door.is_well("127.0.0.2")
        assert limited_door.held >= 4


def test_a_head_that_never_ends_is_answered_with_a_time_out() -> None:
    for begin in (b"", b"GET /he", b"GET /healthz HTTP/1.1\r\nHost: a\r\n"):
        with door(replace(HttpLimits(), head_seconds=0.3)) as limited_door, limited_door.connect() as sock:
            sock.sendall(begin)
            assert answer(sock).startswith(b"HTTP/1.1 408 ")
        with door(OFF) as open_door, open_door.connect() as sock:  # the control
            sock.sendall(begin)
            assert is_open(sock, 1.0)


def test_a_second_head_has_the_same_limit() -> None:
    with door(replace(HttpLimits(), head_seconds=0.3)) as limited_door, limited_door.connect() as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        found = b""
        while not found.endswith(b"ok"):
            found += sock.recv(65536)
        sock.sendall(b"GET /he")
        assert answer(sock).startswith(b"HTTP/1.1 408 ")


def test_a_client_that_reads_nothing_loses_its_connection() -> None:
    request = b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
    with door(replace(HttpLimits(), stalled_seconds=0.5)) as limited_door, limited_door.connect() as sock:
        sock.sendall(request)
        eventually(lambda: limited_door.held == 1)
        eventually(lambda: limited_door.held == 0)
    with door(OFF) as open_door, open_door.connect() as sock:  # the control
        sock.sendall(request)
        eventually(lambda: open_door.held == 1)
        time.sleep(1.5)
        assert open_door.held == 1


def test_a_client_that_reads_slowly_gets_it_all() -> None:
    with door(replace(HttpLimits(), stalled_seconds=5)) as limited_door, limited_door.connect() as sock:
        sock.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        found = 0
        while piece := sock.recv(MIB):
            found += len(piece)
            time.sleep(0.001)
    assert found > 64 * MIB


def posted(opened: Door, path: str, body: bytes, *, chunked: bool = False) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", opened.port, timeout=30)
    try:
        pieces = (body[begin : begin + 50_000] for begin in range(0, len(body), 50_000))
        with suppress(OSError):  # the answer comes before the end of the body
            connection.request("POST", path, body=pieces if chunked else body, encode_chunked=chunked)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path, most", [("/api/echo", MIB), ("/form", 64 << 10)])
def test_a_body_ends_at_the_limit_of_its_route(path: str, most: int, chunked: bool) -> None:
    with door() as limited_door:
        assert posted(limited_door, path, bytes(most), chunked=chunked) == 200
        assert posted(limited_door, path, bytes(most + 1), chunked=chunked) == 413
    with door(bodies=NO_BODY_LIMITS) as open_door:  # the control
        assert posted(open_door, path, bytes(most + 1), chunked=chunked) == 200


def test_a_body_that_never_ends_is_answered_with_a_time_out() -> None:
    head = b"POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\na"
    with door(bodies=replace(BodyLimits(), seconds=0.3)) as limited_door, limited_door.connect() as sock:
        sock.sendall(head)
        assert answer(sock).startswith(b"HTTP/1.1 408 ")
    with door(OFF, NO_BODY_LIMITS) as open_door, open_door.connect() as sock:  # the control
        sock.sendall(head)
        assert is_open(sock, 1.0)


@pytest.mark.parametrize("chunked", [False, True])
def test_json_has_a_limit_of_values(chunked: bool) -> None:
    """Half a million wrong items of a list took half a gigabyte, and two seconds of the event loop."""
    many, few = b"[" + b"1," * 20_000 + b"1]", b"[" + b"1," * 19_000 + b"1]"
    commas, deep, no_json = b'["' + b"," * 50_000 + b'"]', b"[" * 50_000 + b"]" * 50_000, b"x" + b"," * 50_000
    bodies = (many, few, commas, deep, no_json)
    others = (b" " * 60_000 + many, many.decode().encode("utf-16-be"), many.decode().encode("utf-8-sig"))

    def ends(opened: Door, some: tuple[bytes, ...]) -> list[int]:
        return [posted(opened, "/api/echo", body, chunked=chunked) for body in some]

    with door() as limited_door:
        assert ends(limited_door, bodies) == [422, 200, 200, 422, 200]
        assert ends(limited_door, others) == [422, 422, 422]
    with door(bodies=NO_BODY_LIMITS) as open_door:  # the control
        assert ends(open_door, (many, *others)) == [200] * 4
