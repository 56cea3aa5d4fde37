"""Exchanges as WARC 1.1 records, one gzip member a record (ISO 28500:2017), and records read back.

An exchange becomes, in this order,

* `response`, or `revisit` when the payload is kept already (identical-payload-digest) or the server said 304 to our
  validators (server-not-modified),
* `request`, WARC-Concurrent-To the first, with the values of Authorization, Proxy-Authorization and Cookie redacted,
* `metadata` (application/warc-fields), WARC-Concurrent-To the first: only when there is more to say than time and
  via, that is an error, interim responses, trailers, octets that made no head, a proxy or a certificate that did not
  pass. A member costs some 300 octets and 20 µs; the few facts that every exchange has travel as WARC-JSON-Metadata
  in the first record instead: source, run, via, hops, ms, and for a revisit its payload's sha256 and length.

The records are put together here and not by a library: see docs/decisions/0005-warc-records.md.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from itertools import chain
from typing import Any, BinaryIO, Literal
from urllib.parse import quote

from isal import isal_zlib

from archive.capture import Context, Reference
from archive.digest import Payload, blocks, digest_payload
from archive.exchange import Exchange, Response
from archive.httphead import as_stored, redacted
from archive.record import Damage, Record, read, record_at

__all__ = ["Damage", "Record", "Revisit", "Write", "Written", "read", "record_at", "records", "warcinfo"]

Profile = Literal["identical-payload-digest", "server-not-modified"]
Write = Callable[[bytes], object]

LEVEL = 2
"""Of isal. Level 1 saves nothing, 3 doubles the cost for 2 % and zlib's 6 costs eight times as much for 8 %."""

PROFILE = "http://netpreserve.org/warc/1.1/revisit/"

