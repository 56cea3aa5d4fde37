"""Other tools, run as processes, accept the WARCs that we write."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import brotlicffi
import pytest
from fastwarc.warc import ArchiveIterator
from hypothesis import given, settings
from hypothesis import strategies as st
from specimens.exchanges import MORNING, context, contexts, exchanges, numbered, references

from archive.values.capture import Context, Reference
from archive.warc.exchange import Exchange, Request, Tls
from archive.warc.exchange_records import Revisit, read, records, warcinfo
from archive.warc.http_head import headers_of
from archive.warc.integrity.verify import verify

# warcio uses the module `brotli` if it is installed, but sets an attribute that only brotlicffi's decompressor allows.
# Scrapy installs `brotli`, so warcio is started with brotlicffi under that name.
WARCIO = "import sys, brotlicffi; sys.modules['brotli'] = brotlicffi; from warcio.cli import main; sys.exit(main())"
ORIGINAL = Reference("<urn:uuid:0a0a0a0a-0000-4000-8000-000000000000>", "http://example.org/old", MORNING)


def with_answer(number: int, head: bytes, body: bytes, **facts: object) -> Exchange:
    exchange = numbered(number)
    assert exchange.response
    head = head.replace(b"\n", b"\r\n") + b"\r\n\r\n"
    response = replace(
        exchange.response, head=head, headers=headers_of(head), body=body, length=len(body), status=int(head[9:12])
    )
    return replace(exchange, response=response, **facts)  # type: ignore[arg-type]


def all_sorts() -> list[tuple[Exchange, Revisit | None]]:
    page = b"<html>" + b"<p>words and words</p>" * 400
    packed, br = gzip.compress(page), brotlicffi.compress(page)
    head_only = replace(numbered(8), request=Request("HEAD", "http://a/", b"HEAD / HTTP/1.1\r\n\r\n"))
    failed = Exchange(
        Request("GET", "http://a/", b"GET / HTTP/1.1\r\n\r\n"), None, MORNING, received=b"\x15\x03", error="no"
    )
    return [
        (numbered(1), None),
        (with_answer(2, b"HTTP/1.1 200 OK\nContent-Encoding: gzip\nTransfer-Encoding: chunked", packed), None),
        (with_answer(3, b"HTTP/1.1 200 OK\nContent-Encoding: br\nContent-Length: %d" % len(br), br), None),
        (with_answer(4, b"HTTP/1.1 200 \xe4\nX-Odd: \xff\x01\n folded\nno colon\nA : b", page), None),
        (with_answer(5, b"HTTP/1.0 404 Not Found\nContent-Length: 99", b"short", truncated="disconnect"), None),
        (with_answer(6, b"HTTP/1.1 304 Not Modified\nETag: x", b""), Revisit(ORIGINAL, "server-not-modified")),
        (with_answer(7, b"HTTP/1.1 200 OK\nContent-Encoding: gzip", packed), Revisit(ORIGINAL)),
        (replace(head_only, response=with_answer(8, b"HTTP/1.1 200 OK\nContent-Length: 9", b"").response), None),
        (with_answer(9, b"HTTP/1.1 200 OK", bytes(range(256)) * 9000), None),
        (with_answer(11, b"HTTP/1.1 200 OK\nContent-Encoding: gzip", gzip.compress(os.urandom(200_000), 0)), None),
        (with_answer(10, b"HTTP/1.1 200 OK", b"x", tls=Tls("TLSv1.3", "TLS_X", verified=False)), None),
        (failed, None),
        (replace(failed, request=Request("GET", "https://a/", b"")), None),
    ]


@pytest.fixture(scope="module")
def warc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("warc") / "all-sorts.warc.gz"
    with path.open("wb") as file:
        file.write(warcinfo("all-sorts", MORNING, {"isPartOf": "default"}))
        for exchange, revisit in all_sorts():
            records(exchange, context(), file.write, revisit=revisit)
    return path


def run(*command: str | Path) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_warcio_check_passes(warc: Path) -> None:
    said = run(sys.executable, "-c", WARCIO, "check", "-v", warc)

    assert said.count("digest pass") + said.count("not checked (revisit)") == said.count("offset") > 20


FASTWARC = Path(sys.executable).with_name("fastwarc")


def test_fastwarc_check_passes(warc: Path) -> None:
    run(FASTWARC, "check", "-q", warc)


def test_fastwarc_finds_the_payloads_right(warc: Path, tmp_path: Path) -> None:
    """FastWARC looks for the payload of a revisit in the revisit itself, so it reports that one in every WARC."""
    subprocess.run([FASTWARC, "check", "-q", "-p", "-o", tmp_path / "said", warc], check=False, timeout=120)

    verdicts = [line.rpartition(" ")[2] for line in (tmp_path / "said").read_text().splitlines() if ": OK," in line]
    assert Counter(verdicts) == {"PAYLOAD_OK": 9, "PAYLOAD_NO_DIGEST": 17, "PAYLOAD_FAIL": 1}


def test_gzip_passes(warc: Path) -> None:
    run("gzip", "-t", warc)


def test_our_own_verify_passes(warc: Path) -> None:
    assert list(verify(warc)) == []


def test_warcio_extracts_the_pages(warc: Path) -> None:
    code = (
        "import sys, hashlib, brotlicffi; sys.modules['brotli'] = brotlicffi\n"
        "from warcio.archiveiterator import ArchiveIterator\n"
        "for record in ArchiveIterator(open(sys.argv[1], 'rb')):\n"
        "    if record.rec_type == 'response': print(hashlib.sha256(record.content_stream().read()).hexdigest())\n"
    )
    digests = run(sys.executable, "-c", code, warc).split()

    assert len(digests) == 9
    assert digests[1] == digests[2] == digests[3]


@settings(max_examples=40)
@given(st.lists(st.tuples(exchanges(), contexts, st.none() | references), max_size=3))
def test_fastwarc_reads_what_we_write_as_we_do(written: list[tuple[Exchange, Context, Reference | None]]) -> None:
    file = io.BytesIO(warcinfo("seg", MORNING, {}))
    file.seek(0, io.SEEK_END)
    for exchange, of, original in written:
        records(exchange, of, file.write, revisit=original and Revisit(original))
    octets = file.getvalue()

    theirs = [
        (record.stream_pos, record.record_id, record.headers["WARC-Type"], record.verify_block_digest(consume=True))
        for record in ArchiveIterator(io.BytesIO(octets), parse_http=False)
    ]

    ours = [(record.offset, record.id, record.type, True) for record in read(io.BytesIO(octets))]
    assert theirs == ours
