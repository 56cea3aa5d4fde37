"""Write exchanges as WARC 1.1 records, one gzip member per record (ISO 28500:2017).

An exchange becomes, in this order:

* `response`, or `revisit` if the payload is already archived (identical-payload-digest) or the server answered our
validators with 304 (server-not-modified),
* `request`, WARC-Concurrent-To the first, with the values of Authorization, Proxy-Authorization and Cookie redacted,
* `metadata` (application/warc-fields), WARC-Concurrent-To the first: only if there is more to say than time and
via: an error, interim responses, trailers, bytes that are not a complete head, a proxy or an invalid certificate.
A member costs some 300 bytes and 20 µs. So the few facts of every exchange are WARC-JSON-Metadata in the first
record instead: source, run, via, hops, ms, what the site says elsewhere of the use of the page, and for a revisit its
payload's sha256 and length. The peer, the protocol and the page are in the first record alone, too: the others name it.

warcio builds and writes the records (`archive.warc.record_writer`); see docs/decisions/0005-warc-records.md.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal
from urllib.parse import quote

from archive.values.capture import Context, Reference
from archive.values.digest import Payload, digest_payload, sha1_base32
from archive.values.errors import ArchiveError
from archive.warc.exchange import Exchange, Response
from archive.warc.http_head import as_stored, redacted
from archive.warc.record import Damage, Record, read, record_at
from archive.warc.record_writer import Built, PackedBodyWriter, RecordWriter, Write
from config import __version__

__all__ = ["Damage", "Record", "Revisit", "Write", "Written", "read", "record_at", "records", "warcinfo"]

Profile = Literal["identical-payload-digest", "server-not-modified"]
PROFILE = "http://netpreserve.org/warc/1.1/revisit/"

_WRITER = RecordWriter()
_REVISITS = RecordWriter(partial(zlib.compressobj, 6, zlib.DEFLATED, 31))
"""A site that rarely changes is archived mostly as revisits: 6 µs more for each save 3 % of them."""
_PACKED = PackedBodyWriter()
_CODINGS = {b"gzip": b"\x1f\x8b", b"x-gzip": b"\x1f\x8b", b"zstd": b"\x28\xb5\x2f\xfd", b"br": b""}
"""Content-codings of bodies that are compressed, with their first bytes: some servers name one and send plain text."""
_SAFE = "!#$%&'()*+,/:;=?@[]~|{}^`\\\"<>"
_MILLISECOND = timedelta(milliseconds=1)
_JSON = json.JSONEncoder(separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Revisit:
    """The reference to a payload that is already archived."""

    original: Reference
    profile: Profile = "identical-payload-digest"


class OriginalGone(ArchiveError):
    """An answer 304 (Not Modified) was not kept: the capture that has its content can't be read, or is being purged."""

    def __init__(self) -> None:
        super().__init__("the capture that this answer (304) refers to is lost; the page is requested in full")


@dataclass(frozen=True, slots=True)
class Written:
    """The result of writing an exchange: its main record, and the sizes of that record and of all records in bytes."""

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
    """Write the records of an exchange. `payload` avoids digesting again. `write` is called with complete gzip members,
    or with pieces of one if the body is long.
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
    """Return the first record of the segment `name`, one gzip member. `facts` are more fields: isPartOf, robots, …"""
    fields = {
        "software": software(),
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        **facts,
    }
    info = {key: one_line(value) for key, value in fields.items()}
    record = _WRITER.warcinfo(f"{name}.warc.gz", info, record_id=record_id or new_id(), date=date(at))
    return _WRITER.packed(record)


def software() -> str:
    """Return the value of the field "software" in our files: ``pressmark/`` and the version."""
    return f"pressmark/{__version__}"


def date(at: datetime) -> str:
    """Format a WARC-Date to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def uri(url: str) -> str:
    """Return a URL for a field: spaces, control characters and non-ASCII characters percent-encoded."""
    if url.isascii() and url.isprintable() and " " not in url:
        return url
    return quote(url, safe=_SAFE, errors="surrogatepass")


