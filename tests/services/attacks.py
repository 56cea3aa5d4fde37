"""Clients that send without end, and how many of them there are."""

from __future__ import annotations

import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from conftest import figure

MIB = 1 << 20
ENDLESS = figure(4 * MIB, 200 * MIB, 200 * MIB)
HALF_OPEN = figure(300, 10_000, 10_000)
BEGINNINGS = {
    "many fields": (b"GET /healthz HTTP/1.1\r\nHost: a\r\n", b"X-Field: " + b"v" * 2000 + b"\r\n"),
    "one field": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Field: ", b"v" * 4000),
    "one name": (b"GET /healthz HTTP/1.1\r\nHost: a\r\n", b"v" * 4000),
    "target": (b"GET /", b"v" * 4000),
    "trailer": (
        b"POST /api/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
        b"X-Field: " + b"v" * 2000 + b"\r\n",
    ),
    "chunk extension": (
        b"POST /api/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=",
        b"v" * 4000,
    ),
}


@contextmanager
def many_files() -> Iterator[None]:
    """Let this process hold the connections of the attacks."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def sent(sock: socket.socket, piece: bytes, size: int) -> int:
    """Send up to `size` bytes; return how many were taken before the server closed the connection."""
    done = 0
    try:
        while done < size:
            sock.sendall(piece)
            done += len(piece)
    except OSError:
        pass
    return done
