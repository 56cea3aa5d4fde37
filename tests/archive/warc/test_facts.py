"""The index gets the same facts of an exchange from every source, for payloads of any length."""

from __future__ import annotations

import gzip
import json
import random
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest
from services.databases import database_at
from specimens.archives import LATER, Kept, empty_archive, placeless
from specimens.foreign import record as foreign_record
from specimens.segments import CONTEXT, SegmentFile, answered, reference_of

from archive.export import EXPORTERS, export_to
from archive.index.index import Index
from archive.index.selection import Selection
from archive.intake.foreign.import_file import import_file
from archive.intake.rebuild import Rebuild
from archive.store.memory import MemoryStore
from archive.texts.reader import Reader
from archive.values.capture import Capture
from archive.values.digest import digest_payload, sha1_base32, sha256
from archive.values.urlkey import urlkey
from archive.warc import cdxj
from archive.warc import exchange_records as warc
from archive.warc.derived import Derived, capture_of_derived, write_derived
from archive.warc.exchange import Exchange
from archive.warc.facts import captures_of
from archive.warc.integrity.verify import verify
from archive.warc.record import IN_MEMORY, read

HEAD = len("HTTP/1.1 200 OK\r\nContent-Type: application/x-noise\r\nContent-Length: 1000000\r\n\r\n")
POWERS = [2**k + more for k in range(22) for more in (-1, 0, 1)]
SIZES = sorted({0, *POWERS, 3 << 20, *(IN_MEMORY - HEAD + more for more in (-2, -1, 0, 1, 2))})
NOISE = ("Content-Type: application/x-noise",)


def url_of(size: int) -> str:
    return f"https://example.org/{size}"


def segment_of(directory: Path) -> SegmentFile:
    """Return a segment with a response of each size; the recorder passes long bodies as files."""
    directory.mkdir(exist_ok=True)
    segment = SegmentFile(directory)
    for size in SIZES:
        body = random.Random(size).randbytes(size)
        exchange = answered(url_of(size), body, minute=size / 1e5, headers=NOISE)
        with tempfile.TemporaryFile() as file:
            file.write(body)
            segment.write(with_body(exchange, file if size > 100_000 else body))
    return segment


def with_body(exchange: Exchange, body: bytes | BinaryIO) -> Exchange:
    assert exchange.response
    return replace(exchange, response=replace(exchange.response, body=body))


def everything(kept: Kept) -> list[Capture]:
    found = map(placeless, kept.archive.captures("example.org", match="host"))
    return sorted(found, key=lambda capture: capture.at)


def test_a_capture_is_the_same_from_its_exchange_its_records_an_export_and_a_rebuild(tmp_path: Path) -> None:
    segment = segment_of(tmp_path / "segment")
    expected = [placeless(capture) for capture in segment.captures]
    assert [capture.payload_length for capture in expected] == SIZES

    with segment.path.open("rb") as file:
        assert list(captures_of(read(file), segment.name, "default", urlkey)) == segment.captures
    store = MemoryStore()
    with empty_archive(tmp_path / "one", store) as kept:
        kept.archive.ingest(segment.path)
        assert everything(kept) == expected
        for form in ("warc", "wacz"):
            target = tmp_path / f"out{EXPORTERS[form].suffix}"
            export_to(kept.exports, EXPORTERS[form], Selection(), target, now=LATER)
            with empty_archive(tmp_path / form) as other:
                [taken] = import_file(target, "default", other.archive.ingest, other.index)
                assert taken.refused == ()
                assert everything(other) == expected
    for key in list(store.keys("cdxj")):
        store.delete(key)
    database = database_at(tmp_path / "rebuilt.db")
    index = Index(database, now=lambda: LATER)
    Rebuild(store, index).run()
    rebuilt = [placeless(capture) for capture in index.captures("example.org", match="host")]
    database.close()
    assert sorted(rebuilt, key=lambda capture: capture.at) == expected
    assert list(verify(segment.path)) == []


