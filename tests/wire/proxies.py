"""Proxies on loopback: plain HTTP, CONNECT and SOCKS5. Whatever host is requested, they lead to one server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class ProxyServer:
    """Leads to a port of 127.0.0.1. `asked` are the requests in its own protocol, in order."""

    def __init__(self, target: int, *, user: bytes = b"", password: bytes = b"", refusal: bytes = b"") -> None:
        """Set up. `refusal` is its answer instead of leading on: an HTTP head, or the number of a SOCKS reply."""
        self.asked: list[bytes] = []
        self._target = target
        self._user, self._password = user, password
        self._refusal = refusal
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._run(self._accept)

    def stop(self) -> None:
        for sock in (self._listener, *self._sockets):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(10)

    def _run(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._sockets.append(client)
                self._run(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client:
            first = client.recv(1, socket.MSG_PEEK)
            through = self._socks(client) if first == b"\x05" else self._http(client)
            if through is not None:
                self._relay(client, through)

    def _http(self, client: socket.socket) -> bytes | None:
        """Return what is to be sent to the target first; None when the connection ends here."""
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        self.asked.append(head)
        if self._refusal:
            client.sendall(self._refusal)
            return None
        if head.startswith(b"CONNECT "):
            client.sendall(b"HTTP/1.1 200 Connection established\r\nX-Proxy: 1\r\n\r\n")
            return b""
        method, url, rest = head.split(b" ", 2)
        path = b"/" + url.split(b"/", 3)[3]
        lines = [line for line in rest.split(b"\r\n") if not line.startswith(b"Proxy-")]
        return b" ".join([method, path, b"\r\n".join(lines)])

    def _socks(self, client: socket.socket) -> bytes | None:
        methods = client.recv(300)[2:]
        client.sendall(b"\x05\x02" if self._user else b"\x05\x00")
        if self._user:
            given = client.recv(600)
            right = given == b"\x01%c%b%c%b" % (len(self._user), self._user, len(self._password), self._password)
            client.sendall(b"\x01\x00" if right and 2 in methods else b"\x01\x01")
            if not right:
                return None
        request = client.recv(600)
        self.asked.append(request)
        client.sendall(b"\x05%c\x00\x01\x00\x00\x00\x00\x00\x00" % (self._refusal or b"\x00"))
        return None if self._refusal else b""

    def _relay(self, client: socket.socket, first: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self._target)) as server:
            self._sockets.append(server)
            server.sendall(first)
            self._run(_pump, server, client)
            _pump(client, server)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxying(target: int, *, user: bytes = b"", password: bytes = b"", refusal: bytes = b"") -> Iterator[ProxyServer]:
    """Run a proxy to that port, until the end of the block."""
    server = ProxyServer(target, user=user, password=password, refusal=refusal)
    try:
        yield server
    finally:
        server.stop()
