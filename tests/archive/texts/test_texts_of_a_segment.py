"""The texts of a segment: which records are read, and how damaged ones are handled."""

from __future__ import annotations

import gzip
import io
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas
from specimens.ferry import HTML, MUCH_MEMORY, PARAGRAPHS

from archive.texts.reader import Reader
from archive.values.capture import Context, Reference
from archive.values.digest import digest_payload, sha256
from archive.warc import exchange_records as warc
from archive.warc.exchange import Exchange, Headers, Request, Response
from extractor.values.text import EXTRACTOR, VERSION

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
CONTEXT = Context(collection="default", source="ferries", run="r1")


@dataclass(frozen=True)
class Segment:
    name: str
    path: Path


def exchange(url: str, body: bytes, *fields: tuple[bytes, bytes], status: int = 200) -> Exchange:
    headers: Headers = (*fields, (b"Content-Length", b"%d" % len(body)))
    head = b"HTTP/1.1 %d OK\r\n" % status + b"".join(b"%s: %s\r\n" % field for field in headers) + b"\r\n"
    request = Request("GET", url, f"GET {url} HTTP/1.1\r\nHost: e.org\r\n\r\n".encode())
    return Exchange(request, Response(head, status, headers, body, len(body)), AT)


HTML_TYPE = (b"Content-Type", b"text/html; charset=utf-8")
GZIPPED = (b"Content-Encoding", b"gzip")


def segment(directory: Path, *exchanges: Exchange, revisit: warc.Revisit | None = None) -> tuple[Segment, list[str]]:
    """Write a WARC of these exchanges; return it with the record ids of responses.

    `revisit` makes the last one a revisit.
    """
    path = directory / "20261124T120000Z-1-0-ab.warc.gz"
    ids = []
    with path.open("wb") as file:
        for number, each in enumerate(exchanges, 1):
            as_revisit = revisit if number == len(exchanges) else None
            ids.append(warc.records(each, CONTEXT, file.write, revisit=as_revisit).record_id)
    return Segment("20261124T120000Z-1-0-ab", path), ids


def test_it_is_recorded_that_a_page_is_for_subscribers_only(reader: Reader, tmp_path: Path) -> None:
    for_members, free = (
        HTML.replace(b"<head>", b'<head><meta property="article:content_tier" content="%s">' % tier)
        for tier in (b"locked", b"free")
    )
    sealed, _ = segment(
        tmp_path,
        exchange("https://e.org/members", for_members, HTML_TYPE),
        exchange("https://e.org/free", free, HTML_TYPE),
        exchange("https://e.org/unsaid", HTML, HTML_TYPE),
    )

    kept = [row.fields or {} for row in reader.read_texts(sealed)]

    assert [(fields.get("free"), "free" in fields["origins"]) for fields in kept] == [
        (False, True),
        (True, True),
        (None, False),
    ]


def test_the_html_responses_of_a_segment_are_read(reader: Reader, tmp_path: Path) -> None:
    zipped = gzip.compress(HTML)
    sealed, ids = segment(
        tmp_path,
        exchange("https://e.org/ferry", HTML, HTML_TYPE),
        exchange("https://e.org/zipped", zipped, HTML_TYPE, GZIPPED),
        exchange("https://e.org/gone", HTML, HTML_TYPE, status=404),
        exchange("https://e.org/picture", b"\x89PNG", (b"Content-Type", b"image/png")),
        exchange("https://e.org/unsaid", b"<!DOCTYPE html>" + HTML),
        exchange("https://e.org/empty", b"<html></html>", HTML_TYPE),
        exchange("https://e.org/nothing", b"", HTML_TYPE),
    )

    rows = reader.read_texts(sealed)

    assert [(row.url, row.state) for row in rows] == [
        ("https://e.org/ferry", "done"),
        ("https://e.org/zipped", "done"),
        ("https://e.org/unsaid", "done"),
        ("https://e.org/empty", "none"),
    ]
    assert [row.record_id for row in rows] == [ids[0], ids[1], ids[4], ids[5]]
    assert {row.segment for row in rows} == {sealed.name}
    assert rows[0].text == "\n".join(PARAGRAPHS)
    assert rows[0].sha256 == sha256(rows[0].text.encode())
    assert (rows[0].at, rows[0].digest) == (AT, digest_payload(HTML).sha1)
    assert rows[1].digest == digest_payload(zipped).sha1
    assert (rows[0].extractor, rows[0].title, rows[0].author) == ("pressmark", "The ferry waits", "Ada Quist")
    assert (rows[0].date, rows[0].language) == ("2026-11-20", "en")
    assert (rows[0].version or "").startswith(f"{VERSION}+blocks-")
    assert rows[0].fields is not None
    assert (rows[0].fields["authors"], rows[0].fields["origins"]["author"]) == (["Ada Quist"], "meta")


