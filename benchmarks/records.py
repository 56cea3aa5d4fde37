"""CPU of writing records, in µs per exchange, compared with plain warcio, and with warcio that only writes.

    python -m benchmarks.records [EXCHANGES]

An exchange is a page of 5.6 KB in gzip over TLS: a response record and a request record. Our other work (digests,
capture, journal line, group commit with fsyncs) is measured separately.
"""

from __future__ import annotations

import gzip
import io
import random
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from isal import isal_zlib
from warcio import warcwriter
from warcio.statusandheaders import StatusAndHeaders

from archive.spool.entry import Receipt
from archive.spool.recorder import Recorder
from archive.spool.spool import Spool
from archive.values.capture import Capture, Context
from archive.values.digest import digest_payload, sha1_base32
from archive.values.urlkey import urlkey
from archive.warc import journal
from archive.warc.exchange import Exchange, Request, Response, Tls
from archive.warc.exchange_records import date, records
from archive.warc.facts import capture_of
from archive.warc.http_head import headers_of
from benchmarks.machine import called, load

MORNING = datetime(2026, 11, 24, 6, 30, 0, 123456, tzinfo=UTC)
CONTEXT = Context("default", "example", "run-1", via="https://www.example.org/news/", hops=1)
HEAD = (
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Tue, 24 Nov 2026 16:00:00 GMT\r\nContent-Type: text/html\r\n"
    b"Content-Length: 5600\r\nConnection: keep-alive\r\nLast-Modified: Tue, 24 Nov 2026 10:00:00 GMT\r\n"
    b'ETag: "abcdef-123"\r\nContent-Encoding: gzip\r\nVary: Accept-Encoding\r\n\r\n'
)
REQUEST = (
    b"GET /news/2026/11/24/some-article.html HTTP/1.1\r\nHost: www.example.org\r\n"
    b"User-Agent: Pressmark/0.1 (+https://example.org/bot)\r\nAccept: text/html,application/xhtml+xml\r\n"
    b"Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en\r\nReferer: https://www.example.org/news/\r\n\r\n"
)


def exchange(number: int) -> Exchange:
    body = gzip.compress(random.Random(number).randbytes(5600), 0)[:5600]
    url = f"https://www.example.org/news/2026/11/24/article-{number}.html"
    response = Response(HEAD, 200, headers_of(HEAD), body, len(body))
    tls = Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384")
    return Exchange(Request("GET", url, REQUEST), response, MORNING, ip="192.0.2.1", tls=tls)


def microseconds(act: Callable[[Exchange], Any], exchanges: list[Exchange], rounds: int = 7) -> float:
    """Return the CPU per exchange of the best round."""
    best = float("inf")
    for _ in range(rounds):
        begin = time.process_time()
        for one in exchanges:
            act(one)
        best = min(best, time.process_time() - begin)
    return best / len(exchanges) * 1e6


class Packed:
    """Replaces warcio's gzip."""

    compress: Callable[[bytes], bytes]

    def __init__(self, out: Any) -> None:
        self._out, self._pieces = out, list[bytes]()

    def write(self, octets: bytes) -> None:
        self._pieces.append(octets)

    def flush(self) -> None:
        self._out.write(type(self).compress(b"".join(self._pieces)))


class PackedByIsal(Packed):
    compress = staticmethod(lambda octets: isal_zlib.compress(octets, 2, 31))


def warcio_stock(out: io.BytesIO) -> Callable[[Exchange], None]:
    """Use warcio as documented: it parses heads, computes digests, and uses gzip level 9."""
    writer = warcwriter.WARCWriter(out, gzip=True, warc_version="1.1")

    def write(one: Exchange) -> None:
        out.seek(0)
        assert one.response
        names = [(name.decode(), value.decode()) for name, value in one.response.headers]
        head = StatusAndHeaders("200 OK", names, protocol="HTTP/1.1")
        asked = [(name.decode(), value.decode()) for name, value in headers_of(one.request.head)]
        ask = StatusAndHeaders("GET / HTTP/1.1", asked, is_http_request=True)
        body, facts = io.BytesIO(body_of(one)), {"WARC-IP-Address": one.ip}
        answer = writer.create_warc_record(
            one.request.url, "response", body, http_headers=head, warc_headers_dict=facts
        )
        request = writer.create_warc_record(one.request.url, "request", http_headers=ask)
        writer.write_request_response_pair(request, answer)

    return write


