"""A cheap HTTP client that reads each response to its end without parsing it further."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Sequence

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


class Connection:
    """A persistent connection, or one per request."""

    def __init__(self, port: int, *, kept: bool = True) -> None:
        self._port = port
        self._kept = kept
        self._socket: socket.socket | None = None

    def get(self, path: str) -> tuple[int, bytes]:
        """Return the status, and the raw body with chunked framing."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        how = "keep-alive" if self._kept else "close"
        head = f"GET {path} HTTP/1.1\r\nHost: localhost:{self._port}\r\nConnection: {how}\r\n\r\n"
        self._socket.sendall(head.encode())
        answer = self._answer(self._socket)
        if not self._kept or b"\r\nConnection: close" in answer[1]:
            self.close()
        return int(answer[0]), answer[1].partition(b"\r\n\r\n")[2]

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @staticmethod
    def _answer(connection: socket.socket) -> tuple[bytes, bytes]:
        got = connection.recv(1 << 18)
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += _more(connection)
        head = got[: end + 4]
        if found := _LENGTH.search(head):
            pieces, missing = [got], end + 4 + int(found[1]) - len(got)
            while missing > 0:
                pieces.append(_more(connection))
                missing -= len(pieces[-1])
            got = b"".join(pieces)
        elif _CHUNKED.search(head):
            pieces = [got]
            while not pieces[-1].endswith(b"0\r\n\r\n"):
                pieces.append(_more(connection))
            got = b"".join(pieces)
        else:
            while piece := connection.recv(1 << 18):
                got += piece
        return head[9:12], got


def _more(connection: socket.socket) -> bytes:
    if not (piece := connection.recv(1 << 18)):
        raise ConnectionError("the server hung up")
    return piece


def ask_all(port: int, paths: Sequence[str], *, clients: int = 1, kept: bool = True, status: int = 200) -> float:
    """Return the seconds that clients take for all paths together. Raises for a response with another status."""
    wrong: list[str] = []

    def ask(mine: Sequence[str]) -> None:
        connection = Connection(port, kept=kept)
        for path in mine:
            found, _ = connection.get(path)
            if found != status:
                wrong.append(f"{found} for {path}")
        connection.close()

    threads = [threading.Thread(target=ask, args=(paths[number::clients],)) for number in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit(f"{len(wrong)} wrong answers, such as {wrong[0]}")
    return time.perf_counter() - begun
