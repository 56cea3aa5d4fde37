"""`pressmark shell` opens an archived snapshot as a Scrapy response, with its extracted text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from specimens.archives import FORUM, NEWS, SEGMENTS
from specimens.segments import SegmentFile, answered

from config.settings import load_settings
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark
from pressmark.upkeep.imports import import_files

ARTICLE = "https://example.org/news/9"
PAGE = "<html><head><title>Bridge</title></head><body><h1>Bridge</h1>" + "<p>The bridge opens again in May.</p>" * 9
DAMAGED = "https://example.org/damaged"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("shell")
    segment = SegmentFile(directory)
    segment.write(answered(ARTICLE, PAGE.encode(), minute=3))
    half = ("Content-Type: text/html", "Content-Encoding: gzip")
    segment.write(answered(DAMAGED, b"no gzip at all", minute=4, headers=half))
    with open_pressmark(load_settings({"home": directory / "home"})) as service:
        files = [*sorted(SEGMENTS.glob("*.warc.gz")), segment.path]
        assert len(list(import_files(service, files, "default"))) == 3
    yield directory / "home"


def ended(home: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["--home", str(home), "shell", *arguments])
    return int(end.value.code or 0)


@pytest.mark.parametrize(
    ("url", "expression", "value"),
    [
        (NEWS, "response", f"<200 {NEWS}>"),
        (NEWS, "type(response).__name__", "HtmlResponse"),
        (NEWS, "response.css('title::text').get()", "A new telescope"),
        (NEWS, "response.follow(response.css('a')[0]).url", "https://example.org/news/2"),
        (NEWS, "response.request.url", NEWS),
        (NEWS, "len(scrapy.linkextractors.LinkExtractor().extract_links(response))", "1"),
        (NEWS, "capture.kind", "not-modified"),
        ("https://example.org/gone", "response.status", "404"),
        ("http://example.org/", "response.headers['Location'].decode()", NEWS),
        (FORUM, "response.css('title::text').get()", "量子 computing"),
        (FORUM, "'Content-Encoding' in response.headers", "False"),
        (ARTICLE, "article.title", "Bridge"),
        (ARTICLE, "'opens again' in text", "True"),
        (ARTICLE, "thread", "None"),
        ("https://example.org/gone", "(article, text, thread)", "(None, None, None)"),
    ],
)
def test_an_expression_is_evaluated_over_the_snapshot(
    home: Path, capsys: pytest.CaptureFixture[str], url: str, expression: str, value: str
) -> None:
    assert ended(home, url, "-c", expression) == 0
    assert capsys.readouterr().out == f"{value}\n"


def test_the_snapshot_of_a_time_is_opened(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(home, NEWS, "--at", "20260131", "-c", "capture.kind, capture.at.day") == 0
    assert capsys.readouterr().out == "('response', 31)\n"


def test_a_url_without_captures_is_reported_with_a_way_out(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(home, "https://example.org/never", "-c", "response") == 5
    told = capsys.readouterr()
    assert told.out == ""
    assert "https://example.org/never" in told.err
    assert "pressmark archive URL" in told.err


@pytest.mark.parametrize(
    ("expression", "why"), [("nothing.x", "NameError: name 'nothing' is not defined"), ("1 +", "SyntaxError: ")]
)
def test_a_failing_expression_is_reported_in_one_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], expression: str, why: str
) -> None:
    assert ended(home, NEWS, "-c", expression) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert f"error: {expression}: {why}" in told.err


def test_a_damaged_body_is_reported_and_opened_as_far_as_possible(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(home, DAMAGED, "-c", "response.body") == 0
    assert "damaged" in capsys.readouterr().err


def test_without_an_expression_a_console_opens(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRAPY_PYTHON_SHELL", "python")
    monkeypatch.setattr("sys.stdin", io.StringIO("print(response.status, article.title)\nexit()\n"))
    assert ended(home, ARTICLE) == 0
    told = capsys.readouterr()
    assert "200 Bridge" in told.out
    assert "response   <200 https://example.org/news/9>" in told.err
