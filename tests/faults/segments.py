"""Sealed segments as a spool leaves them, made quickly and with contents that a test knows."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.spool.sealed import WARC, Sealed, journal_of
from archive.texts.texts import TextRow
from archive.values.capture import Capture, Context
from archive.values.digest import digest_payload, sha256
from archive.values.urlkey import urlkey
from archive.warc import journal
from archive.warc.exchange import Exchange, Request, Response
from archive.warc.exchange_records import records, warcinfo
from archive.warc.facts import capture_of

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
COLLECTION = "news"
WORKER = "worker-1"


def seal(spool: Path, number: int, *, pages: int = 3, page_bytes: int = 2_000, collection: str = COLLECTION) -> Sealed:
    """Seal the segment of that number below `spool`: always the same pages, with failed exchanges and requests."""
    at = START + timedelta(minutes=number)
    name = f"{at:%Y%m%dT%H%M%SZ}-7-{number}-{number:08x}"
    context = Context(collection, f"source-{number % 2}", f"run-{number // 2}")
    octets = bytearray(warcinfo(name, at, {}))
    captures = []
    for exchange in (*exchanges(number, pages, page_bytes), failed(at)):
        offset = len(octets)
        payload = digest_payload(exchange.response.body) if exchange.response else None
        written = records(exchange, context, octets.extend, payload=payload)
        captures.append(
            capture_of(exchange, context, written, (name, offset), urlkey=urlkey, payload=payload, revisit=None)
        )
    return _write(spool / "sealed", name, bytes(octets), captures)


def exchanges(number: int, pages: int, page_bytes: int) -> list[Exchange]:
    """Return pages that compress badly, so that sizes are predictable."""
    noise = random.Random(number)
    made = []
    for page in range(pages):
        url = f"https://news.example/{number}/{page}"
        body = f"<p>Page {page} of segment {number}.</p>".encode() + noise.randbytes(page_bytes)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body)
        headers = ((b"Content-Type", b"text/html"), (b"Content-Length", b"%d" % len(body)))
        request = Request("GET", url, f"GET /{number}/{page} HTTP/1.1\r\nHost: news.example\r\n\r\n".encode())
        at = START + timedelta(minutes=number, milliseconds=page)
        made.append(Exchange(request, Response(head, 200, headers, body, len(body)), at))
    return made


def failed(at: datetime) -> Exchange:
    request = Request("GET", "https://down.example/", b"GET / HTTP/1.1\r\nHost: down.example\r\n\r\n")
    return Exchange(request, None, at + timedelta(seconds=1), error="the connection was cut")


def texts_of(sealed: Sealed) -> list[TextRow]:
    """Read texts: one for each capture, as if the page contained its own URL."""
    return [
        TextRow(
            capture.record_id,
            sealed.name,
            capture.url,
            capture.at,
            capture.digest,
            "done",
            extractor="test",
            version="1",
            title=f"Über {capture.url}",
            sha256=sha256(capture.url.encode()),
            text=capture.url,
        )
        for capture in journal.read(sealed.journal)
        if capture.kind == "response"
    ]


def _write(directory: Path, name: str, octets: bytes, captures: list[Capture]) -> Sealed:
    directory.mkdir(parents=True, exist_ok=True)
    digest, first, last = sha256(octets), captures[0], captures[-1]
    path = directory / f"{first.at:%Y%m%dT%H%M%SZ}-{digest[:16]}{WARC}"
    marked = journal_of(path)
    path.write_bytes(octets)
    heading = journal.Heading(name, first.collection, WORKER, 7, first.at)
    lines = [journal.line(capture) for capture in captures]
    closing = journal.Closing(digest, len(octets), last.at)
    marked.write_bytes(b"".join([journal.heading_line(heading), *lines, journal.closing_line(closing)]))
    return Sealed(
        name=name,
        path=path,
        journal=marked,
        sha256=digest,
        size=len(octets),
        records=1 + 2 * len(captures),
        first_at=first.at,
        last_at=last.at,
        collection=first.collection,
        epoch=7,
        worker=WORKER,
    )
