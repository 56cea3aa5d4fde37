"""A foreign live server on a loopback socket: it sends what it is configured to send, and records its requests."""

from __future__ import annotations

import contextlib
import socket
from types import TracebackType

from web_of_tests.sockets import Server, Wire


class Stranger:
    def __init__(self, host: str = "127.0.0.1") -> None:
        self.asked: list[str] = []
        """The targets of all requests, in order."""
        self.cookies: list[str] = []
        self.told: list[str] = []
        """The values of all header fields."""
        self._host = host
        self._pages: dict[str, Wire] = {}
        self._server = Server(self._respond, host=host)
        self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        """Receives datagrams, such as those of WebRTC."""
        self.ear.bind((host, 0))
        self.ear.setblocking(False)

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._server.port}"

    @property
    def connections(self) -> int:
        return self._server.connections

    def overheard(self) -> bool:
        """Return whether a datagram has come since the last call."""
        came = False
        with contextlib.suppress(BlockingIOError):
            while self.ear.recv(2048):
                came = True
        return came

    def has(self, path: str, body: str | bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> str:
        """Serve something from now on; return its URL."""
        fields = [("Content-Type", kind), *((name.replace("_", "-"), value) for name, value in headers.items())]
        self._pages[path] = Wire(200, fields, body.encode() if isinstance(body, str) else body)
        return self.url + path

    def moves(self, path: str, target: str) -> str:
        """Redirect from now on; return the URL that redirects."""
        self._pages[path] = Wire(302, [("Location", target)])
        return self.url + path

    def _respond(self, method: str, target: str, headers: dict[str, str]) -> Wire:
        self.asked.append(target)
        self.told += headers.values()
        if "cookie" in headers:
            self.cookies.append(headers["cookie"])
        return self._pages.get(target) or Wire(404, [("Content-Type", "text/plain")], b"nothing")

    def __enter__(self) -> Stranger:
        self._server.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.stop()
        self.ear.close()
