"""Texts are read in a child process: what a page does to it costs that page's text, and nothing else."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from archive import warc
from archive.answer import TextResult, result_of
from archive.capture import Context, Reference
from archive.digest import digest_payload, sha256
from archive.errors import ReaderClosed
from archive.exchange import Exchange, Headers, Request, Response
from archive.reader import Reader
from extractor.about import About
from extractor.page import Page
from extractor.reading import EXTRACTOR, VERSION, Text
from extractor.verdict import Verdict

PARAGRAPHS = [
    "The ferry now waits for the tide, and the tide for nobody, which the harbour master regards as a step forward.",
    "Passengers are asked to bring a book. Those who bring two may lend one to the engine driver, who reads slowly.",
    "The timetable is printed on the back of the ticket, where it can be read by those who have bought one.",
]
HTML = (
    '<html lang="en"><head><title>The ferry waits</title><meta name="author" content="Ada Quist">'
    '<meta name="date" content="2026-11-20"></head><body><article><h1>The ferry waits</h1>'
    + "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    + "</article></body></html>"
).encode()
PAGE = Page("https://e.org/ferry", HTML, "text/html; charset=utf-8")
LONG_WORK = b"<input><textarea></textarea><label>x</label>" * 100_000 + HTML
MUCH_MEMORY = b"<b>x</b>" * 400_000
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
CONTEXT = Context(collection="default", source="ferries", run="r1")


@dataclass(frozen=True)
class Segment:
    name: str
    path: Path


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


def is_gone(pid: int) -> bool:
    """Whether a process is no more; a zombie still is."""
    return not Path(f"/proc/{pid}").exists()


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def read_while_stopped(reader: Reader, *signals: signal.Signals) -> TextResult:
    """Read a page with a child that is stopped in the middle of it, and then gets `signals`."""
    assert reader.read(PAGE).state == "done"
    pid = reader.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    timer = threading.Timer(0.3, lambda: [os.kill(pid, each) for each in signals])
    timer.start()
    result = reader.read(PAGE)
    timer.join()
    return result


def test_a_page_is_read_in_another_process(reader: Reader) -> None:
    result = reader.read(PAGE)

    assert (result.state, result.reason) == ("done", None)
    assert result.text is not None
    assert (result.text.title, result.text.author, result.text.date) == ("The ferry waits", "Ada Quist", "2026-11-20")
    assert result.text.text.split("\n") == PARAGRAPHS
    assert reader.pid not in (None, os.getpid())


def test_no_child_is_started_before_the_first_page() -> None:
    with Reader() as reader:
        assert reader.pid is None


def test_the_child_stays_for_the_next_page(reader: Reader) -> None:
    reader.read(PAGE)
    first = reader.pid

    reader.read(PAGE)

    assert reader.pid == first


def test_a_child_is_replaced_after_so_many_pages() -> None:
    with Reader(pages_a_child=2) as reader:
        pids = []
        for _ in range(4):
            assert reader.read(PAGE).state == "done"
            pids.append(reader.pid)

    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_closing_leaves_neither_child_nor_zombie() -> None:
    reader = Reader()
    reader.read(PAGE)
    pid = reader.pid
    assert pid is not None

    reader.close()

    assert is_gone(pid)
    assert reader.pid is None


def test_closing_ends_a_reading_at_once_and_calls_no_page_failed() -> None:
    reader = Reader()
    assert reader.read(PAGE).state == "done"
    assert reader.pid is not None
    os.kill(reader.pid, signal.SIGSTOP)
    timer = threading.Timer(0.3, reader.close)
    timer.start()

    with pytest.raises(ReaderClosed, match="while it read"):
        reader.read(PAGE)

    timer.join()
    with pytest.raises(ReaderClosed):
        reader.read(PAGE)
    assert reader.pid is None


def test_a_page_without_a_text_is_none_with_a_reason(reader: Reader) -> None:
    result = reader.read(Page("https://e.org/", b"<html><body></body></html>", "text/html"))

    assert result == TextResult("none", "the page has no main text", None)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_page_whose_child_dies_is_failed_and_the_next_one_is_read(reader: Reader, end: signal.Signals) -> None:
    wake = [] if end == signal.SIGKILL else [signal.SIGCONT]  # others are seen only by those who run

    result = read_while_stopped(reader, end, *wake)

    assert (result.state, result.reason) == ("failed", f"the reading process was ended by {end.name}")
    assert reader.read(PAGE).state == "done"


def test_a_page_that_takes_too_long_is_failed_and_the_next_one_is_read() -> None:
    with Reader(wall_seconds=5) as reader:
        result = read_while_stopped(reader)
        pid = reader.pid

        assert (result.state, result.reason, pid) == ("failed", "reading took more than 5 s", None)
        assert reader.read(PAGE).state == "done"


def test_a_page_that_takes_too_much_cpu_is_failed_and_the_next_one_is_read() -> None:
    with Reader(cpu_seconds=1) as reader:
        result = reader.read(Page("https://e.org/", LONG_WORK, "text/html"))

        assert (result.state, result.reason) == ("failed", "reading took more than 1 s of CPU")
        assert reader.read(PAGE).state == "done"


def test_a_page_that_wants_too_much_memory_is_failed_and_the_next_one_is_read() -> None:
    with Reader(memory=320 << 20) as reader:
        assert reader.read(PAGE).state == "done"

        result = reader.read(Page("https://e.org/", MUCH_MEMORY, "text/html"))

        assert (result.state, result.text) == ("failed", None)
        assert reader.read(PAGE).state == "done"


def test_with_enough_memory_the_same_page_does_not_fail(reader: Reader) -> None:
    assert reader.read(Page("https://e.org/", MUCH_MEMORY, "text/html")).state != "failed"


def test_a_child_that_died_between_two_pages_costs_no_page(reader: Reader) -> None:
    reader.read(PAGE)
    pid = reader.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z")

    assert reader.read(PAGE).state == "done"
    assert is_gone(pid)


def test_the_child_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSMARK_S3__SECRET_KEY", "hush-hush")
    with Reader() as reader:
        reader.read(PAGE)

        assert b"hush-hush" not in Path(f"/proc/{reader.pid}/environ").read_bytes()


def test_the_child_ends_when_its_parent_is_killed() -> None:
    program = (
        "import sys, time; from archive.reader import Reader; from extractor.page import Page\n"
        "reader = Reader(); reader.read(Page('https://e.org/', b'<p>Enough</p>'))\n"
        "print(reader.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not is_gone(child)
        parent.kill()

    assert wait_until(lambda: is_gone(child))


ABOUT = About(section="Tide", tags=("ferry", "harbour"), free=False)
TEXT = Text(
    "The ferry waits", ("Ada Quist",), None, None, "en", "It waits.", "pressmark", "2", {"title": "meta"}, None, ABOUT
)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b'{"state": "done", "reason": null, "text": null}',
        b'{"state": "perfect", "reason": null, "text": null}',
        b'{"state": "none", "reason": null, "text": null, "verdict": {"kind": "boring", "why": "x"}}',
        b'{"state": "none", "reason": null, "text": null, "verdict": "captcha"}',
        b'{"state": "done", "reason": null, "text": {"title": "no more"}}',
        b'{"state": "done", "reason": null, "text": {"title": null, "authors": [], "date": null, "modified": null,'
        b' "language": null, "text": 7, "extractor": "x", "version": "1"}}',
        *(
            json.dumps({"state": "done", "reason": None, "text": asdict(TEXT) | wrong}).encode()
            for wrong in (
                {"about": {"tags": []}, "text": 7},
                {"about": {"tags": [7]}},
                {"about": {"tags": [], "free": "perhaps"}},
                {"about": {"tags": [], "next": {}}},
                {"about": {"tags": [], "else": "x"}},
                {"about": None},
                {"origins": {"title": 7}},
                {"origins": []},
            )
        ),
    ],
)
def test_an_answer_without_sense_is_a_failure(answer: bytes) -> None:
    assert result_of(answer) == TextResult("failed", "the reading process gave no sensible answer")


def test_an_answer_is_the_text_that_was_read() -> None:
    answer = json.dumps({"state": "done", "reason": None, "text": asdict(TEXT)}).encode()

    assert result_of(answer) == TextResult("done", None, TEXT)


def test_a_page_that_is_none_is_told_as_what_it_is(reader: Reader) -> None:
    wall = Page("https://e.org/", b"<html><title>Just a moment...</title><p>Wait</p></html>", "text/html")

    assert reader.read(wall).verdict == Verdict("captcha", 'title "Just a moment..."')


def test_several_threads_may_read(reader: Reader) -> None:
    states: list[str] = []
    threads = [
        threading.Thread(target=lambda: states.extend(reader.read(PAGE).state for _ in range(5))) for _ in range(4)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert states == ["done"] * 20


def exchange(url: str, body: bytes, *fields: tuple[bytes, bytes], status: int = 200) -> Exchange:
    headers: Headers = (*fields, (b"Content-Length", b"%d" % len(body)))
    head = b"HTTP/1.1 %d OK\r\n" % status + b"".join(b"%s: %s\r\n" % field for field in headers) + b"\r\n"
    request = Request("GET", url, f"GET {url} HTTP/1.1\r\nHost: e.org\r\n\r\n".encode())
    return Exchange(request, Response(head, status, headers, body, len(body)), AT)


HTML_TYPE = (b"Content-Type", b"text/html; charset=utf-8")
GZIPPED = (b"Content-Encoding", b"gzip")


def segment(directory: Path, *exchanges: Exchange, revisit: warc.Revisit | None = None) -> tuple[Segment, list[str]]:
    """A WARC of these exchanges, and the record ids of their responses; the last is a revisit if one is given."""
    path = directory / "20261124T120000Z-1-0-ab.warc.gz"
    ids = []
    with path.open("wb") as file:
        for number, each in enumerate(exchanges, 1):
            as_revisit = revisit if number == len(exchanges) else None
            ids.append(warc.records(each, CONTEXT, file.write, revisit=as_revisit).record_id)
    return Segment("20261124T120000Z-1-0-ab", path), ids


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


def test_a_damaged_body_is_read_as_far_as_it_goes_and_the_row_says_so(reader: Reader, tmp_path: Path) -> None:
    body = gzip.compress(HTML + b"<p>" + os.urandom(5000).hex().encode() + b"</p>")
    sealed, _ = segment(tmp_path, exchange("https://e.org/cut", body[:-2000], HTML_TYPE, GZIPPED))

    (row,) = reader.read_texts(sealed)

    assert (row.state, row.reason) == ("done", "gzip: it ends before its end")
    assert (row.text or "").startswith(PARAGRAPHS[0])


def test_a_page_that_fails_leaves_its_neighbours_alone(tmp_path: Path) -> None:
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


def test_what_comes_before_a_damage_is_read(reader: Reader, tmp_path: Path) -> None:
    sealed, ids = segment(
        tmp_path, exchange("https://e.org/1", HTML, HTML_TYPE), exchange("https://e.org/2", HTML, HTML_TYPE)
    )
    whole = sealed.path.read_bytes()
    sealed.path.write_bytes(whole[:-700])

    rows = reader.read_texts(sealed)

    assert [row.record_id for row in rows] == ids[: len(rows)]
    assert rows


def test_pdfs_are_read_and_a_damaged_one_says_why_not(reader: Reader, tmp_path: Path) -> None:
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
    )

    whole, cut, page = reader.read_texts(sealed)

    assert (whole.state, whole.text, whole.language) == ("done", PARAGRAPHS[0], "en")
    assert (cut.state, cut.text) == ("failed", None)
    assert "the document is damaged" in (cut.reason or "")
    assert page.state == "done"
