"""Whatever a server sends ends up in a complete and valid WARC."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime

from fastwarc.warc import ArchiveIterator
from hypothesis import given
from scrapy import Request
from specimens.exchanges import context
from wire.octets import answers, ends, methods

from archive.warc.exchange_records import read, records
from archive.warc.integrity.verify import flaws
from crawler.wire.body import Body
from crawler.wire.connection import Peer
from crawler.wire.http1 import Answer
from crawler.wire.incoming import Attempt
from crawler.wire.outgoing import outgoing
from crawler.wire.recording import WireLimits

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "http://example.org/page"


def kept(octets: bytes, method: str, end: str) -> bytes:
    """Return the records of an exchange with these bytes, followed by an end."""
    asked, body = outgoing(Request(URL, method=method), None), Body(1 << 30)
    answer = Answer(method, WireLimits(), body, page_bytes=1 << 20)
    answer.feed(octets)
    if end == "late":
        answer.cut("time", "too late")
    else:
        answer.end(reset=end == "reset")
    attempt = Attempt(asked, answer, Peer(ip="192.0.2.1"), AT, 0.1, body.release(), body.length, None)
    file = io.BytesIO()
    records(attempt.exchange(), context(), file.write)
    return file.getvalue()


@given(answers, methods, ends)
def test_any_bytes_over_the_wire_make_a_valid_warc(octets: bytes, method: str, end: str) -> None:
    assert wrong(kept(octets, method, end)) == []


def wrong(warc: bytes) -> list[str]:
    """Return what is wrong with the records of an exchange, by our reader and by another."""
    ours = list(read(io.BytesIO(warc)))
    found = [str(flaw) for record in ours for flaw in flaws(record)]
    found += [f"of another URL: {record.url}" for record in ours if record.url != URL]
    theirs = [one.verify_block_digest(consume=True) for one in ArchiveIterator(io.BytesIO(warc), parse_http=False)]
    return found if theirs == [True] * len(ours) else [*found, "FastWARC finds other digests"]


def test_a_warc_that_differs_from_what_was_sent_is_caught() -> None:
    octets = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na harbour"
    warc = kept(octets, "GET", "close")
    assert wrong(warc) == []

    assert wrong(gzip.decompress(warc)) == []
    assert wrong(gzip.decompress(warc).replace(b"a harbour", b"a harpoon")) != []
