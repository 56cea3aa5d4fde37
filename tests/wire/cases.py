"""The cases that the ledger's server plays: what servers send, right and wrong, and the expected results."""

from __future__ import annotations

import zlib

import brotlicffi
import zstandard
from wire.failures import FAILURES
from wire.framing import GZIPPED, HTML, IN_CHUNKS, LARGE, LONG_TEXT, PAGE, TO_CLOSE, chunks, head, sized
from wire.ledger import Case

HEADS = (
    Case("plain", sized(PAGE, b"Server: ledger", HTML[:-2]), PAGE),
    Case("odd case and order", sized(PAGE, b"x-b: 1", b"X-A: 2", b"cOnTeNt-TyPe: text/html", b"x-B: 3"), PAGE),
    Case("duplicate fields", sized(PAGE, b"Set-Cookie: a=1", b"Via: x", b"Set-Cookie: b=2", b"Set-Cookie: a=1"), PAGE),
    Case("latin-1 in head", sized(PAGE, b"X-Name: caf\xe9 \xff", status=b"HTTP/1.1 200 D\xe9j\xe0 vu"), PAGE),
    Case("control octets in head", sized(PAGE, b"X-Nul: a\x00b\x01\x7f\x0b\x0c\x1bc", b"\x02: d", b"X-Cr: a\rb"), PAGE),
    Case("folded lines", sized(PAGE, b"X-Folded: one\r\n two\r\n\t three  ", b"X-Next: 1"), PAGE),
    Case("a fold before any field", head(b" X-None: 1", b"Content-Length: 2"), b"ok"),
    Case("a folded length", head(b"Content-Length:\r\n 2", b"X-A: 1"), b"ok"),
    Case("a line without a colon", sized(PAGE, b"this is no field", b"X-A: 1"), PAGE),
    Case("an empty name", sized(PAGE, b": value", b"X-A: 1"), PAGE),
    Case("space before the colon", head(b"X-A : 1", b"Content-Length : 2", b"X-B\t: 2"), b"ok"),
    Case("space around values", sized(PAGE, b"X-A:1", b"X-B:   2   ", b"X-C:\t3\t", b"X-D:"), PAGE),
    Case("bare line feeds", b"HTTP/1.1 200 OK\nContent-Length: 2\nX-A: 1\n\n", b"ok"),
    Case("mixed line ends", b"HTTP/1.1 200 OK\r\nX-A: 1\nContent-Length: 2\r\n\n", b"ok"),
    Case("no reason", sized(PAGE, status=b"HTTP/1.1 200"), PAGE),
    Case("a long reason", sized(PAGE, status=b"HTTP/1.1 200 " + b"very " * 500 + b"fine"), PAGE),
    Case("lower-case version", sized(PAGE, status=b"http/1.1 200 ok"), PAGE),
    Case("spaces in the status line", sized(PAGE, status=b"HTTP/1.1   200\tOK"), PAGE),
    Case("an unknown status", sized(PAGE, status=b"HTTP/1.1 999 Request denied"), PAGE),
    Case("no fields at all", b"HTTP/1.1 200 OK\r\n\r\n", PAGE, then="close"),
    Case("a head in many pieces", sized(PAGE, b"X-A: 1"), PAGE, cuts=(1, 8, 14, 16, 17, 18, 30, 45, 46, 47, 48, 60)),
    Case("early hints", sized(PAGE), PAGE, interim=(head(b"Link: </a.css>", status=b"HTTP/1.1 103 Early Hints"),)),
    Case(
        "several 1xx heads",
        sized(PAGE),
        PAGE,
        interim=(
            head(status=b"HTTP/1.1 100 Continue"),
            head(b"X-A: 1", status=b"HTTP/1.1 102 Processing"),
            head(status=b"HTTP/1.1 103 Early"),
        ),
        cuts=(10, 25, 26, 40, 90),
    ),
    Case("switching protocols", head(b"Upgrade: x", status=b"HTTP/1.1 101 Switching Protocols"), then="close"),
    Case("a redirect", sized(b"moved", b"Location: /plain", status=b"HTTP/1.1 301 Moved Permanently"), b"moved"),
    Case("not found", sized(PAGE, status=b"HTTP/1.1 404 Not here"), PAGE),
    Case("out of order", sized(PAGE, b"Retry-After: 1", status=b"HTTP/1.1 503 Out of order"), PAGE),
)

