"""A connection to PostgreSQL, over loopback, that breaks while a transaction is committed."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from sqlalchemy import make_url

_COMMIT = b"COMMIT\0"
_BLOCK = 1 << 16

Loses = Literal["the commit", "the answer"]
"""What is lost: the server never gets the commit, or has done it and its answer is lost."""


class Line:
    """Carries connections to the server behind a socket. Each has a thread of its own."""

    def __init__(self, listener: socket.socket, server: Path) -> None:
        self._listener, self._server = listener, server
        self._loses: Loses | None = None
        self._of = b""
        self._carrying: list[threading.Thread] = []
        self.broke = threading.Event()

    def lose(self, what: Loses, *, of: bytes) -> None:
        """Break once, at the end of the next transaction that changes something."""
        self._loses, self._of = what, of

    def accept(self) -> None:
        with suppress(OSError):  # until the listener is shut down
            while True:
                client, _ = self._listener.accept()
                thread = threading.Thread(target=self._carry, args=[client])
                self._carrying.append(thread)
                thread.start()

    def join(self) -> None:
        """Wait until all connections have ended."""
        for thread in self._carrying:
            thread.join(30)

    def _carry(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(str(self._server))
            told = False
            while True:
                ready, _, _ = select.select([client, server], [], [])
                for one in ready:
                    if not (data := one.recv(_BLOCK)):
                        return
                    told = told or (one is client and self._loses is not None and self._of in data)
                    if told and one is client and _COMMIT in data:
                        self._break(server, data)
                        return
                    (server if one is client else client).sendall(data)

    def _break(self, server: socket.socket, commit: bytes) -> None:
        if self._loses == "the answer":
            server.sendall(commit)
            server.recv(1)
        self._loses = None
        self.broke.set()


@contextmanager
def breaking(url: str) -> Iterator[tuple[str, Line]]:
    """Return a connection to the server whose socket a URL names, and the URL of its other end."""
    named = make_url(url)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = Line(listener, Path(str(named.query["host"])) / ".s.PGSQL.5432")
        accepting = threading.Thread(target=line.accept)
        accepting.start()
        host, port = listener.getsockname()
        try:
            yield named.set(host=host, port=port, query={}).render_as_string(), line
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join(30)
            line.join()
