"""WARC files of ours for tests, written record by record without a spool."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from specimens.captures import NOON

from archive.values.capture import Capture, Context, Reference
from archive.values.digest import Payload, digest_payload
from archive.values.urlkey import urlkey
from archive.warc import exchange_records as warc
from archive.warc import facts
from archive.warc.exchange import Exchange, Request, Response
from archive.warc.http_head import headers_of, status_of

CONTEXT = Context("default", "example", "run-1", via="https://example.org/", hops=1)


def answered(
    url: str = "https://example.org/news/1",
    body: bytes = b"<p>news</p>",
    *,
    minute: float = 0,
    status: str = "200 OK",
    headers: Sequence[str] = ("Content-Type: text/html; charset=utf-8",),
) -> Exchange:
    """Return an exchange this many minutes after noon."""
    fields = [*headers, f"Content-Length: {len(body)}"]
    head = "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode("latin-1")
    request = Request("GET", url, f"GET {url} HTTP/1.1\r\nHost: example.org\r\nCookie: a=b\r\n\r\n".encode())
    response = Response(head, status_of(head) or 0, headers_of(head), body, len(body))
    return Exchange(request, response, NOON + timedelta(minutes=minute))


class SegmentFile:
    """A WARC being written, with its captures."""

    def __init__(self, directory: Path, name: str = "20260131T120000Z-1-0-abcd", *, at: datetime = NOON) -> None:
        self.name = name
        self.path = directory / f"{name}.warc.gz"
        self.captures: list[Capture] = []
        self._append(warc.warcinfo(name, at, {"isPartOf": CONTEXT.collection}))

    def write(self, exchange: Exchange, revisit: warc.Revisit | None = None, context: Context = CONTEXT) -> Capture:
        payload = digest_payload(exchange.response.body) if exchange.response else None
        place = (self.name, self.path.stat().st_size)
        written = warc.records(exchange, context, self._append, payload=payload, revisit=revisit)
        self.captures.append(self._capture(exchange, context, written, place, payload, revisit))
        return self.captures[-1]

    def revisit(self, original: Capture, exchange: Exchange) -> Capture:
        """Add the same payload as that of a capture, at a later time."""
        return self.write(exchange, warc.Revisit(reference_of(original)))

    def unchanged(self, original: Capture, minute: float) -> Capture:
        """Add the server's answer that nothing has changed since a capture."""
        exchange = answered(original.url, b"", minute=minute, status="304 Not Modified", headers=())
        return self.write(exchange, warc.Revisit(reference_of(original), "server-not-modified"))

    def _append(self, octets: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(octets)

    @staticmethod
    def _capture(
        exchange: Exchange,
        context: Context,
        written: warc.Written,
        place: tuple[str, int],
        payload: Payload | None,
        revisit: warc.Revisit | None,
    ) -> Capture:
        return facts.capture_of(exchange, context, written, place, urlkey=urlkey, payload=payload, revisit=revisit)


def reference_of(capture: Capture) -> Reference:
    return Reference(capture.record_id, capture.url, capture.at)
