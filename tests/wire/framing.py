"""Heads and bodies that the cases are made of."""

from __future__ import annotations

import gzip

PAGE = b"<!doctype html><title>A page</title><p>\x00\xff caf\xc3\xa9 \r\n\r\n of " + bytes(range(256)) + b"</p>"
HTML = b"Content-Type: text/html\r\n"
MIB = 1 << 20


def head(*fields: bytes, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"\r\n".join([status, *fields, b"", b""])


def sized(body: bytes, *fields: bytes, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return head(*fields, b"Content-Length: %d" % len(body), status=status)


def chunks(body: bytes, size: int, end: bytes = b"0\r\n\r\n") -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + end


IN_CHUNKS = head(HTML[:-2], b"Transfer-Encoding: chunked")
TO_CLOSE = head(HTML[:-2])
GZIPPED = gzip.compress(PAGE, mtime=0)
LARGE = bytes(range(256)) * (2 * MIB // 256)
LONG_TEXT = b"<p>" + b"long text " * 150_000
