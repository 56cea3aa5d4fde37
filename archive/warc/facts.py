"""Make captures from an exchange, or from its records alone. Both give the same captures."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, Protocol, cast, get_args
from urllib.parse import urljoin

from archive.values import reservations
from archive.values.capture import WITH_PAYLOAD, Capture, Context, Kind, Location, Reference, Truncated
from archive.values.digest import Payload, digest_pieces, sha1_base32, stated_digests
from archive.values.digest import sha256 as sha256_of
from archive.values.reservations import Field
from archive.values.timestamps import parse_date
from archive.warc.exchange import Exchange, Headers
from archive.warc.exchange_records import Revisit, Written, one_line, uri
from archive.warc.http_head import status_of, wanted
from archive.warc.record import Record

CAPTURED = frozenset({"response", "revisit", "resource", "conversion"})
"""The record types that are captures."""
_QUESTIONS = frozenset({"request", "metadata"})
_TRUNCATED = frozenset(get_args(Truncated))
_MIME = re.compile(rb"[^\s;,\x00-\x20\x7f-\xff]+")
_JSON = json.JSONDecoder()
_LONGEST_VALIDATOR = 1024
_LONGEST_URL = 8192
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)

Urlkey = Callable[[str], str]
HeaderFacts = tuple[str | None, str | None, str | None, str | None, list[Field]]
"""Type, ETag, Last-Modified, the absolute target of a redirect, and what is said of the use of the page."""


class CaptureDraft(Protocol):
    """Makes the capture of a main record once its span is known, and why its exchange failed.

    It holds neither the record nor its block.
    """

    def __call__(self, *, span: int, error: str | None) -> Capture: ...


def capture_of(
    exchange: Exchange,
    context: Context,
    written: Written,
    place: tuple[str, int],
    *,
    urlkey: Urlkey,
    payload: Payload | None,
    revisit: Revisit | None,
) -> Capture:
    """Return the capture of an exchange that was just written at `place`, its segment and offset."""
    segment, offset = place
    response, url = exchange.response, uri(exchange.request.url)
    kind = _kind(response is not None, revisit.profile if revisit else None)
    kept = payload if kind in {"response", "revisit"} else None
    headers, status = (response.headers, response.status) if response else ((), None)
    mime, etag, last_modified, redirect, said = _header_facts(headers, url, status)
    return Capture(
        collection=context.collection,
        urlkey=urlkey(url),
        url=url,
        at=exchange.at.astimezone(UTC),
        kind=kind,
        status=status,
        digest=kept.sha1 if kept else None,
        sha256=kept.sha256 if kept else None,
        payload_length=kept.length if kept else 0,
        location=Location(segment, offset, written.length),
        span=written.span,
        record_id=written.record_id,
        source=context.source,
        run=context.run,
        refers_to=_as_written(revisit.original) if revisit else None,
        truncated=exchange.truncated if kind == "response" else None,
        error=one_line(exchange.error) if exchange.error else None,
        mime=mime,
        etag=etag,
        last_modified=last_modified,
        redirect=redirect,
        reservations=reservations.written((*context.reservations, *said)),
    )


def _as_written(original: Reference) -> Reference:
    return Reference(original.record_id, uri(original.url), original.at.astimezone(UTC))


def captures_of(records: Iterable[Record], segment: str, collection: str, urlkey: Urlkey) -> Iterator[Capture]:
    """Yield the captures of consecutive records of any WARC; its warcinfo may be among them."""
    for group in exchanges_of(records, lambda record: capture_from(record, segment, collection, urlkey)):
        yield group.capture()


@dataclass(slots=True)
class Group:
    """A main record with its accompanying records, and its span."""

    record_id: str | None
    offset: int
    length: int
    span: int
    facts: CaptureDraft
    error: str | None = None

    def capture(self) -> Capture:
        return self.facts(span=self.span, error=self.error)


def exchanges_of(records: Iterable[Record], facts: Callable[[Record], CaptureDraft]) -> Iterator[Group]:
    """Group records into exchanges. `facts` is called while the main record can be read.

    A response always starts a new exchange: other tools write the request first. Metadata without a URL, such as the
    filler of a damaged range, belongs to an exchange only if it names one.
    """
    group: Group | None = None
    for record in records:
        kind = record.type
        answer = kind in CAPTURED
        error = _fetch_error(record) if kind == "metadata" else None
        if group and not answer and record.header("warc-concurrent-to") == group.record_id:
            group.span = record.offset + record.length - group.offset
            group.error = group.error or error
            continue
        if group:
            yield group
        group = None
        if answer or (kind in _QUESTIONS and record.header("warc-target-uri") is not None):
            group = Group(record.id, record.offset, record.length, record.length, facts(record), error)
    if group:
        yield group


def _fetch_error(record: Record) -> str | None:
    for line in record.start_of_block().decode(errors="replace").split("\r\n"):
        if line.startswith("fetchError: "):
            return line.removeprefix("fetchError: ")
    return None


def capture_from(record: Record, segment: str, collection: str, urlkey: Urlkey) -> CaptureDraft:
    """Return the capture of a main record alone: `span` and `error` may depend on the records after it."""
    url, ours, again = record.url or "", _ours(record), record.type == "revisit"
    profile = (record.header("warc-profile") or "").rpartition("/")[2] if again else None
    kind = _kind_of(record.type, profile)
    head = record.http_head if kind != "failed" else b""
    status = status_of(head)
    digest, sha256, length = _payload_facts(record, kind, ours)
    mime, etag, last_modified, redirect, said = _header_facts(wanted(head), url, status)
    if kind in WITH_PAYLOAD and not head:
        mime = _mime((record.content_type or "").encode(errors="replace"), url)
    return partial(
        Capture,
        collection=collection,
        urlkey=urlkey(url),
        url=url,
        at=record.at or _UNDATED,
        kind=kind,
        status=status,
        mime=mime,
        digest=digest,
        sha256=sha256,
        payload_length=length,
        location=Location(segment, record.offset, record.length),
        record_id=record.id or "",
        source=str(ours.get("source", "")),
        run=str(ours.get("run", "")),
        refers_to=_refers_to(record) if again else None,
        etag=etag,
        last_modified=last_modified,
        redirect=redirect,
        truncated=_truncated(record) if kind in WITH_PAYLOAD else None,
        reservations=reservations.written((*_told_elsewhere(ours), *said)),
    )


def _kind_of(record_type: str, profile: str | None) -> Kind:
    if record_type in {"resource", "conversion"}:
        return cast(Kind, record_type)
    return _kind(record_type in CAPTURED, profile)


def _kind(answered: bool, profile: str | None) -> Kind:
    if not answered:
        return "failed"
    return "not-modified" if profile == "server-not-modified" else "revisit" if profile else "response"


def _payload_facts(record: Record, kind: Kind, ours: dict[str, Any]) -> tuple[str | None, str | None, int]:
    """Return both digests and the length."""
    if kind in WITH_PAYLOAD:
        if (body := record.payload_in_memory()) is not None:
            return (_stated_sha1(record) if ours else None) or sha1_base32(body), sha256_of(body), len(body)
        payload = digest_pieces(record.pieces())
        return (_stated_sha1(record) if record.is_chunked else None) or payload.sha1, payload.sha256, payload.length
    if kind == "revisit":
        said, length = stated_digests(record.header("warc-payload-digest")), ours.get("length")
        return said.sha1, ours.get("sha256") or said.sha256, length if isinstance(length, int) else 0
    return None, None, 0


def _stated_sha1(record: Record) -> str | None:
    """Return the SHA-1 that was written with the payload. Computing it again would cost a tenth of indexing.

    `verify` checks it, and foreign WARCs are verified before they are indexed. For a chunked payload it may be the
    digest with the framing: revisits and foreign indexes use the same one.
    """
    return stated_digests(record.header("warc-payload-digest")).sha1


def _ours(record: Record) -> dict[str, Any]:
    """Read WARC-JSON-Metadata, the few facts that every exchange of ours has."""
    if not (said := record.header("warc-json-metadata")):
        return {}
    try:
        facts, end = _JSON.raw_decode(said)
    except (ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) and end == len(said) else {}


def _told_elsewhere(ours: dict[str, Any]) -> list[Field]:
    """Return what the site said elsewhere than in the answer of the use of the page."""
    said = ours.get("reservations")
    pairs = said if isinstance(said, list) else []
    return [(pair[0], pair[1]) for pair in pairs if isinstance(pair, list) and list(map(type, pair)) == [str, str]]


def _refers_to(record: Record) -> Reference | None:
    if not (url := record.header("warc-refers-to-target-uri")):
        return None
    at = parse_date(record.header("warc-refers-to-date") or "")
    return Reference(record.header("warc-refers-to") or "", url, at or _UNDATED)


def _truncated(record: Record) -> Truncated | None:
    """Return why the payload is truncated.

    A reason outside the standard, such as Heritrix's ``head``, becomes unspecified. So does that of the first of
    several segments: continuation records are not joined to it (ISO 28500:2017, 7).
    """
    if (value := record.header("warc-truncated")) is None:
        return "unspecified" if record.header("warc-segment-number") else None
    return cast(Truncated, value) if value in _TRUNCATED else "unspecified"


def _header_facts(headers: Headers, url: str, status: int | None) -> HeaderFacts:
    """Return the facts in the first header of each name. Absurdly long values are ignored."""
    facts: dict[bytes, str | None] = {}
    said: list[Field] = []
    for given, value in headers:
        name = given.lower()
        if name in reservations.FIELDS:
            said.append((name.decode("ascii"), value.decode("latin-1").strip()))
        elif (read := _READ.get(name)) and facts.get(name) is None:
            facts[name] = read(value, url)
    moved = status is not None and 300 <= status < 400
    redirect = facts.get(b"location") if moved else None
    return facts.get(b"content-type"), facts.get(b"etag"), facts.get(b"last-modified"), redirect, said


def _mime(value: bytes, _: str) -> str | None:
    return _media_type(value[:256])


@lru_cache(maxsize=256)  # a site has few of them
def _media_type(value: bytes) -> str | None:
    found = _MIME.match(value)
    return found[0].decode("ascii").lower() if found and len(found[0]) <= 255 else None


def _validator(value: bytes, _: str) -> str | None:
    return value.decode("latin-1") if 0 < len(value) <= _LONGEST_VALIDATOR else None


def _redirect(value: bytes, url: str) -> str | None:
    try:
        target = urljoin(url, value.decode(errors="replace"))
    except ValueError:
        return None
    return uri(target) if 0 < len(target) <= _LONGEST_URL else None


_READ: dict[bytes, Callable[[bytes, str], str | None]] = {
    b"content-type": _mime,
    b"etag": _validator,
    b"last-modified": _validator,
    b"location": _redirect,
}