class _Records:
    """Builds the records of one exchange: the first is the main one, the others accompany it."""

    def __init__(self, exchange: Exchange, context: Context, write: Write) -> None:
        self.main = new_id()
        self.sizes: list[int] = []
        self._exchange, self._context, self._write = exchange, context, write
        self._event = [("WARC-Date", date(exchange.at)), ("WARC-Target-URI", uri(exchange.request.url))]

    def answer(self, response: Response, payload: Payload, revisit: Revisit | None) -> None:
        bodiless = self._exchange.request.method == "HEAD" or response.status in {204, 304}
        head = as_stored(response.head, payload.length, bodiless=bodiless)
        if revisit and revisit.profile == "server-not-modified":
            self._put(_WRITER.record("revisit", [*self._fields(), *_unchanged(revisit)], head), _REVISITS)
        elif revisit:
            self._put(self._identical(head, payload, revisit.original), _REVISITS)
        else:
            cut = self._exchange.truncated
            fields = [*self._fields(), ("WARC-Payload-Digest", f"sha1:{payload.sha1}")]
            fields += [("WARC-Truncated", cut)] if cut else []
            writer = _PACKED if _is_packed(response) else _WRITER
            self._put(writer.record("response", fields, head, response.body, payload.length), writer)

    def request(self) -> None:
        request = self._exchange.request
        head = request.head if self._context.record_auth else redacted(request.head)
        fields = self._fields()
        if request.body:
            fields.append(("WARC-Payload-Digest", f"sha1:{sha1_base32(request.body)}"))
        self._put(_WRITER.record("request", fields, head, request.body))

    def metadata(self) -> None:
        block = _warc_fields(_remarks(self._exchange, self._context))
        self._put(_WRITER.record("metadata", self._fields(), body=block))

    def _identical(self, head: bytes, payload: Payload, original: Reference) -> Built:
        """Build a revisit. It omits the payload, so it has WARC-Truncated (ISO 28500:2017, 6.7.2)."""
        fields = [*self._fields(payload), ("WARC-Refers-To", original.record_id), ("WARC-Truncated", "length")]
        return _WRITER.revisit(
            fields,
            head,
            url=uri(self._exchange.request.url),
            digest=f"sha1:{payload.sha1}",
            original_url=uri(original.url),
            original_date=date(original.at),
        )

    def _fields(self, payload: Payload | None = None) -> list[tuple[str, str]]:
        """Return the first fields: for accompanying records, only what identifies them and the main one."""
        if self.sizes:
            record_id = companion_id(self.main, len(self.sizes))
            return [("WARC-Record-ID", record_id), *self._event, ("WARC-Concurrent-To", self.main)]
        peer = _peer(self._exchange, self._context)
        return [("WARC-Record-ID", self.main), *self._event, *peer, ("WARC-JSON-Metadata", self._facts(payload))]

    def _put(self, record: Built, writer: RecordWriter = _WRITER) -> None:
        self.sizes.append(writer.put(record, self._write))

    def _facts(self, payload: Payload | None) -> str:
        context, elapsed = self._context, self._exchange.elapsed
        facts: dict[str, Any] = {"source": context.source, "run": context.run, "hops": context.hops}
        if context.via:
            facts["via"] = context.via
        if elapsed:
            facts["ms"] = elapsed // _MILLISECOND
        if context.reservations:
            facts["reservations"] = context.reservations
        if payload:
            facts["sha256"], facts["length"] = payload.sha256, payload.length
        return _JSON.encode(facts)


def _is_packed(response: Response) -> bool:
    """Return whether a body in memory is compressed already."""
    codings = [value for name, value in response.headers if name.lower() == b"content-encoding"]
    begin = _CODINGS.get(codings[0].strip().lower()) if len(codings) == 1 else None
    return begin is not None and isinstance(response.body, bytes) and response.body.startswith(begin)


def _peer(exchange: Exchange, context: Context) -> list[tuple[str, str]]:
    """Return the fields about the connection, and the page that the exchange belongs to."""
    fields = [("WARC-IP-Address", exchange.ip)] if exchange.ip else []
    fields.append(("WARC-Protocol", exchange.protocol))
    if exchange.tls:
        protocol = exchange.tls.version.lower().replace("v", "/", 1)
        fields += [("WARC-Protocol", protocol), ("WARC-Cipher-Suite", exchange.tls.cipher)]
    if context.page_id:
        fields.append(("WARC-Page-ID", one_line(context.page_id)))
    return fields


def _unchanged(revisit: Revisit) -> list[tuple[str, str]]:
    """Return the fields with which a revisit after a 304 refers to its original (ISO 28500:2017, 6.7.3)."""
    original = revisit.original
    return [
        ("WARC-Profile", PROFILE + revisit.profile),
        ("WARC-Refers-To", original.record_id),
        ("WARC-Refers-To-Target-URI", uri(original.url)),
        ("WARC-Refers-To-Date", date(original.at)),
    ]


def _remarkable(exchange: Exchange) -> bool:
    if exchange.error or exchange.interim or exchange.received or exchange.proxy or exchange.response is None:
        return True
    return bool(exchange.response.trailers or (exchange.tls and not exchange.tls.verified))


def _remarks(exchange: Exchange, context: Context) -> Iterator[tuple[str, str]]:
    """Yield the facts that no other record holds. Raw bytes are in base64."""
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
    """Return text for the value of a field: runs of white space and control characters become one space."""
    return text if text.isprintable() else " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def new_id() -> str:
    """Return a random UUID (RFC 9562, version 4), four times as fast as the standard library."""
    digits = os.urandom(16).hex()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"<urn:uuid:{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}>"


def companion_id(main: str, number: int) -> str:
    """Return the id of the record `number` (below 16) after a main one: only its last digit differs.

    A record has both ids. Alike, they take 20 bytes less of the compressed record.
    """
    return f"{main[:-2]}{(int(main[-2], 16) + number) % 16:x}>"