_WHOLE = 1 << 20
_RESPONSE = b"application/http;msgtype=response"
_SAFE = "!#$%&'()*+,/:;=?@[]~|{}^`\\\"<>"
_MILLISECOND = timedelta(milliseconds=1)
_JSON = json.JSONEncoder(separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Revisit:
    """That a payload is kept already, and where."""

    original: Reference
    profile: Profile = "identical-payload-digest"


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an exchange: its main record and how many octets it and all its records take."""

    record_id: str
    length: int
    span: int
    records: int


def records(
    exchange: Exchange,
    context: Context,
    write: Write,
    *,
    payload: Payload | None = None,
    revisit: Revisit | None = None,
) -> Written:
    """Write the records of an exchange. `payload` saves digesting again; `write` is called with whole gzip members,
    or with pieces of one when the body is long.
    """
    making = _Records(exchange, context, write)
    if exchange.response:
        making.answer(exchange.response, payload or digest_payload(exchange.response.body), revisit)
    if exchange.request.head:
        making.request()
    if not making.sizes or _remarkable(exchange):
        making.metadata()
    return Written(making.main, making.sizes[0], sum(making.sizes), len(making.sizes))


def warcinfo(name: str, at: datetime, facts: Mapping[str, str], *, record_id: str | None = None) -> bytes:
    """The first record of the segment `name`, a whole gzip member. `facts` are further fields: isPartOf, robots, …"""
    fields = {
        "software": software(),
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        **facts,
    }
    block = _warc_fields(fields.items())
    start = _start("warcinfo", record_id or new_id())
    start += f"\r\nWARC-Date: {date(at)}\r\nWARC-Filename: {name}.warc.gz".encode()
    return _member(start, b"application/warc-fields", block)


@cache
def software() -> str:
    """What a file of ours says that it was written by: ``pressmark/`` and our version."""
    return f"pressmark/{version('pressmark')}"


def date(at: datetime) -> str:
    """WARC-Date to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def uri(url: str) -> str:
    """The URL as it stands in a field: spaces, control characters and all beyond ASCII percent-encoded."""
    if url.isascii() and url.isprintable() and " " not in url:
        return url
    return quote(url, safe=_SAFE, errors="surrogatepass")


class _Records:
    """The records of one exchange in the making: the first is the main one, the others accompany it."""

    def __init__(self, exchange: Exchange, context: Context, write: Write) -> None:
        self.main = new_id()
        self.sizes: list[int] = []
        self._exchange, self._context, self._write = exchange, context, write
        self._common = _common(exchange, context)

    def answer(self, response: Response, payload: Payload, revisit: Revisit | None) -> None:
        bodiless = self._exchange.request.method == "HEAD" or response.status in {204, 304}
        head = as_stored(response.head, payload.length, bodiless=bodiless)
        digest = b"\r\nWARC-Payload-Digest: sha1:" + payload.sha1.encode()
        if revisit and revisit.profile == "server-not-modified":
            self._member("revisit", _RESPONSE, head, fields=_refers(revisit))
        elif revisit:
            self._member("revisit", _RESPONSE, head, fields=digest + _refers(revisit), payload=payload)
        else:
            cut = self._exchange.truncated
            fields = digest + (b"\r\nWARC-Truncated: " + cut.encode() if cut else b"")
            self._member("response", _RESPONSE, head, response.body, fields=fields)

    def request(self) -> None:
        request = self._exchange.request
        head = request.head if self._context.record_auth else redacted(request.head)
        digest = b"\r\nWARC-Payload-Digest: " + _sha1((request.body,)) if request.body else b""
        self._member("request", b"application/http;msgtype=request", head, request.body, fields=digest)

    def metadata(self) -> None:
        block = _warc_fields(_remarks(self._exchange, self._context))
        self._member("metadata", b"application/warc-fields", block)

    def _member(
        self,
        kind: str,
        content_type: bytes,
        head: bytes,
        body: bytes | BinaryIO = b"",
        *,
        fields: bytes = b"",
        payload: Payload | None = None,
    ) -> None:
        concurrent = bool(self.sizes)
        start = _start(kind, new_id() if concurrent else self.main) + self._common + fields
        start += f"\r\nWARC-Concurrent-To: {self.main}".encode() if concurrent else self._facts(payload)
        if isinstance(body, bytes) and len(body) <= _WHOLE:
            self.sizes.append(self._put(_member(start, content_type, head, body)))
        else:
            self.sizes.append(sum(map(self._put, _long_member(start, content_type, head, body))))

    def _put(self, octets: bytes) -> int:
        self._write(octets)
        return len(octets)

    def _facts(self, payload: Payload | None) -> bytes:
        context, elapsed = self._context, self._exchange.elapsed
        facts: dict[str, Any] = {"source": context.source, "run": context.run, "hops": context.hops}
        if context.via:
            facts["via"] = context.via
        if elapsed:
            facts["ms"] = elapsed // _MILLISECOND
        if payload:
            facts["sha256"], facts["length"] = payload.sha256, payload.length
        return b"\r\nWARC-JSON-Metadata: " + _JSON.encode(facts).encode()


def _common(exchange: Exchange, context: Context) -> bytes:
    """The fields that the records of an exchange share."""
    fields = [f"\r\nWARC-Date: {date(exchange.at)}\r\nWARC-Target-URI: {uri(exchange.request.url)}"]
    if exchange.ip:
        fields.append(f"\r\nWARC-IP-Address: {exchange.ip}")
    fields.append(f"\r\nWARC-Protocol: {exchange.protocol}")
    if exchange.tls:
        protocol = exchange.tls.version.lower().replace("v", "/", 1)
        fields.append(f"\r\nWARC-Protocol: {protocol}\r\nWARC-Cipher-Suite: {exchange.tls.cipher}")
    if context.page_id:
        fields.append(f"\r\nWARC-Page-ID: {one_line(context.page_id)}")
    return "".join(fields).encode()


def _refers(revisit: Revisit) -> bytes:
    """A revisit that leaves the payload out says so: WARC-Truncated (ISO 28500:2017, 6.7.2)."""
    original = revisit.original
    cut = "\r\nWARC-Truncated: length" if revisit.profile == "identical-payload-digest" else ""
    return (
        f"\r\nWARC-Profile: {PROFILE}{revisit.profile}\r\nWARC-Refers-To: {original.record_id}"
        f"\r\nWARC-Refers-To-Target-URI: {uri(original.url)}\r\nWARC-Refers-To-Date: {date(original.at)}{cut}"
    ).encode()


def _remarkable(exchange: Exchange) -> bool:
    if exchange.error or exchange.interim or exchange.received or exchange.proxy or exchange.response is None:
        return True
    return bool(exchange.response.trailers or (exchange.tls and not exchange.tls.verified))


def _remarks(exchange: Exchange, context: Context) -> Iterator[tuple[str, str]]:
    """What the other records can't say. Octets as they came are in base64."""
    yield "fetchTimeMs", str(exchange.elapsed // _MILLISECOND)
    yield "hopsFromSeed", str(context.hops)
    if context.via:
        yield "via", context.via
    if exchange.error:
        yield "fetchError", exchange.error
    if exchange.proxy:
        yield "proxy", exchange.proxy
    if exchange.tls and not exchange.tls.verified:
        yield "tlsVerdict", "the certificate did not pass"
    for head in exchange.interim:
        yield "interimResponse", _base64(head)
    if exchange.response and exchange.response.trailers:
        yield "trailers", _base64(exchange.response.trailers)
    if exchange.received:
        yield "received", _base64(exchange.received)


def _warc_fields(fields: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {one_line(value)}\r\n" for name, value in fields).encode(errors="replace")


def one_line(text: str) -> str:
    """Text fit for the value of a field: runs of white space and control characters are one space."""
    return text if text.isprintable() else " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _sha1(parts: Iterable[bytes]) -> bytes:
    digest = hashlib.sha1(usedforsecurity=False)
    for part in parts:
        digest.update(part)
    return b"sha1:" + base64.b32encode(digest.digest())


def new_id() -> str:
    """A random UUID (RFC 9562, version 4), made four times as fast as by the library."""
    digits = os.urandom(16).hex()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"<urn:uuid:{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}>"


def _start(kind: str, record_id: str) -> bytes:
    return f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: {record_id}".encode()


def _head(start: bytes, content_type: bytes, digest: bytes, length: int) -> bytes:
    form = b"%b\r\nWARC-Block-Digest: %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
    return form % (start, digest, content_type, length)


def _member(start: bytes, content_type: bytes, *block: bytes) -> bytes:
    """A whole record, compressed."""
    head = _head(start, content_type, _sha1(block), sum(map(len, block)))
    member: bytes = isal_zlib.compress(b"".join((head, *block, b"\r\n\r\n")), LEVEL, 31)
    return member


def _long_member(start: bytes, content_type: bytes, head: bytes, body: bytes | BinaryIO) -> Iterator[bytes]:
    """A record too long to be held twice, in pieces: its body goes through the compressor a MiB at a time."""
    length = len(head) + sum(map(len, blocks(body)))
    digest = _sha1(chain((head,), blocks(body)))
    gzip = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, 31)
    yield gzip.compress(_head(start, content_type, digest, length))
    for piece in chain((head,), blocks(body), (b"\r\n\r\n",)):
        yield gzip.compress(piece)
    yield gzip.flush()
