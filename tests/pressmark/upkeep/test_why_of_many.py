"""Among many sources, `pressmark why` explains those that may have to do with the page, and counts the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from config.source_files.described_sources import may_reach
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.why import why

OTHERS = 101
PAGE = "https://news.example.org/story/1"
COVERS = {
    "named": "seeds: [https://news.example.org/]\nwalk: site",
    "upper": "seeds: [https://NEWS.Example.ORG/]",
    "encoded": "seeds: ['https://news.ex%61mple.org/']",
    "wide": "seeds: ['https://news.\uff45xample.org/']",
    "feed": "seeds: [https://other.example/feed]\nwalk: feed",
    "hosts": "seeds: [https://other.example/]\nscope: {hosts: ['*.example.org']}",
    "pattern": "seeds: [https://other.example/]\nscope: {include: [/a/, 're:example[.]org']}",
    "prefix": "seeds: [https://other.example/]\nscope: {include: [/a/, /b/, 'https://news.example.org/']}",
}
NEAR = {"excludes": "seeds: [https://news.example.org/]\nscope: {exclude: [/story/]}"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home: Path = tmp_path_factory.mktemp("home")
    (home / "sources").mkdir()
    for name, said in (COVERS | NEAR).items():
        (home / "sources" / f"{name}.yaml").write_text(f"source: {name}\n{said}\n", "utf-8")
    many = "\n".join(
        f"  - source: s{number}\n    seeds: [https://s{number}.example/]\n    scope: {{include: [/story/]}}"
        for number in range(OTHERS)
    )
    (home / "sources" / "many.yaml").write_text(f"sources:\n{many}\n")
    with open_pressmark(Settings(home=home)) as opened:
        assert not opened.sources.errors
        yield opened


def test_each_source_that_covers_the_page_is_explained(service: Service) -> None:
    told = why(service, PAGE)

    assert {one.source for one in told.sources} == COVERS.keys()
    assert {one.name for one in told.others} == NEAR.keys()
    assert told.elsewhere == OTHERS


def test_one_of_many_sources_in_a_file_is_found(service: Service) -> None:
    told = why(service, "https://www.s7.example/story/1")

    assert "s7" in {one.name for one in told.others} | {one.source for one in told.sources}
    assert told.elsewhere > OTHERS - 2


def test_an_address_may_be_written_in_many_ways(service: Service) -> None:
    assert why(service, "http://127.0.0.1/").elsewhere == 0


@pytest.mark.parametrize(
    "said",
    ['{"source":"a","seeds":["https://b.example/"]}', '{"seeds":"https://b.example/","scope":{"include":["/a","/b"]}}'],
)
def test_a_source_of_another_site_is_not_looked_at(said: str) -> None:
    assert not may_reach(said, "news.example.org")
    assert may_reach(said, "b.example")
