"""A small HTTP proxy in front of a server that does harm: slow, cut, refused, lost, damaged, or down.

A fault is a function of a call and of `forward`, which passes it on: it may answer by itself, change the request or the
answer, wait, or raise `Cut`. `faults.harm` has some. They are called in order, each passing on to the next.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

HOST = "127.0.0.1"
_LINGER_NOT = struct.pack("ii", 1, 0)
_BLOCK = 1 << 16
_SMALL_BUFFER = 1 << 13


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    target: str
    """Path and query, as sent."""
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> str:
        return urlsplit(self.target).query


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    sent: int | None = None
    """After this many bytes of the body the connection is reset; None: never."""


Forward = Callable[[Call], Answer]
Fault = Callable[[Call, Forward], Answer]


class Cut(Exception):
    """Reset the connection without an answer."""


@dataclass(slots=True)
class FaultProxy:
    """Serves on loopback while it is inside `proxying`."""

    url: str
    faults: Sequence[Fault] = ()
    down: bool = False
    """While this is true, every connection is reset immediately."""
    upload_limit: int | None = None
    """The connection is reset after this many bytes of a request's body."""
    upload_rate: float | None = None
    """Bytes of a request's body that are read in a second, a tenth of them at a time; little is buffered."""
    calls: list[tuple[float, str]] = field(default_factory=list)
    """The time of each request, or of each connection while it was down, and its target."""


@contextmanager
def proxying(
    upstream: str, *, ca: Path | None = None, certificate: tuple[Path, Path] | None = None
) -> Iterator[FaultProxy]:
    """Serve in front of `upstream`, trusting `ca` for https.

    With a certificate and its key, speak TLS to the client.
    """
    with socket.create_server((HOST, 0), backlog=64) as listener:
        scheme = "https" if certificate else "http"
        proxy = FaultProxy(f"{scheme}://{HOST}:{listener.getsockname()[1]}")
        server = _Server(proxy, listener, upstream, _server_context(certificate), _client_context(ca))
        accepting = threading.Thread(target=server.accept)
        accepting.start()
        try:
            yield proxy
        finally:
            server.stop_accepting()
            accepting.join(30)
            server.close()


class _Server:
    def __init__(
        self,
        proxy: FaultProxy,
        listener: socket.socket,
        upstream: str,
        inside: ssl.SSLContext | None,
        outside: ssl.SSLContext,
    ) -> None:
        self._proxy = proxy
        self._listener = listener
        self._upstream = urlsplit(upstream)
        self._inside = inside
        self._outside = outside
        self._stopping = False
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()

    def accept(self) -> None:
        while not self._stopping:
            with suppress(OSError):
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=[connection])
                self._threads.append(thread)
                thread.start()

    def stop_accepting(self) -> None:
        self._stopping = True
        with suppress(OSError), socket.create_connection(self._listener.getsockname()[:2], 1):
            pass  # wakes `accept`

    def close(self) -> None:
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(30)

    def _serve(self, connection: socket.socket) -> None:
        self._open.add(connection)
        if self._proxy.upload_rate:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
        upstream = self._connect()
        try:
            if self._proxy.down:
                connection.recv(1, socket.MSG_PEEK)  # a reset before its first byte makes Python's ssl leak a socket
                self._proxy.calls.append((time.monotonic(), "connect"))
                raise Cut
            if self._inside:
                connection = self._inside.wrap_socket(connection, server_side=True)
                self._open.add(connection)
            with connection.makefile("rb") as incoming:
                while call := self._read(incoming, connection):
                    self._answer(call, connection, upstream)
        except Cut:
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        except (OSError, http.client.HTTPException):
            pass  # the client went away, or the server did
        finally:
            upstream.close()
            connection.close()
            self._open.discard(connection)

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._upstream.hostname or HOST, self._upstream.port
        if self._upstream.scheme == "https":
            return http.client.HTTPSConnection(host, port, context=self._outside, timeout=60)
        return http.client.HTTPConnection(host, port, timeout=60)

    def _read(self, incoming: object, connection: socket.socket) -> Call | None:
        """Read the next request of a connection; None at its end."""
        readline, read = incoming.readline, incoming.read  # type: ignore[attr-defined]
        first = readline().decode("latin-1").split()
        if len(first) != 3 or self._stopping:
            return None
        headers = []
        while line := readline().decode("latin-1").rstrip("\r\n"):
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        sizes = [int(value) for name, value in headers if name.lower() == "content-length"]
        if any(name.lower() == "expect" for name, _ in headers):
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._proxy.calls.append((time.monotonic(), f"{first[0]} {first[1]}"))
        if self._proxy.down:
            raise Cut
        headers = [(name, value) for name, value in headers if name.lower() != "expect"]
        return Call(first[0], first[1], tuple(headers), self._body(read, sum(sizes)))

    def _body(self, read: Callable[[int], bytes], size: int) -> bytes:
        body = bytearray()
        while len(body) < size:
            left = size - len(body)
            if self._proxy.upload_limit is not None:
                left = min(left, self._proxy.upload_limit - len(body))
            if left <= 0:
                raise Cut
            if self._proxy.upload_rate:
                left = min(left, max(1, int(self._proxy.upload_rate / 10)))
            block = read(min(_BLOCK, left))
            if not block:
                raise ConnectionResetError("the client ended in the middle of a body")
            body += block
            if self._proxy.upload_rate:
                time.sleep(len(block) / self._proxy.upload_rate)
        return bytes(body)

    def _answer(self, call: Call, connection: socket.socket, upstream: http.client.HTTPConnection) -> None:
        if self._proxy.upload_rate:
            upstream.close()  # the server hangs up on who is idle while a body comes; the next request connects anew
        forward: Forward = lambda call: _forward(call, upstream)  # noqa: E731
        for fault in reversed(self._proxy.faults):
            forward = _handing_on(fault, forward)
        answer = forward(call)
        head = [f"HTTP/1.1 {answer.status} {http.client.responses.get(answer.status, 'Odd')}"]
        kept = [(name, value) for name, value in answer.headers if name.lower() != "transfer-encoding"]
        if call.method != "HEAD":
            kept = [(name, value) for name, value in kept if name.lower() != "content-length"]
            kept.append(("Content-Length", str(len(answer.body))))
        head += [f"{name}: {value}" for name, value in kept]
        body = answer.body if answer.sent is None else answer.body[: answer.sent]
        connection.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + (b"" if call.method == "HEAD" else body))
        if answer.sent is not None and answer.sent < len(answer.body):
            raise Cut


def _handing_on(fault: Fault, forward: Forward) -> Forward:
    return lambda call: fault(call, forward)


def _forward(call: Call, upstream: http.client.HTTPConnection) -> Answer:
    upstream.putrequest(call.method, call.target, skip_host=True, skip_accept_encoding=True)
    for name, value in call.headers:
        if name.lower() != "content-length":
            upstream.putheader(name, value)
    if call.body or call.method in ("PUT", "POST"):
        upstream.putheader("Content-Length", str(len(call.body)))
    upstream.endheaders(call.body or None)
    with upstream.getresponse() as response:
        return Answer(response.status, tuple(response.getheaders()), response.read())


def _server_context(certificate: tuple[Path, Path] | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def _client_context(ca: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ca) if ca else None)
