"""Lists of sources in the pages: a preview of what would be added, and a result for each entry."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from lxml import html
from services.retrieving import Retrieving
from services.source_forms import FORM, archive_with

HARBOUR = "source: harbour\nseeds: [http://news.example/]\n"
OPML = """<?xml version="1.0" encoding="{encoding}"?><opml version="2.0"><body>
<outline text="科技" xmlUrl="https://tech.example/feed"/><outline text="Known" url="http://news.example/"/>
<outline text="Bad" xmlUrl="ftp://files.example/"/></body></opml>"""
CSV = "source;seeds;every\ntides;https://tides.example/;6h\nharbour;https://other.example/;\n"
URLS = "# My sites\nhttps://a.example/\n\nhttps://b.example/news/\nnot a url\n"
BOUNDARY = "----WebKitFormBoundaryOfTests"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    with archive_with(tmp_path, harbour=HARBOUR) as made:
        yield made


def upload(archive: Retrieving, file: bytes, **fields: str) -> tuple[int, str]:
    """Send a file as browsers do."""
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value.encode()
        for name, value in fields.items()
    ]
    head = 'Content-Disposition: form-data; name="file"; filename="列表.txt"\r\nContent-Type: text/plain\r\n\r\n'
    parts.append(head.encode() + file)
    body = b"".join(f"--{BOUNDARY}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--\r\n".encode()
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    status, answer = archive.send_body("POST", "/add/list", body, kind, Accept="text/html")
    return status, answer.decode()


def confirm(archive: Retrieving, preview: str) -> str:
    [form] = [form for form in html.fromstring(preview).forms if form.action == "/add/list/write"]
    status, answer = archive.send_body("POST", "/add/list/write", urlencode(form.form_values()).encode(), FORM)
    assert status == 200
    return answer.decode()


def rows(page: str) -> dict[str, tuple[str, str]]:
    """Return the source and the result of each entry by its URL."""
    found = html.fromstring(page).xpath("//tbody/tr")
    texts = [[" ".join(cell.text_content().split()) for cell in row] for row in found]
    return {seed: (name, result) for seed, name, result in texts}


@pytest.mark.parametrize("encoding", ["UTF-8", "GB2312"])
def test_a_list_of_a_feed_reader_is_shown_first_and_added_on_confirmation(archive: Retrieving, encoding: str) -> None:
    before = list(archive.service.settings.sources.glob("*.yaml"))
    status, preview = upload(archive, OPML.format(encoding=encoding).encode(encoding), every="6h", tags="科技， daily")
    after = list(archive.service.settings.sources.glob("*.yaml"))
    told = rows(confirm(archive, preview))
    source = archive.service.sources.get("tech-example")

    assert (status, before) == (200, after), "the preview writes nothing"
    assert rows(preview)["https://tech.example/feed"] == ("tech-example", "would be added")
    assert rows(preview)["http://news.example/"] == ("harbour", "already archived by this source")
    assert rows(preview)["ftp://files.example/"][1].startswith("refused 'ftp://files.example/' is not")
    assert told["https://tech.example/feed"] == ("tech-example", "added")
    assert (source.walk, source.tags) == ("feed", ("科技", "daily"))


@pytest.mark.parametrize("encode", [str.encode, lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le")])
def test_a_table_keeps_what_it_says_and_names_in_use_are_refused(archive: Retrieving, encode) -> None:  # type: ignore[no-untyped-def]
    _, preview = upload(archive, encode(CSV), every="1d", collection="coast")
    told = rows(confirm(archive, preview))
    source = archive.service.sources.get("tides")

    assert rows(preview)["https://other.example/"][1].startswith("refused a source named 'harbour' already exists")
    assert told["https://tides.example/"] == ("tides", "added")
    assert source.timetable is not None and source.timetable.model_dump(mode="json")["every"] == "6h"
    assert source.keep.collection == "coast"


def test_urls_are_sources_one_per_line_and_the_list_can_be_pasted(archive: Retrieving) -> None:
    _, preview = upload(archive, b"", list=URLS)
    told = rows(confirm(archive, preview))

    assert {seed: result.partition(" ")[0] for seed, (_, result) in told.items()} == {
        "https://a.example/": "added", "https://b.example/news/": "added", "not": "refused"
    }  # fmt: skip
    assert archive.service.sources.get("b-example").seeds == ("https://b.example/news/",)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (b"", "the list contains no sources"),
        (b"<opml>", "the list contains no sources"),
        (b"\xff\xfe\x00", "not valid"),
        (b"\xe9 latin", "not valid UTF-8"),
        (b"https://a.example/\n" * 501, "more than 500 entries"),
        (b"# long\n" * 160_000, "longer than 1048576 bytes"),
        (b"# long\n" * 320_000, "longer than 2097152 bytes"),
    ],
)
def test_an_unfit_list_is_refused_on_a_page(archive: Retrieving, file: bytes, told: str) -> None:
    status, page = upload(archive, file)

    assert status in (413, 422)
    assert told in page and page.startswith("<!DOCTYPE html>")
    assert list(archive.service.sources.names) == ["harbour"]


def test_a_form_that_is_too_long_is_refused_on_a_page(archive: Retrieving) -> None:
    body = urlencode({"text": "x" * 70_000, "seen": "", "urls": ""}).encode()
    status, page = archive.send_body("POST", "/sources/harbour/preview", body, FORM, Accept="text/html")
    other, problem = archive.send_body("POST", "/sources/harbour/preview", body, FORM, Accept="*/*")

    assert (status, other) == (413, 413)
    assert b"<h1>" in page and b"longer than 65536 bytes" in page
    assert problem.startswith(b"{")
