"""An HTTP/1.1 server on a loopback socket in a thread of its own, that closes what it opened."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Wire:
    """What goes over the wire: status, header fields, body."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    chunked: bool = False


Respond = Callable[[str, str, dict[str, str]], Wire]
"""(method, target, header fields in lower case) -> what to send."""

_CHUNK = 1500
_PATIENCE = 120
"""Seconds."""


class Server:
    def __init__(self, respond: Respond, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._http = _Http((host, port), _handler(respond))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.port: int = self._http.server_address[1]

    @property
    def connections(self) -> int:
        """The number of accepted connections, with or without a request."""
        return self._http.accepted

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.hang_up()
        self._http.server_close()
        self._http.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        self._answering: set[threading.Thread] = set()
        self.accepted = 0
        self._lock = threading.Lock()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
            self.accepted += 1
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        self._answering.add(threading.current_thread())
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._answering.discard(threading.current_thread())

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that goes away."""

    def hang_up(self) -> None:
        """Close connections that clients keep alive, so that their threads end too."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def join(self) -> None:
        """Wait until all answers ended. Raises RuntimeError with the stack of one that waits for what does not come."""
        for thread in list(self._answering):
            thread.join(_PATIENCE)
            if thread.is_alive():
                stack = traceback.format_stack(sys._current_frames()[thread.ident or 0])
                raise RuntimeError(f"an answer of the site has not ended:\n{''.join(stack)}")


def _handler(respond: Respond) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self.rfile.read(length)
            wire = respond(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
            self.wfile.write(_head(wire) + (b"" if self.command == "HEAD" else _body(wire)))

        do_GET = do_HEAD = do_POST = handle_one  # noqa: N815 (the names that http.server calls)

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing: the newspaper has its own ledger."""

    return Handler


def _head(wire: Wire) -> bytes:
    reasons = {200: "OK", 301: "Moved Permanently", 302: "Found", 304: "Not Modified", 404: "Not Found"}
    lines = [f"HTTP/1.1 {wire.status} {reasons.get(wire.status, 'OK')}"]
    lines += [f"{name}: {value}" for name, value in wire.headers]
    if wire.chunked:
        lines.append("Transfer-Encoding: chunked")
    elif wire.status != 304:
        lines.append(f"Content-Length: {len(wire.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _body(wire: Wire) -> bytes:
    if not wire.chunked or wire.status == 304:
        return wire.body
    pieces = [wire.body[at : at + _CHUNK] for at in range(0, len(wire.body), _CHUNK)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
