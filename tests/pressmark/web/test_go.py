"""The list of pages, sources and actions: without scripts it is a form of its own."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from lxml import html
from services.retrieving import Retrieving
from services.source_forms import archive_with

TIDES = "source: tides\nseeds: [http://tides.example/]\ntags: 海事\n"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retrieving]:
    harbour = "source: old-harbour\nseeds: [http://news.example/]\n"
    files = {"tides": TIDES, "harbour": harbour, "har": "source: harbour-2\nseeds: [http://a.example/]\n"}
    with archive_with(tmp_path_factory.mktemp("go"), **files) as made:
        yield made


def found(archive: Retrieving, words: str, language: str = "en") -> list[str]:
    """Return the paths that the links and buttons of the list lead to."""
    _, _, page = archive.get(f"/search/go?q={quote(words)}", Accept_Language=language)
    items = html.fromstring(page.decode()).xpath("//div[@id='found']//li")
    return [path for item in items for path in item.xpath("./a/@href | ./form/@action")]


def test_without_letters_all_pages_and_actions_are_listed(archive: Retrieving) -> None:
    paths = found(archive, "")

    assert {"/", "/new", "/sources", "/settings/trail", "/add/list", "/pause"} <= set(paths)
    assert not any(path.startswith("/sources/") for path in paths)


@pytest.mark.parametrize(
    ("words", "language", "first"),
    [
        ("Timet", "en", "/timetable"),
        ("时间", "zh-CN", "/timetable"),
        ("timetable", "zh-CN", "/timetable"),
        ("海事", "en", "/sources/tides"),
        ("TIDES", "en", "/sources/tides"),
        ("harbour", "en", "/sources/harbour-2"),
        ("many", "en", "/add/list"),
    ],
)
def test_letters_find_pages_in_both_languages_sources_by_name_or_tag_and_actions(
    archive: Retrieving, words: str, language: str, first: str
) -> None:
    assert found(archive, words, language)[0] == first


def test_a_found_source_can_be_run_and_changed_and_words_can_be_searched(archive: Retrieving) -> None:
    assert found(archive, "tides") == [
        "/sources/tides", "/sources/tides/run", "/sources/tides/edit", "/search?q=tides", "/captures?url=tides"
    ]  # fmt: skip
    assert found(archive, "<b>")[-2:] == ["/search?q=%3Cb%3E", "/captures?url=%3Cb%3E"]