def test_what_a_site_says_of_the_use_of_a_page_is_the_same_in_each_of_them(tmp_path: Path) -> None:
    segment = SegmentFile(tmp_path)
    elsewhere = (("robots.txt content-signal", "ai-train=no"), ("ai.txt disallow", "/"))
    told = replace(CONTEXT, reservations=elsewhere)
    reserved = (
        "Content-Type: text/html",
        "X-Robots-Tag: noarchive",
        "x-robots-tag: noai,\r\n noimageai",
        "TDM-Policy:",
    )
    first = segment.write(answered(headers=reserved), context=told)
    segment.write(answered(minute=1))
    segment.write(answered(minute=2), warc.Revisit(reference_of(first)), told)
    drawn = Derived("conversion", first.url, "text/html", b"<p>Drawn", reference_of(first))
    payload, place = digest_payload(drawn.body), (segment.name, segment.path.stat().st_size)
    with segment.path.open("ab") as file:
        written = write_derived(drawn, told, payload, file.write)
    segment.captures.append(capture_of_derived(drawn, told, written, place, payload=payload, urlkey=urlkey))
    said = "robots.txt content-signal: ai-train=no\nai.txt disallow: /"

    in_head = f"{said}\nx-robots-tag: noarchive\nx-robots-tag: noai, noimageai"
    assert [capture.reservations for capture in segment.captures] == [in_head, None, said, said]
    with segment.path.open("rb") as file:
        assert list(captures_of(read(file), segment.name, "default", urlkey)) == segment.captures
    assert [cdxj.parse(cdxj.line(capture)) for capture in segment.captures] == segment.captures
    store = MemoryStore()
    with empty_archive(tmp_path / "one", store) as kept:
        kept.archive.ingest(segment.path)
        known = [capture.reservations for capture in everything(kept)]
        export_to(kept.exports, EXPORTERS["jsonl"], Selection(), tmp_path / "out.jsonl", now=LATER)
    rows = map(json.loads, (tmp_path / "out.jsonl").read_text("utf-8").splitlines())
    assert known == [in_head, said, None, said]  # the drawn document has the time of its page
    of_rows = ["", said, in_head, in_head]  # a revisit has those of its original, too
    assert sorted(row["reservations"] or "" for row in rows) == sorted(of_rows)


def test_the_reason_of_a_failure_is_found_whatever_the_number_of_received_bytes(tmp_path: Path) -> None:
    segment = SegmentFile(tmp_path)
    failed = replace(answered(), response=None, error="no status line came", received=bytes(IN_MEMORY))
    segment.write(failed)

    with segment.path.open("rb") as file:
        assert list(captures_of(read(file), segment.name, "default", urlkey)) == segment.captures


@pytest.mark.parametrize("size", [1000, IN_MEMORY - HEAD, IN_MEMORY, 3 << 20])
@pytest.mark.parametrize("coding", ["", "gzip"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_foreign_payload_is_digested_and_read_alike_in_memory_and_in_a_file(
    tmp_path: Path, size: int, coding: str, chunked: bool
) -> None:
    plain = b"<!doctype html>" + random.Random(size).randbytes(size)
    payload = gzip.compress(plain, mtime=0) if coding else plain
    fields = (f"Content-Encoding: {coding}\r\n" if coding else "") + (
        "Transfer-Encoding: chunked\r\n" if chunked else ""
    )
    framed = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts(payload)) + b"0\r\n\r\n"
    block = f"HTTP/1.1 200 OK\r\n{fields}\r\n".encode() + (framed if chunked else payload)
    path = tmp_path / "foreign.warc.gz"
    path.write_bytes(gzip.compress(foreign_record(1, block), mtime=0))

    with empty_archive(tmp_path / "one") as kept:
        kept.archive.ingest(path)
        with kept.archive.snapshot("http://a.example/1", LATER) as snapshot:
            capture = snapshot.capture
            assert (capture.digest, capture.sha256) == (sha1_base32(payload), sha256(payload))
            assert capture.payload_length == len(payload)
            assert snapshot.payload(8 << 20).body == plain
            assert snapshot.payload(8 << 20).body == plain
            with snapshot.raw() as raw:
                assert raw.read() == payload


def parts(payload: bytes) -> list[bytes]:
    return [payload[start : start + 300_000] for start in range(0, len(payload), 300_000)]


@pytest.mark.parametrize("size", [1000, IN_MEMORY])
def test_a_page_without_a_type_is_read_whatever_its_length(tmp_path: Path, reader: Reader, size: int) -> None:
    article = b"<!doctype html><title>Long</title><article><p>%b</p></article>" % (b"Words of an article. " * 40)
    body = article + b"<!--" + b"." * size + b"-->"
    segment = SegmentFile(tmp_path)
    segment.write(answered(body=body, headers=()))

    with segment.path.open("rb") as file:
        ids = [capture.record_id for capture in segment.captures]
        [row] = reader.read_warc(file, segment.name, ids)

    assert (row.state, row.title) == ("done", "Long")