def test_a_revisit_needs_no_new_text(reader: Reader, tmp_path: Path) -> None:
    again = warc.Revisit(Reference("<urn:uuid:1>", "https://e.org/ferry", AT))
    sealed, _ = segment(tmp_path, exchange("https://e.org/ferry", HTML, HTML_TYPE), revisit=again)

    assert reader.read_texts(sealed) == []


def test_a_damaged_body_is_read_up_to_the_damage_with_a_reason(reader: Reader, tmp_path: Path) -> None:
    body = gzip.compress(HTML + b"<p>" + os.urandom(5000).hex().encode() + b"</p>")
    sealed, _ = segment(tmp_path, exchange("https://e.org/cut", body[:-2000], HTML_TYPE, GZIPPED))

    (row,) = reader.read_texts(sealed)

    assert (row.state, row.reason) == ("done", "gzip: it ends before its end")
    assert (row.text or "").startswith(PARAGRAPHS[0])


def test_a_failing_page_does_not_affect_others(tmp_path: Path) -> None:
    sealed, ids = segment(
        tmp_path,
        exchange("https://e.org/1", HTML, HTML_TYPE),
        exchange("https://e.org/2", gzip.compress(MUCH_MEMORY), HTML_TYPE, GZIPPED),
        exchange("https://e.org/3", HTML, HTML_TYPE),
    )

    with Reader(memory=320 << 20) as reader:
        rows = reader.read_texts(sealed)

    assert [(row.record_id, row.state) for row in rows] == list(zip(ids, ("done", "failed", "done"), strict=True))
    assert rows[1].reason
    assert (rows[1].text, rows[1].extractor, rows[1].version) == (None, EXTRACTOR, VERSION)


def test_pages_before_damage_are_read(reader: Reader, tmp_path: Path) -> None:
    sealed, ids = segment(
        tmp_path, exchange("https://e.org/1", HTML, HTML_TYPE), exchange("https://e.org/2", HTML, HTML_TYPE)
    )
    whole = sealed.path.read_bytes()
    sealed.path.write_bytes(whole[:-700])

    rows = reader.read_texts(sealed)

    assert [row.record_id for row in rows] == ids[: len(rows)]
    assert rows


def test_pdfs_are_read_and_a_damaged_one_has_a_reason(reader: Reader, tmp_path: Path) -> None:
    made = io.BytesIO()
    canvas = Canvas(made)
    canvas.drawString(72, 700, PARAGRAPHS[0])
    canvas.save()
    pdf = made.getvalue()
    sealed, _ = segment(
        tmp_path,
        exchange("https://e.org/whole.pdf", pdf, (b"Content-Type", b"application/pdf")),
        exchange("https://e.org/cut.pdf", pdf[:60], (b"Content-Type", b"application/pdf")),
        exchange("https://e.org/ferry", HTML, HTML_TYPE),
        exchange("https://e.org/download?id=7", pdf, (b"Content-Type", b"application/octet-stream")),
        exchange("https://e.org/download?id=8", b"PK\x03\x04", (b"Content-Type", b"application/octet-stream")),
        exchange("https://e.org/download?id=9", b"<html>" + HTML, (b"Content-Type", b"application/octet-stream")),
        exchange("https://e.org/a.png", pdf, (b"Content-Type", b"image/png")),
    )

    whole, cut, page, saved = reader.read_texts(sealed)

    assert (whole.state, whole.text, whole.language) == ("done", PARAGRAPHS[0], "en")
    assert (saved.url, saved.text) == ("https://e.org/download?id=7", PARAGRAPHS[0])
    assert (cut.state, cut.text) == ("failed", None)
    assert "the document is damaged" in (cut.reason or "")
    assert page.state == "done"