def warcio_helped(out: io.BytesIO) -> Callable[[Exchange], None]:
    """Use warcio with raw blocks, given digests and isal."""
    writer = warcwriter.WARCWriter(out, gzip=True, warc_version="1.1")

    def write(one: Exchange) -> None:
        out.seek(0)
        block = HEAD + body_of(one)
        common = {"WARC-IP-Address": one.ip, "WARC-Protocol": "http/1.1", "WARC-Date": date(one.at)}
        digests = {"WARC-Block-Digest": _digest(block), "WARC-Payload-Digest": _digest(body_of(one))}
        answer = _record(writer, one.request.url, "response", block, common | digests)
        digests = {"WARC-Block-Digest": _digest(one.request.head), "WARC-Payload-Digest": _digest(b"")}
        request = _record(writer, one.request.url, "request", one.request.head, common | digests)
        writer.write_request_response_pair(request, answer)

    return write


def _digest(octets: bytes) -> str:
    return f"sha1:{sha1_base32(octets)}"


def _record(writer: Any, url: str, kind: str, block: bytes, facts: dict[str, Any]) -> Any:
    content = f"application/http;msgtype={kind}"
    return writer.create_warc_record(
        url, kind, io.BytesIO(block), len(block), warc_content_type=content, warc_headers_dict=facts
    )


def ours(out: io.BytesIO) -> Callable[[Exchange], None]:
    def write(one: Exchange) -> None:
        out.seek(0)
        records(one, CONTEXT, out.write)

    return write


def commit(exchanges: list[Exchange]) -> tuple[float, float]:
    """Measure the whole recorder: CPU in µs, and exchanges per second."""
    directory = Path(tempfile.mkdtemp(dir="."))
    spool = Spool(directory, worker="bench", epoch=1, now=lambda: datetime.now(UTC))
    failed: list[Receipt] = []
    recorder = Recorder(
        spool, originals=lambda *_: {}, acknowledged=lambda those: failed.extend(filter(_is_failed, those))
    )
    cpu, wall = time.process_time(), time.monotonic()
    for number in range(0, len(exchanges), 128):
        for one in exchanges[number : number + 128]:
            recorder.record(one, CONTEXT)
        recorder.flush()
    recorder.close()
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    spool.close()
    shutil.rmtree(directory)
    if failed:
        raise SystemExit(f"{len(failed)} exchanges were not recorded: {failed[0].error}")
    return cpu / len(exchanges) * 1e6, len(exchanges) / wall


def _is_failed(receipt: Receipt) -> bool:
    return receipt.error is not None


def main(count: int) -> None:
    exchanges = [exchange(number) for number in range(count)]
    print(load())
    out = io.BytesIO()
    say("warcio as it comes", warcio_stock(out), exchanges[:200])
    packing = warcwriter.GzippingWrapper
    warcwriter.GzippingWrapper = PackedByIsal
    say("warcio helped, with isal", warcio_helped(out), exchanges)
    warcwriter.GzippingWrapper = packing
    say("ours", ours(out), exchanges)
    say("  of it SHA-1 and SHA-256", lambda one: digest_payload(body_of(one)), exchanges)
    say("  of it isal, level 2", lambda one: isal_zlib.compress(body_of(one), 2, 31), exchanges)
    say("  (zlib, level 6)", lambda one: zlib.compress(body_of(one), 6, 31), exchanges)
    payload, written = digest_payload(body_of(exchanges[0])), records(exchanges[0], CONTEXT, lambda _: None)

    def capture(one: Exchange) -> Capture:
        place = ("segment", 0)
        return capture_of(one, CONTEXT, written, place, urlkey=urlkey, payload=payload, revisit=None)

    known = capture(exchanges[0])
    say("capture of an exchange", capture, exchanges)
    say("journal line", lambda _: journal.line(known), exchanges)
    cpu, rate = commit(exchanges * 4)
    print(f"recorder, fsyncs and sealing included {cpu:7.1f} µs; {rate:.0f} exchanges a second are acknowledged")


def body_of(one: Exchange) -> bytes:
    assert one.response
    assert isinstance(one.response.body, bytes)
    return one.response.body


def say(what: str, act: Callable[[Exchange], Any], exchanges: list[Exchange]) -> None:
    print(f"{what:37} {microseconds(act, exchanges):7.1f} µs")


if __name__ == "__main__":
    arguments = called("benchmarks.records", __doc__)
    arguments.add_argument("exchanges", type=int, nargs="?", default=1000)
    main(arguments.parse_args().exchanges)