BODIES = (
    Case("an empty body", sized(b"")),
    Case("a body in pieces", sized(PAGE), PAGE, cuts=(30, 50, 51, 52, 100)),
    Case("connection close with a length", sized(PAGE, b"Connection: close"), PAGE, then="close"),
    Case("closed at the end", TO_CLOSE, PAGE, then="close"),
    Case("http 1.0", head(HTML[:-2], status=b"HTTP/1.0 200 OK"), PAGE, then="close"),
    Case("http 1.0 kept alive", sized(PAGE, b"Connection: Keep-Alive", status=b"HTTP/1.0 200 OK"), PAGE),
    Case("http 1.0 in chunks", IN_CHUNKS.replace(b"1.1", b"1.0"), PAGE, chunks(PAGE, 90), chunked=True, then="close"),
    Case("chunks", IN_CHUNKS, PAGE, chunks(PAGE, 100), chunked=True),
    Case("chunks in pieces", IN_CHUNKS, PAGE, chunks(PAGE, 100), chunked=True, cuts=tuple(range(60, 200, 11))),
    Case("an empty body in chunks", IN_CHUNKS, b"", b"0\r\n\r\n", chunked=True),
    Case("chunk extensions", IN_CHUNKS, b"hello", b'5;a=1;b="2"\r\nhello\r\n0;last\r\n\r\n', chunked=True),
    Case("odd chunk sizes", IN_CHUNKS, b"hello wide", b" 0005 \r\nhello\r\n\t5;\r\n wide\r\n000\r\n\r\n", chunked=True),
    Case("chunks with bare line feeds", IN_CHUNKS, b"hello", b"5\nhello\n0\n\n", chunked=True),
    Case(
        "upper-case chunks",
        head(b"TRANSFER-ENCODING: Chunked"),
        PAGE[:10],
        b"A\r\n%b\r\n0\r\n\r\n" % PAGE[:10],
        chunked=True,
    ),
    Case(
        "chunks, gzip and trailers",
        head(b"Transfer-Encoding: chunked", b"Content-Encoding: gzip", b"Trailer: X-Sum"),
        GZIPPED,
        chunks(GZIPPED, 50, b"0\r\nX-Sum: 1\r\nx-other:2\r\n\r\n"),
        trailers=b"X-Sum: 1\r\nx-other:2\r\n",
        chunked=True,
    ),
    Case(
        "two codings of transfer",
        head(b"Transfer-Encoding: x", b"Transfer-Encoding: chunked"),
        PAGE,
        chunks(PAGE, 70),
        chunked=True,
    ),
    Case(
        "a length and chunks",
        head(b"Content-Length: 3", b"Transfer-Encoding: chunked"),
        PAGE,
        chunks(PAGE, 300),
        chunked=True,
    ),
    Case("identity as transfer-encoding", sized(PAGE, b"Transfer-Encoding: identity"), PAGE),
    Case("one length twice", head(b"Content-Length: 2", b"Content-Length: 2"), b"ok"),
    Case("one length twice in a line", head(b"Content-Length: 2, 2"), b"ok"),
    Case("two lengths", head(b"Content-Length: 2", b"Content-Length: 7"), b"octets!"),
    Case("a length that is none", head(b"Content-Length: many"), PAGE, then="close"),
    Case("a negative length", head(b"Content-Length: -5"), PAGE, then="close"),
    Case("more than the length says", head(b"Content-Length: 5"), b"hello", excess=b" and more"),
    Case(
        "more after the last chunk",
        IN_CHUNKS,
        b"hello",
        b"5\r\nhello\r\n0\r\n\r\n",
        excess=b"HTTP/1.1 200 OK",
        chunked=True,
    ),
    Case("head request", sized(PAGE, b"X-A: 1"), b"", b"", method="HEAD"),
    Case("head request with chunks", IN_CHUNKS, b"", b"", method="HEAD"),
    Case("post request", sized(PAGE), PAGE, method="POST", sent_body=b"a=1&b=\x00\xff"),
    Case("post request without a body", sized(PAGE), PAGE, method="POST"),
    Case("no content", head(b"X-A: 1", status=b"HTTP/1.1 204 No Content")),
    Case("not modified", head(b'ETag: "a"', b"Content-Length: 500", status=b"HTTP/1.1 304 Not Modified")),
    Case("gzip", sized(GZIPPED, b"Content-Encoding: gzip", HTML[:-2]), GZIPPED),
    Case("deflate", sized(zlib.compress(PAGE), b"Content-Encoding: deflate"), zlib.compress(PAGE)),
    Case("br", sized(brotlicffi.compress(PAGE), b"Content-Encoding: br"), brotlicffi.compress(PAGE)),
    Case("zstd", sized(zstandard.compress(PAGE), b"Content-Encoding: zstd"), zstandard.compress(PAGE)),
    Case("wrong content-encoding", sized(PAGE, b"Content-Encoding: gzip"), PAGE),
    Case("a large body", sized(LARGE, b"Content-Type: video/mp4"), LARGE, flags=("body-on-disk",)),
    Case(
        "a large body in chunks",
        head(b"Transfer-Encoding: chunked"),
        LARGE,
        chunks(LARGE, 60_000),
        chunked=True,
        flags=("body-on-disk",),
    ),
    Case("a long text", sized(LONG_TEXT, HTML[:-2]), LONG_TEXT),
)

CASES = (*HEADS, *BODIES, *FAILURES)
