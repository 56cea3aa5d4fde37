"""Exchanges for tests: drawn by hypothesis, hostile heads included, or made from a number, the same each time."""

from __future__ import annotations

import hashlib
import random
import re
import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from archive.values.capture import Context, Reference
from archive.warc.exchange import Exchange, Request, Response, Tls
from archive.warc.http_head import headers_of, status_of

MORNING = datetime(2026, 11, 24, 6, 30, 0, 123456, tzinfo=UTC)

_value = st.binary(max_size=20).map(lambda octets: octets.replace(b"\n", b"\xff"))
_token = st.from_regex(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}", fullmatch=True)
_line = st.one_of(
    st.tuples(_token, st.sampled_from([b":", b": ", b" :  ", b":\t"]), _value).map(b"".join),
    st.tuples(_token, _value).map(lambda pair: pair[0] + b":" + pair[1] + b"\r\n folded " + pair[1].lstrip(b"\r")),
    st.sampled_from(
        [
            b"Set-Cookie: a=b",
            b"set-cookie: a=b",
            b"X-Latin: caf\xe9",
            b"X-Control: \x00\x01\x7f\r\x0b",
            b"Content-Type: Text/HTML;charset=utf-8",
            b"ETag: \"\xfc\"",
            b"Last-Modified: Tue, 24 Nov 2026 10:00:00 GMT",
            b"Location: ../there?\xc3\xa9#x",
            b"Location: http://[broken/",
        ]
    ),
    _token.map(lambda word: b"no colon " + word),
)  # fmt: skip
_framing = st.sampled_from(
    [
        b"Content-Length: {n}",
        b"content-length:{n} ",
        b"Content-Length: 7",
        b"Content-Length: {n}, {n}",
        b"Content-Length:\r\n {n}",
        b"Content-Length: -1",
        b"Transfer-Encoding: chunked",
        b"transfer-encoding :\r\n\tChunked",
        b"Transfer-Encoding: identity",
    ]
)
_statuses = st.sampled_from(
    [b"200 OK", b"200", b"301 Moved", b"304 Not Modified", b"404 Nicht da \xe4", b"204 ", b"999 ?"]
)
_bodies = st.one_of(st.just(b""), st.binary(max_size=200), st.binary(min_size=1, max_size=40).map(lambda b: b * 50))


@st.composite
def heads(draw: st.DrawFn, length: int) -> bytes:
    """Draw a response head with odd line ends, folds, repeats and bytes; framing headers may be true or false."""
    end = draw(st.sampled_from([b"\r\n", b"\r\n", b"\n"]))
    framing = draw(st.lists(_framing, max_size=3))
    lines = draw(st.permutations(draw(st.lists(_line, max_size=6)) + framing))
    status = draw(st.sampled_from([b"HTTP/1.1 ", b"HTTP/1.0 "])) + draw(_statuses)
    head = b"".join(line.replace(b"{n}", b"%d" % length) + end for line in [status, *lines])
    return head + draw(st.sampled_from([b"\r\n", end]))


@st.composite
def responses(draw: st.DrawFn) -> Response:
    body = draw(_bodies)
    head = draw(heads(len(body)))
    chunked = b"hunked" in head
    trailers = draw(st.sampled_from([b"", b"X-Trailer: \xff\r\n"])) if chunked else b""
    return Response(head, status_of(head) or 0, headers_of(head), body, len(body), chunked, trailers)


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    response = draw(st.none() | responses())
    method = draw(st.sampled_from(["GET", "GET", "HEAD", "POST"]))
    url = draw(
        st.sampled_from(
            ["http://example.org/", "https://example.org/a?b=c#d", "http://example.org/ü \n<x>", "http://[::1]:8080/"]
        )
    )
    lines = draw(st.lists(_line, max_size=4))
    head = method.encode() + b" / HTTP/1.1\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n"
    return Exchange(
        Request(method, url, draw(st.sampled_from([head, head, b""])), draw(st.sampled_from([b"", b"q=1\x00"]))),
        response,
        MORNING + timedelta(microseconds=draw(st.integers(0, 10**12))),
        ip=draw(st.sampled_from([None, "192.0.2.1", "2001:db8::1"])),
        tls=draw(st.sampled_from([None, Tls("TLSv1.3", "TLS_X"), Tls("TLSv1.2", "TLS_Y", verified=False)])),
        truncated=draw(st.sampled_from([None, None, "length", "time", "disconnect"])) if response else None,
        interim=draw(st.sampled_from([(), (b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n",)])),
        received=b"" if response else draw(st.binary(max_size=30)),
        elapsed=timedelta(milliseconds=draw(st.integers(0, 90000))),
        error=draw(st.sampled_from([None, None, "the connection was reset\r\nby “them” \ud800"])),
        proxy=draw(st.sampled_from([None, None, "http://proxy.example:3128"])),
    )  # fmt: skip


def heads_as_received(stored: bytes) -> list[bytes]:
    """Return the two heads that a stored one can come from: with and without its last Content-Length."""
    renamed = re.sub(rb"(?i)^X-Archive-Orig-(?=(?:transfer-encoding|content-length)[ \t]*:)", b"", stored, flags=re.M)
    return [renamed, re.sub(rb"Content-Length: [0-9]+\r\n(\r?\n)\Z", rb"\1", renamed)]


contexts = st.builds(
    Context,
    collection=st.just("default"),
    source=st.text(max_size=10),
    run=st.sampled_from(["run-1", "läuft"]),
    page_id=st.none() | st.uuids().map(str),
    via=st.none() | st.sampled_from(["http://example.org/seed", "http://example.org/\r\nX: y"]),
    hops=st.integers(0, 9),
)

references = st.builds(
    Reference,
    record_id=st.uuids().map(lambda u: f"<urn:uuid:{u}>"),
    url=st.sampled_from(["http://example.org/", "http://example.org/é"]),
    at=st.integers(0, 10**12).map(lambda n: MORNING - timedelta(microseconds=n)),
)


def numbered(number: int, *, size: int | None = None, body: bytes | None = None) -> Exchange:
    """Return the exchange of that number: the same bytes each time."""
    chance = random.Random(number)
    octets = chance.randbytes(size if size is not None else chance.randrange(50, 6000)) if body is None else body
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nETag: \"%d\"\r\nContent-Length: %d\r\n\r\n"
        % (number, len(octets))
    )  # fmt: skip
    url = f"http://example.org/page/{number}"
    request = Request("GET", url, f"GET /page/{number} HTTP/1.1\r\nHost: example.org\r\n\r\n".encode())
    response = Response(head, 200, headers_of(head), octets, len(octets))
    return Exchange(
        request, response, MORNING + timedelta(milliseconds=number), ip="192.0.2.1", elapsed=timedelta(milliseconds=12)
    )


def context(number: int = 0, *, collection: str = "default", page: bool = True) -> Context:
    page_id = str(uuid.UUID(hashlib.md5(b"%d" % number).hexdigest())) if page else None
    return Context(collection, "example", "run-1", page_id=page_id, via="http://example.org/", hops=1)
