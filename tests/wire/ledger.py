"""A server on raw sockets that keeps a ledger of every byte it received and sent.

It plays cases (`wire.cases`): what to send for which path, in which pieces, and what to do to the connection then.
"""

from __future__ import annotations

import itertools
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from archive.values.capture import Truncated

Then = Literal["keep", "close", "reset", "stall"]
"""The state of the connection after the last piece; `stall` holds it open and sends nothing more."""

_PAUSE = 0.02
"""Seconds between two pieces, so that they arrive separately."""


@dataclass(frozen=True)
class Case:
    """What is sent for one path, and the expected result."""

    name: str
    head: bytes = b""
    body: bytes = b""
    framed: bytes | None = None
    """The body as sent; None when that is the same."""
    interim: tuple[bytes, ...] = ()
    received: bytes = b""
    """What is sent instead of a head and a body."""
    trailers: bytes = b""
    excess: bytes = b""
    """What is sent after the answer's end."""
    then: Then = "keep"
    cuts: tuple[int, ...] = ()
    """Where the bytes to be sent are cut into pieces."""
    method: str = "GET"
    sent_body: bytes = b""
    chunked: bool = False
    truncated: Truncated | None = None
    error: str | None = None
    """Part of the sentence that says what is wrong."""
    raises: str | None = None
    """The name of the exception that Scrapy gets."""
    flags: tuple[str, ...] = ()
    meta: tuple[tuple[str, object], ...] = ()
    kept: int | None = None
    """The bytes of the body that are kept, if a limit cuts it; the rest may not even be sent."""

    @property
    def path(self) -> str:
        return "/" + self.name.replace(" ", "-").replace(",", "")

    @property
    def octets(self) -> bytes:
        """All that is sent."""
        body = self.body if self.framed is None else self.framed
        return b"".join(self.interim) + self.head + body + self.received + self.excess

    @property
    def pieces(self) -> list[bytes]:
        ends = [0, *self.cuts, len(self.octets)]
        return [self.octets[begin:end] for begin, end in itertools.pairwise(ends)]


@dataclass
class Entry:
    """A line of the ledger: one request as received, and what was sent for it."""

    path: str
    received: bytes
    connection: int
    sent: bytearray = field(default_factory=bytearray)


class LedgerServer:
    """Plays each case at its path, any number of times, on 127.0.0.1; with TLS when there is a context.

    A path may have several cases: they are played in turn, the last one repeatedly.
    """

    def __init__(self, cases: Iterable[Case], context: ssl.SSLContext | None = None) -> None:
        self.ledger: list[Entry] = []
        self.protocols: list[str | None] = []
        """The protocols that TLS clients negotiated (ALPN)."""
        self._plays: dict[str, list[Case]] = {}
        for case in cases:
            self._plays.setdefault(case.path, []).append(case)
        self._context = context
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]

    @property
    def root(self) -> str:
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def url(self, case: Case) -> str:
        return self.root + case.path

    def entries(self, path: str) -> list[Entry]:
        """Return the ledger of one path."""
        with self._lock:
            return [entry for entry in self.ledger if entry.path == path]

    @property
    def connections(self) -> int:
        """Return how many connections carried a request."""
        with self._lock:
            return len({entry.connection for entry in self.ledger})

    @property
    def open_connections(self) -> int:
        """Return how many connections are open on this side: the other side may have closed them a moment ago."""
        with self._lock:
            return sum(sock.fileno() != -1 for sock in self._sockets)

    def start(self) -> None:
        self._run(self._accept)

    def stop(self) -> None:
        self._over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            sockets = list(self._sockets)
        for sock in sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _run(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while not self._over.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            number += 1
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._run(self._serve, sock, number)

    def _serve(self, sock: socket.socket, number: int) -> None:
        if self._context:
            with suppress(OSError), sock:
                self._serve_securely(sock, self._context, number)
            return
        self._serve_openly(sock, number)

    def _serve_securely(self, sock: socket.socket, context: ssl.SSLContext, number: int) -> None:
        session = context.wrap_socket(sock, server_side=True)
        self.protocols.append(session.selected_alpn_protocol())
        self._serve_openly(session, number)

    def _serve_openly(self, sock: socket.socket, number: int) -> None:
        with self._lock:
            self._sockets.add(sock)
        with suppress(OSError), sock:
            while (request := _read_request(sock)) and self._play(sock, request, number):
                pass

    def _play(self, sock: socket.socket, request: bytes, number: int) -> bool:
        """Answer a request. Return False when no more is read from this connection."""
        path = request.split(b" ", 2)[1].decode()
        plays = self._plays[path]
        entry = Entry(path, request, number)
        with self._lock:
            case = plays[min(len([one for one in self.ledger if one.path == path]), len(plays) - 1)]
            self.ledger.append(entry)
        for position, piece in enumerate(case.pieces):
            if position:
                time.sleep(_PAUSE)
            entry.sent += piece
            sock.sendall(piece)
        return self._end(sock, case.then)

    def _end(self, sock: socket.socket, then: Then) -> bool:
        if then == "stall":
            self._over.wait(60)
        elif then == "reset":
            time.sleep(5 * _PAUSE)  # bytes that are not yet read are lost at a reset
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            socket.close(sock.detach())
        return then == "keep"


@contextmanager
def playing(cases: Sequence[Case], context: ssl.SSLContext | None = None) -> Iterator[LedgerServer]:
    """Serve these cases, until the end of the block."""
    server = LedgerServer(cases, context)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _read_request(sock: socket.socket) -> bytes:
    """Read a request, head and body; empty when the connection is closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    wanted = int(lengths[0]) if lengths else 0
    while len(body) < wanted:
        more = sock.recv(65536)
        data, body = data + more, body + more
    return data
